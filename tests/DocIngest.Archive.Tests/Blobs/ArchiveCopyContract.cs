using System.Text;
using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit.Servers;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>What a copy of an archive promises, into every kind of store.</summary>
public abstract class ArchiveCopyContract
{
    private const string A = "urn:uuid:0190c6f0-0000-7000-8000-00000000000a";
    private const string B = "urn:uuid:0190c6f0-0000-7000-8000-00000000000b";
    private const string C = "urn:uuid:0190c6f0-0000-7000-8000-00000000000c";

    private static readonly ArchiveCopyOptions OneByOne = new() { Parallelism = 1 };

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<BlobWorld> NewWorldAsync();

    [Fact]
    public async Task Every_version_of_every_object_is_copied_to_the_byte()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var told = new List<ArchiveCopyProgress>();

        var report = await ArchiveCopy.RunAsync(
            await source.OpenAsync(), await target.OpenAsync(), new ArchiveCopyOptions(), new Told(told), Cancellation);

        Assert.Equal((3L, 3L, 0L, true), (report.Objects, report.Copied, report.Present, report.IsComplete));
        Assert.Equal(report.Bytes, (await ContentsAsync(target)).Sum(content => content.Length));
        Assert.Equal((3, 3L, 3L), (told.Count, told.Max(one => one.Objects), told[0].AllObjects));
        Assert.Equal(await BelowRootAsync(source), await BelowRootAsync(target));
        await target.AssertValidAsync("copied");
    }

    [Fact]
    public async Task A_second_copy_writes_nothing()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        await CopyAsync(source, target);
        var plan = new FaultPlan(int.MaxValue, FaultKind.FailBefore);
        var counted = await OcflBlobRoot.OpenAsync(new FaultyBlobStore(target.Store, plan), target.RootPath, target.Clock, cancellation: Cancellation);

        var report = await ArchiveCopy.RunAsync(await source.OpenAsync(), counted, OneByOne, cancellation: Cancellation);

        Assert.Equal((3L, 0L, 3L, 0L), (report.Objects, report.Copied, report.Present, report.Bytes));
        Assert.Equal(0, plan.Operations);   // reads do not count
    }

    [Fact]
    public async Task Later_versions_follow_the_ones_that_are_there()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        await CopyAsync(source, target);
        var root = await source.OpenAsync();
        await source.ArchiveAsync(root, Some.Version(3, A, ("original.pdf", "a3"), ("record.json", "a2 record")));
        await source.ArchiveAsync(root, Some.Version(4, A, ("record.json", "a4 record")) with { StagingName = "a4" });

        var report = await CopyAsync(source, target);

        Assert.Equal((3L, 1L, 2L, 11L), (report.Objects, report.Copied, report.Present, report.Bytes));   // a3 and a4 record
        Assert.Equal(await BelowRootAsync(source), await BelowRootAsync(target));
        await target.AssertValidAsync("copied further");
    }

    /// <summary>The copy is stopped at each operation of its target, and run again as it was; readers meanwhile meet whole objects or none.</summary>
    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailAfter)]
    public async Task A_copy_that_is_cut_short_anywhere_is_taken_up_again(FaultKind kind)
    {
        using var source = await FilledAsync();
        var expected = await BelowRootAsync(source);
        var plan = new FaultPlan(1, kind);
        for (int n = 1; plan.Fired || n == 1; n++)
        {
            plan = new FaultPlan(n, kind);
            using var target = await NewWorldAsync();
            var error = await Record.ExceptionAsync(async () =>
            {
                var cut = await target.OpenAsync(new FaultyBlobStore(target.Store, plan));
                await ArchiveCopy.RunAsync(await source.OpenAsync(), cut, OneByOne, cancellation: Cancellation);
            });
            bool isUnnoticed = kind is FaultKind.FailAfter;   // a put that is refused anyway has nothing to lose
            Assert.True(error is null ? isUnnoticed || !plan.Fired : error is PowerCutException or StorageUnavailableException, $"{kind} at {n}: {error}");
            await target.PassLeasesAsync();
            await foreach (var listing in (await target.OpenAsync()).EnumerateObjectsAsync(Cancellation))
            {
                Assert.True(listing is ObjectListing.Readable, $"{kind} at {n}: {listing}");
            }

            var report = await CopyAsync(source, target);

            Assert.True(report.IsComplete && report.Objects == 3, $"{kind} at {n}: {report}");
            Assert.Equal(expected, await BelowRootAsync(target));
        }
    }

    [Fact]
    public async Task What_is_half_there_is_finished_without_writing_it_again()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var store = new InterruptedStore(target.Store, operation => operation.StartsWith("replace ", StringComparison.Ordinal), _ => throw new StorageUnavailableException("Gone."));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () =>
            await ArchiveCopy.RunAsync(await source.OpenAsync(), await target.OpenAsync(store), OneByOne, cancellation: Cancellation));
        long there = (await ContentsAsync(target)).Sum(content => content.Length);

        var report = await CopyAsync(source, target);

        Assert.True(there > 0);
        Assert.Equal(there, (await ContentsAsync(target)).Sum(content => content.Length) - report.Bytes);
    }

    [Fact]
    public async Task A_damaged_object_is_a_finding_and_the_others_go_on()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var root = await source.OpenAsync();
        await source.OverwriteAsync($"{PathOf(root, A)}/v2/content/record.json", "damaged"u8.ToArray());
        await source.Store.DeleteAsync($"{PathOf(root, B)}/v1/content/copy.pdf", null, Cancellation);   // of two equal files the first is stored

        var report = await CopyAsync(source, target);

        Assert.Equal((3L, 1L, false), (report.Objects, report.Copied, report.IsComplete));
        Assert.Equal(["E092", "E092"], report.Findings.Select(found => found.Finding.Code));
        Assert.All(report.Findings, found => Assert.Equal(root.DisplayName, found.Store));
        Assert.Equal(
            [C],
            await (await target.OpenAsync()).EnumerateObjectsAsync(Cancellation).Select(listing => ((ObjectListing.Readable)listing).Object.Id).ToListAsync(Cancellation));
        await target.AssertValidAsync("nothing half is left of the damaged");
    }

    [Theory]
    [InlineData("a2 record", "E060")]    // a byte of the text
    [InlineData("climb", "E099")]
    [InlineData("history", "E066")]
    public async Task A_tampered_inventory_is_a_finding(string how, string code)
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        string path = PathOf(await source.OpenAsync(), A);
        string text = Encoding.UTF8.GetString(await source.BytesAsync($"{path}/inventory.json"));
        switch (how)
        {
            case "climb":
                await RewriteAsync(source, [path, $"{path}/v2"], text.Replace("v1/content/original.pdf", "v1/content/../../../../../x", StringComparison.Ordinal));
                break;
            case "history":
                string first = Encoding.UTF8.GetString(await source.BytesAsync($"{path}/v1/inventory.json"));
                await RewriteAsync(source, [$"{path}/v1"], first.Replace("[\"original.pdf\"]", "[\"other.pdf\"]", StringComparison.Ordinal));
                break;
            default:
                await source.OverwriteAsync($"{path}/inventory.json", Encoding.UTF8.GetBytes(text.Replace("amended", "Amended", StringComparison.Ordinal)));
                break;
        }

        var report = await CopyAsync(source, target);

        Assert.Equal(code, Assert.Single(report.Findings).Finding.Code);
        Assert.Equal((3L, 2L), (report.Objects, report.Copied));
        await target.AssertValidAsync("the others");
    }

    [Fact]
    public async Task Another_history_in_the_target_is_left_alone()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var there = await target.OpenAsync();
        await target.ArchiveAsync(there, Some.Version(1, A, ("original.pdf", "another")));
        await target.ArchiveAsync(there, Some.Version(1, B, ("original.pdf", "b1"), ("copy.pdf", "b1")));   // as in the source
        await target.ArchiveAsync(there, Some.Version(2, B, ("original.pdf", "went another way")) with { StagingName = "b2" });
        var before = await target.SnapshotAsync();

        var report = await CopyAsync(source, target);

        Assert.Equal([FindingCodes.OtherHistory, FindingCodes.TargetIsAhead], report.Findings.Select(found => found.Finding.Code).Order(StringComparer.Ordinal));
        Assert.Equal((3L, 1L), (report.Objects, report.Copied));
        var after = await target.SnapshotAsync();
        Assert.All(before, blob => Assert.Equal(blob.Value, after[blob.Key]));
        await target.AssertValidAsync("histories apart");
    }

    [Fact]
    public async Task What_belongs_to_no_version_is_told_and_not_copied()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var root = await source.OpenAsync();
        await source.Store.PutIfAbsentAsync($"{PathOf(root, C)}/logs/log.txt", new MemoryStream([1]), Cancellation);
        await source.Store.PutIfAbsentAsync("elsewhere/file", new MemoryStream([1]), Cancellation);

        var report = await CopyAsync(source, target);

        Assert.Equal(["B100", "E088"], report.Findings.Select(found => found.Finding.Code).Order(StringComparer.Ordinal));
        Assert.Equal((3L, 3L), (report.Objects, report.Copied));
        await target.AssertValidAsync("without the logs");
    }

    [Fact]
    public async Task What_is_only_being_made_is_no_object_yet()
    {
        using var source = await FilledAsync();
        using var target = await NewWorldAsync();
        var root = await source.OpenAsync();
        await source.Store.PutIfAbsentAsync($"{root.Places.ObjectPath(Some.ObjectId)}/0=ocfl_object_1.1", new MemoryStream(ObjectRootFiles.Declaration.ToArray()), Cancellation);

        Assert.Equal((3L, true), (await CopyAsync(source, target)) is var report ? (report.Objects, report.IsComplete) : default);
    }

    private static async Task<BlobWorld> FilledAsync()
    {
        var world = BlobWorld.InMemory();
        var root = await world.OpenAsync();
        await world.ArchiveAsync(root, Some.Version(1, A, ("original.pdf", "a1"), ("record.json", "a1 record")));
        await world.ArchiveAsync(root, Some.Version(2, A, ("original.pdf", "a1"), ("record.json", "a2 record")));
        await world.ArchiveAsync(root, Some.Version(1, B, ("original.pdf", "b1"), ("copy.pdf", "b1")));
        await world.ArchiveAsync(root, Some.Version(1, C, ("original.pdf", "c1")));
        await world.ArchiveAsync(root, Some.Version(2, C, ("renamed.pdf", "c1")));   // nothing new
        return world;
    }

    private static async Task<ArchiveCopyReport> CopyAsync(BlobWorld source, BlobWorld target) =>
        await ArchiveCopy.RunAsync(await source.OpenAsync(), await target.OpenAsync(), OneByOne, cancellation: Cancellation);

    private static string PathOf(OcflBlobRoot root, string id) => root.Places.ObjectPath(id);

    private static async Task RewriteAsync(BlobWorld world, string[] folders, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (string folder in folders)
        {
            await world.OverwriteAsync($"{folder}/inventory.json", bytes);
            await world.OverwriteAsync($"{folder}/inventory.json.sha512", Sidecar.Write(Sha512Digest.Of(bytes)));
        }
    }

    private static async Task<List<byte[]>> ContentsAsync(BlobWorld world) =>
        [.. (await world.SnapshotAsync()).Where(blob => blob.Key.Contains("/content/", StringComparison.Ordinal)).Select(blob => Convert.FromBase64String(blob.Value))];

    private static async Task<Dictionary<string, string>> BelowRootAsync(BlobWorld world) =>
        (await world.SnapshotAsync()).ToDictionary(blob => blob.Key[(world.RootPath.Length == 0 ? 0 : world.RootPath.Length + 1)..], blob => blob.Value);

    private sealed class Told(List<ArchiveCopyProgress> told) : IProgress<ArchiveCopyProgress>
    {
        public void Report(ArchiveCopyProgress value)
        {
            lock (told)
            {
                told.Add(value);
            }
        }
    }
}

