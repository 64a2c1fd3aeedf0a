using DocIngest.Archive.Tests.Blobs;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

/// <summary>A place with an archive in it, and a disk with a staging folder; each opening is a process of its own.</summary>
internal abstract class ArchiveSite : IDisposable
{
    public MemoryVolume Disk { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the archive, made where there is none. Operations on the disk and on the store are counted together.</summary>
    public abstract Task<IArchive> OpenAsync(FaultPlan? plan = null);

    /// <summary>Lets everybody die who has it open, and with them what they held.</summary>
    public abstract Task DieAsync();

    public abstract Task AssertValidAsync(string because);

    public abstract Task<IReadOnlyDictionary<string, string>> SnapshotAsync();

    /// <summary>Overwrites something of the archive, as damage would; the path is that of an object's file.</summary>
    public abstract Task OverwriteAsync(string path, byte[] content);

    public abstract Task AddAsync(string path, byte[] content);

    public virtual void Dispose()
    {
    }

    protected FaultyFolder Data(FaultPlan? plan)
    {
        Disk.FolderAt("data").CreateFolder("staging");
        return new FaultyFolder(Disk.FolderAt("data"), plan ?? FaultPlan.None);
    }
}

/// <summary>An archive on a disk.</summary>
internal sealed class FolderSite : ArchiveSite
{
    public override async Task<IArchive> OpenAsync(FaultPlan? plan = null) =>
        await OcflStorageRoot.OpenOrCreateAsync(Data(plan), "archive", "staging", Cancellation);

    public override Task DieAsync() => Task.CompletedTask;

    public override Task AssertValidAsync(string because)
    {
        var findings = OcflCheck.Validate(Disk.FolderAt("data"), "archive");
        Assert.True(findings.Count == 0, $"{because}: {string.Join('\n', findings)}");
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyDictionary<string, string>> SnapshotAsync()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Snapshot("archive", found);
        return Task.FromResult<IReadOnlyDictionary<string, string>>(found);
    }

    public override Task OverwriteAsync(string path, byte[] content)
    {
        Disk.FolderAt("data").Delete(path);
        return AddAsync(path, content);
    }

    public override Task AddAsync(string path, byte[] content)
    {
        var folder = Disk.FolderAt("data");
        folder.CreateFolder(path[..path.LastIndexOf('/')]);
        folder.WriteWhole(path, content);
        return Task.CompletedTask;
    }

    private void Snapshot(string path, IDictionary<string, string> found)
    {
        var folder = Disk.FolderAt("data");
        foreach (var entry in folder.List(path))
        {
            string child = $"{path}/{entry.Name}";
            if (entry.Kind == EntryKind.Folder)
            {
                Snapshot(child, found);
            }
            else
            {
                found.Add(child, Convert.ToBase64String(folder.TryReadWhole(child, int.MaxValue) ?? []));
            }
        }
    }
}

/// <summary>An archive in a blob store, which one installation owns.</summary>
/// <param name="world">The store.</param>
/// <param name="window">For how long what is committed is immutable; null for not at all.</param>
internal sealed class BlobSite(BlobWorld world, TimeSpan? window = null) : ArchiveSite
{
    public const string OwnerBlob = "owner.of.archive";

    public static readonly Guid Installation = new("0b9f5b3e-1111-4222-8333-444455556666");

    private readonly List<ArchiveOwnership> _opened = [];

    public override async Task<IArchive> OpenAsync(FaultPlan? plan = null)
    {
        var store = new FaultyBlobStore(world.Store, plan ?? FaultPlan.None);
        var ownership = new ArchiveOwnership(store, OwnerBlob, () => Installation, world.Clock);
        _opened.Add(ownership);
        var root = await world.OpenAsync(store);
        return new OcflBlobArchive(window is { } time ? root.ProtectedFor(time) : root, Data(plan), "staging", ownership, "archive");
    }

    public override Task DieAsync()
    {
        _opened.ForEach(ownership => ownership.Dispose());
        _opened.Clear();
        return world.PassLeasesAsync();
    }

    public override async Task AssertValidAsync(string because) => await world.AssertValidAsync(because, OwnerBlob);

    public override async Task<IReadOnlyDictionary<string, string>> SnapshotAsync()
    {
        var found = await world.SnapshotAsync();
        found.Remove(OwnerBlob);
        return found;
    }

    public override Task OverwriteAsync(string path, byte[] content) => world.OverwriteAsync(path, content);

    public override Task AddAsync(string path, byte[] content) => world.Store.PutIfAbsentAsync(path, new MemoryStream(content), Cancellation);

    public override void Dispose()
    {
        _opened.ForEach(ownership => ownership.Dispose());
        world.Dispose();
        base.Dispose();
    }
}
