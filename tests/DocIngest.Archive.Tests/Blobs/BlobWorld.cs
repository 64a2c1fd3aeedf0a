using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>An empty blob store with a clock that tests let go on, and a staging folder that outlives every crash.</summary>
internal sealed class BlobWorld(IBlobStore store, string rootPath, FakeTimeProvider clock, Func<TimeSpan, Task> pass, IDisposable? owned = null) : IDisposable
{
    private readonly IDurableFolder _staging = NewStaging();

    public IBlobStore Store => store;

    public string RootPath => rootPath;

    public TimeProvider Clock => clock;

    public VersionStaging Staging => new(_staging, "staging");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static BlobWorld InMemory(string rootPath = "")
    {
        var clock = NewClock();
        return new BlobWorld(new MemoryBlobStore(clock), rootPath, clock, NoServer);
    }

    public static BlobWorld InFolder(IDurableFolder folder)
    {
        var clock = NewClock();
        var local = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), clock, "~archive");
        return new BlobWorld(local, "archive", clock, NoServer, local);
    }

    public static FakeTimeProvider NewClock() => new(DateTimeOffset.UnixEpoch.AddYears(60));

    public Task<OcflBlobRoot> OpenAsync(IBlobStore? through = null) =>
        OcflBlobRoot.OpenOrCreateAsync(through ?? store, rootPath, clock, cancellation: Cancellation);

    /// <summary>As another process sees it whose clock stands still: it renews no lease.</summary>
    public Task<OcflBlobRoot> OpenAsleepAsync(IBlobStore through) =>
        OcflBlobRoot.OpenOrCreateAsync(through, rootPath, NewClock(), cancellation: Cancellation);

    /// <summary>Long enough for every lease of somebody dead to run out.</summary>
    public Task PassLeasesAsync() => PassAsync(ObjectLease.Duration + TimeSpan.FromSeconds(1));

    public async Task PassAsync(TimeSpan time)
    {
        clock.Advance(time);
        await pass(time);
    }

    public async Task<StagedVersion> StageAsync(OcflBlobRoot root, VersionPlan plan)
    {
        var current = plan.Version == 1 ? null : await root.FindAsync(plan.ObjectId, Cancellation) ?? throw new InvalidOperationException("No such object.");
        return Stage(current, plan);
    }

    public StagedVersion Stage(OcflObject? current, VersionPlan plan)
    {
        var staged = current is null ? Staging.StageNewObject(plan.ObjectId, plan.StagingName) : Staging.StageNextVersion(current, plan.StagingName);
        foreach (var gone in current?.ListVersion(current.Head).Where(file => !plan.Files.ContainsKey(file.LogicalPath)) ?? [])
        {
            staged.RemoveContent(gone.LogicalPath);
        }

        foreach (var (logicalPath, text) in plan.Files)
        {
            staged.AddContent(logicalPath, System.Text.Encoding.UTF8.GetBytes(text));
        }

        staged.Seal(Some.Info(plan.Version));
        return staged;
    }

    public async Task<OcflObject> ArchiveAsync(OcflBlobRoot root, VersionPlan plan)
    {
        Assert.IsType<CommitResult.Committed>(await root.CommitAsync(await StageAsync(root, plan), Cancellation));
        return await root.FindAsync(plan.ObjectId, Cancellation) ?? throw new InvalidOperationException("Not there.");
    }

    public static async Task<Dictionary<string, string>> ReadVersionAsync(OcflBlobRoot root, string objectId, int version)
    {
        var found = await root.FindAsync(objectId, Cancellation) ?? throw new InvalidOperationException("Not there.");
        var read = new Dictionary<string, string>();
        foreach (var file in found.ListVersion(new VersionNumber(version)))
        {
            using var reader = new StreamReader(await root.OpenContentAsync(found, new VersionNumber(version), file.LogicalPath, Cancellation));
            read.Add(file.LogicalPath, await reader.ReadToEndAsync(Cancellation));
        }

        return read;
    }

    /// <summary>Every blob with its bytes: to show what changed, and that nothing did.</summary>
    public async Task<SortedDictionary<string, string>> SnapshotAsync()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var blob in store.ListAsync("", Cancellation))
        {
            found.Add(blob.Name, Convert.ToBase64String(await BytesAsync(blob.Name)));
        }

        return found;
    }

    public async Task<byte[]> BytesAsync(string name)
    {
        await using var content = await store.OpenReadAsync(name, 0, null, Cancellation);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }

    /// <summary>Overwrites a blob, as damage or an attacker would.</summary>
    public async Task OverwriteAsync(string name, byte[] content)
    {
        await store.DeleteAsync(name, lease: null, Cancellation);
        await store.PutIfAbsentAsync(name, new MemoryStream(content), Cancellation);
    }

    /// <summary>Valid for our validator and for one that shares no code with us, and nothing else in the store.</summary>
    public async Task AssertValidAsync(string because, string? beside = null)
    {
        var volume = new MemoryVolume();
        var folder = volume.FolderAt("copy");
        foreach (var (name, bytes) in await SnapshotAsync())
        {
            if (name == beside)
            {
                continue;
            }

            Assert.StartsWith(rootPath, name, StringComparison.Ordinal);
            string path = name[(rootPath.Length == 0 ? 0 : rootPath.Length + 1)..];
            folder.CreateFolder(path.Contains('/') ? path[..path.LastIndexOf('/')] : "");
            using var file = folder.Create(path);
            file.Write(Convert.FromBase64String(bytes));
        }

        var report = await OcflValidator.ValidateAsync(folder, new ValidationOptions { Parallelism = 1 }, cancellation: Cancellation);
        Assert.True(report.Findings.Count == 0, $"{because}: {string.Join('\n', report.Findings)}");
        Assert.Equal(ValidationSubject.StorageRoot, report.Subject);
        var second = OcflCheck.Validate(volume.FolderAt(""), "copy");
        Assert.True(second.Count == 0, $"{because}: {string.Join('\n', second)}");
    }

    public void Dispose() => owned?.Dispose();

    private static Task NoServer(TimeSpan time) => Task.CompletedTask;

    private static IDurableFolder NewStaging()
    {
        var folder = new MemoryVolume().FolderAt("data");
        folder.CreateFolder("staging");
        return folder;
    }
}
