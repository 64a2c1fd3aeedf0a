using DocIngest.Archive;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>The original among a version's files.</summary>
internal static class ArchivedOriginal
{
    public const string Prefix = "original.";

    /// <summary>Finds it; null where the version has none.</summary>
    public static ArchivedFile? Of(OcflObject record, VersionNumber version) =>
        record.ListVersion(version).FirstOrDefault(file => file.LogicalPath.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>Copies it out of the archive, into which extraction workers must not reach. What is copied is what its digest says.</summary>
    /// <param name="environment">Archive and data folder.</param>
    /// <param name="record">The record.</param>
    /// <param name="version">Which of its originals.</param>
    /// <param name="target">A new file in the data folder, below staging.</param>
    /// <param name="cancellation">Leaves a part of it.</param>
    /// <exception cref="DamagedObjectException">The version has none, or its file is missing.</exception>
    /// <exception cref="FixityException">Its content does not match its digest. What was copied must not be used.</exception>
    /// <exception cref="StorageException">Staging cannot be used.</exception>
    public static async Task CopyOutAsync(
        IngestEnvironment environment, OcflObject record, VersionNumber version, string target, CancellationToken cancellation)
    {
        var original = Of(record, version) ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, record.Path, "Its version has no original."));
        await using var content = environment.Archive.OpenContent(record, version, original.LogicalPath);
        await using var copy = environment.Data.Create(target);
        await content.CopyToAsync(copy, cancellation);
    }
}