public sealed class ArchiveCopyToMemoryTests : ArchiveCopyContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InMemory());
}

public sealed class ArchiveCopyToFolderTests : ArchiveCopyContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InFolder(new MemoryVolume().FolderAt("")));

    /// <summary>Below the blobs lies a disk: whatever of its unflushed changes a power cut keeps, the copy goes on from there.</summary>
    [Fact]
    public async Task At_any_operation_of_the_disk_the_copy_is_taken_up_again()
    {
        using var source = await OneObject.FilledAsync();
        foreach (var choice in PowerCutChoice.Samples(seeds: 2))
        {
            var plan = new FaultPlan(1, FaultKind.PowerCut);
            for (int n = 1; plan.Fired || n == 1; n += 3)
            {
                var volume = new MemoryVolume();
                plan = new FaultPlan(n, FaultKind.PowerCut);
                await Record.ExceptionAsync(async () =>
                {
                    using var cut = BlobWorld.InFolder(new FaultyFolder(volume.FolderAt(""), plan));
                    await OneObject.CopyAsync(source, cut);
                });
                volume.PowerCut(choice);
                using var target = BlobWorld.InFolder(volume.FolderAt(""));
                await target.PassLeasesAsync();

                var report = await OneObject.CopyAsync(source, target);

                Assert.True(report.IsComplete && report.Objects == 1, $"cut at {n}, {choice}: {report}");
                var validated = await OcflValidator.ValidateAsync(volume.FolderAt("archive"), new ValidationOptions { Parallelism = 1 }, cancellation: Cancellation);
                Assert.True(validated.Findings.Count == 0, $"cut at {n}, {choice}: {string.Join('\n', validated.Findings)}");
            }
        }
    }

    private static class OneObject
    {
        public static async Task<BlobWorld> FilledAsync()
        {
            var world = BlobWorld.InMemory();
            var root = await world.OpenAsync();
            await world.ArchiveAsync(root, Some.Version(1, files: ("original.pdf", "1")));
            await world.ArchiveAsync(root, Some.Version(2, files: [("original.pdf", "1"), ("record.json", "2")]));
            return world;
        }

        public static async Task<ArchiveCopyReport> CopyAsync(BlobWorld source, BlobWorld target) =>
            await ArchiveCopy.RunAsync(await source.OpenAsync(), await target.OpenAsync(), new ArchiveCopyOptions { Parallelism = 1 }, cancellation: Cancellation);
    }
}

[Collection(Azurite.Clock)]
public sealed class ArchiveCopyToAzureTests(Azurite azurite) : ArchiveCopyContract
{
    private readonly string _container = Azurite.NewContainer();
    private int _worlds;

    private protected override async Task<BlobWorld> NewWorldAsync()
    {
        var store = new AzureBlobStore(azurite.Account, _container, $"copies/{++_worlds}");
        await store.CreateContainerAsync(Cancellation);
        return new BlobWorld(store, "", BlobWorld.NewClock(), azurite.AdvanceAsync);
    }
}
