using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

/// <summary>An archive on a volume in memory whose power can be cut.</summary>
internal sealed class ArchiveWorld
{
    public const string RootPath = "archive";
    public const string StagingPath = "staging";

    private ArchiveWorld(MemoryVolume volume, FaultPlan plan)
    {
        Volume = volume;
        Folder = new FaultyFolder(volume.FolderAt("data"), plan);
    }

    public MemoryVolume Volume { get; }

    public IDurableFolder Folder { get; }

    public OcflStorageRoot Root { get; private set; } = null!;   // every way to make a world opens it

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ArchiveWorld> CreateAsync(FaultPlan? plan = null) =>
        await new ArchiveWorld(new MemoryVolume(), plan ?? FaultPlan.None).OpenAsync();

    /// <summary>The same volume as a new process sees it.</summary>
    public async Task<ArchiveWorld> RestartAsync(FaultPlan? plan = null) =>
        await new ArchiveWorld(Volume, plan ?? FaultPlan.None).OpenAsync();

    public async Task<OcflObject> ArchiveAsync(VersionPlan plan)
    {
        var result = Assert.Single(await Root.CommitGroupAsync([plan.Stage(Root)], Cancellation));
        Assert.IsType<CommitResult.Committed>(result);
        return Read(plan.ObjectId);
    }

    public OcflObject Read(string objectId) => Root.Find(objectId) ?? throw new InvalidOperationException($"No object {objectId}.");

    public string ReadText(string objectId, int version, string logicalPath)
    {
        using var reader = new StreamReader(Root.OpenContent(Read(objectId), new VersionNumber(version), logicalPath));
        return reader.ReadToEnd();
    }

    public Dictionary<string, string> ReadVersion(string objectId, int version) =>
        Read(objectId).ListVersion(new VersionNumber(version)).ToDictionary(file => file.LogicalPath, file => ReadText(objectId, version, file.LogicalPath));

    public void AssertValid() => Assert.Empty(OcflCheck.Validate(Folder, RootPath));

    /// <summary>Every path below a folder, with the bytes of files: to show that nothing changed.</summary>
    public SortedDictionary<string, string> Snapshot(string path = RootPath)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Folder.List(path))
        {
            string child = $"{path}/{entry.Name}";
            found[child] = entry.Kind == EntryKind.File ? Convert.ToBase64String(Folder.TryReadWhole(child, int.MaxValue) ?? []) : "";
            if (entry.Kind == EntryKind.Folder)
            {
                Snapshot(child).ToList().ForEach(below => found.Add(below.Key, below.Value));
            }
        }

        return found;
    }

    /// <summary>Overwrites a file, as damage or an attacker would.</summary>
    public void Overwrite(string path, byte[] content)
    {
        Folder.Delete(path);
        using var file = Folder.Create(path);
        file.Write(content);
    }

    private async Task<ArchiveWorld> OpenAsync()
    {
        Root = await OcflStorageRoot.OpenOrCreateAsync(Folder, RootPath, StagingPath, Cancellation);
        return this;
    }
}

/// <summary>A version to be archived, with the source it can be staged from again and again.</summary>
internal sealed record VersionPlan(string ObjectId, string StagingName, int Version, IReadOnlyDictionary<string, string> Files)
{
    public StagedVersion Stage(OcflStorageRoot root)
    {
        var staged = Version == 1
            ? root.StageNewObject(ObjectId, StagingName)
            : root.StageNextVersion(root.Find(ObjectId) ?? throw new InvalidOperationException("No such object."), StagingName);
        foreach (string gone in Inherited(root).Except(Files.Keys))
        {
            staged.RemoveContent(gone);
        }

        foreach (var (logicalPath, text) in Files)
        {
            staged.AddContent(logicalPath, Encode(text));
        }

        staged.Seal(Some.Info(Version));
        return staged;
    }

    private IEnumerable<string> Inherited(OcflStorageRoot root) =>
        Version > 1 && root.Find(ObjectId) is { } current ? current.ListVersion(current.Head).Select(file => file.LogicalPath) : [];

    private static byte[] Encode(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}

internal static class Some
{
    public const string ObjectId = "urn:uuid:0190c6f0-0000-7000-8000-000000000001";

    public static VersionInfo Info(int version = 1) => new()
    {
        Created = new DateTimeOffset(2026, 3, 4, 5, 6, 0, 789, TimeSpan.Zero).AddSeconds(version),
        Message = version == 1 ? "filed" : "amended",
        UserName = "DocIngest",
        UserAddress = "urn:docingest:service:filing",
    };

    public static VersionPlan Version(int version = 1, string objectId = ObjectId, params (string Path, string Text)[] files) =>
        new(objectId, $"scan-{objectId[^4..]}-{version}", version, files.ToDictionary(file => file.Path, file => file.Text));
}
