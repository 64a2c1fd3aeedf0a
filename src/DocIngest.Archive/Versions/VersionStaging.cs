using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Where versions for an archive in blobs are put together: a folder on a local disk.</summary>
/// <param name="folder">Any durable folder.</param>
/// <param name="stagingPath">The staging folder in it; must exist.</param>
public sealed class VersionStaging(IDurableFolder folder, string stagingPath)
{
    private readonly ArchivePlaces _places = new(folder, rootPath: "", stagingPath);

    /// <inheritdoc cref="OcflStorageRoot.StageNewObject" />
    public StagedVersion StageNewObject(string objectId, string stagingName, FlushMark? since = null) =>
        new(_places, objectId, stagingName, current: null, since);

    /// <inheritdoc cref="OcflStorageRoot.StageNextVersion" />
    public StagedVersion StageNextVersion(OcflObject current, string stagingName, FlushMark? since = null) =>
        new(_places, current.Id, stagingName, current, since);

    /// <inheritdoc cref="OcflStorageRoot.Discard" />
    public void Discard(string stagingName) => folder.DeleteTree(_places.StagingPath(stagingName));
}
