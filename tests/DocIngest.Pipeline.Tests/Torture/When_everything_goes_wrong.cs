using Dapper;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Torture;

/// <summary>
/// The n-th operation on the disk goes wrong, for n = 1, 2, 3 … until none is left; then the process starts again. After each:
/// nothing lost (I1), nothing doubled (I2), a valid archive, a catalog equal to a rebuilt one, receipts that add up.
/// </summary>
public class When_everything_goes_wrong
{
    // The short round tries each way of losing data at every third operation, beginning at another one each; the long round at all.
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DOCINGEST_LONG") is { Length: > 0 };
    private static readonly int Seeds = IsLong ? 12 : 2;

    /// <summary>Which operations a short round tries: each third, or so.</summary>
    protected virtual int ShortStride => 3;

    private int Stride => IsLong ? 1 : ShortStride;

    public static TheoryData<FaultKind> Faults => new(FaultKind.FailBefore, FaultKind.FailAfter, FaultKind.Full, FaultKind.TornWrite, FaultKind.FlushFails);

    [Fact]
    public async Task Power_may_go_at_any_operation_and_nothing_is_lost_or_doubled()
    {
        int start = 0;
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            int n = start++ % Stride - Stride + 1;
            for (bool fired = true; fired;)
            {
                using var world = SmallBatch(out var dropped);
                var plan = new FaultPlan(n += Stride, FaultKind.PowerCut);
                await RunUntilPowerCutAsync(world, plan);
                fired = plan.Fired;
                world.Volume.PowerCut(choice);
                await world.RunAsync();
                await DemandInvariantsAsync(world, dropped, $"power cut at operation {n}, {choice}");
            }

            Assert.True(n > 60, $"only {n} operations were tried");
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Any_operation_may_fail_and_nothing_is_lost_or_doubled(FaultKind kind)
    {
        int n = (int)kind % Stride - Stride + 1;
        for (bool fired = true; fired;)
        {
            using var world = SmallBatch(out var dropped);
            var plan = new FaultPlan(n += Stride, kind);
            await RunWhateverHappensAsync(world, plan);
            fired = plan.Fired;
            await world.RunAsync();
            await DemandInvariantsAsync(world, dropped, $"{kind} at operation {n}");
        }

        Assert.True(n > (kind == FaultKind.FlushFails ? 3 : 60), $"only {n} operations were tried");
    }

    [Fact]
    public async Task Power_may_go_again_during_recovery()
    {
        for (int first = 5; first < 200; first += IsLong ? 7 : 41)
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                using var world = SmallBatch(out var dropped);
                await RunUntilPowerCutAsync(world, new FaultPlan(first, FaultKind.PowerCut));
                world.Volume.PowerCut(PowerCutChoice.Random(first));
                n += IsLong ? 3 : 17;
                var again = new FaultPlan(n, FaultKind.PowerCut);
                await RunUntilPowerCutAsync(world, again);
                fired = again.Fired;
                world.Volume.PowerCut(PowerCutChoice.Random(n));
                await world.RunAsync();
                await DemandInvariantsAsync(world, dropped, $"power cut at {first}, and at {n} of the recovery");
            }
        }
    }

    private protected virtual IngestWorld NewWorld() => new();

    // Two records, the same bytes again under another name, a second scan of a keyed document, and something that is no document.
    private IngestWorld SmallBatch(out Dictionary<string, string> dropped)
    {
        var world = NewWorld();
        world.Reader = new RenditionReader();
        world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        dropped = new Dictionary<string, string>
        {
            ["a.pdf"] = "first",
            ["b.pdf"] = "second",
            ["b-again.pdf"] = "second",
            ["K1_one.pdf"] = "keyed, first scan",
            ["K1_two.pdf"] = "keyed, second scan",
        }.ToDictionary(file => file.Key, file => System.Text.Encoding.UTF8.GetString(IngestWorld.Document(file.Value)));
        dropped["notes.txt"] = "no document";
        foreach (var (name, content) in dropped)
        {
            world.Put(name, System.Text.Encoding.UTF8.GetBytes(content));
        }

        return world;
    }

    private static async Task RunUntilPowerCutAsync(IngestWorld world, FaultPlan plan)
    {
        try
        {
            await world.RunAsync(plan);
        }
        catch (PowerCutException)
        {
            // The process is gone; the test goes on with what the disk kept.
        }
    }

    private static async Task RunWhateverHappensAsync(IngestWorld world, FaultPlan plan)
    {
        try
        {
            await world.RunAsync(plan);
        }
        catch (StorageException)
        {
            // Where even starting fails the command ends with an error: as good as a crash.
        }
    }

    private static async Task DemandInvariantsAsync(IngestWorld world, Dictionary<string, string> dropped, string after)
    {
        // I1: each dropped file is whole in the archive or in quarantine; after a clean run none is left in the drop folder.
        Assert.True(world.Dropped().Count == 0, $"{after}: left in the drop folder: {string.Join(" | ", world.Dropped())}; {string.Join(" | ", world.Reports)}");
        var archived = world.Archived();
        foreach (string content in dropped.Where(file => file.Key != "notes.txt").Select(file => file.Value).Distinct())
        {
            // I2: once, and only once.
            Assert.True(archived.Count(file => file.Content == content) == 1, $"{after}: {archived.Count(file => file.Content == content)} times: {content}");
        }

        // Each version has the rendition of its own scan.
        Assert.All(world.Renditions(), version => Assert.True(
            version.Rendition == System.Text.Encoding.UTF8.GetString(RenditionReader.Rendition(version.ScanId)), $"{after}: {version.ScanId} has {version.Rendition}"));

        Assert.True(world.Quarantined() is [var only] && only == dropped["notes.txt"], $"{after}: quarantine holds {world.Quarantined().Count}");
        Assert.True(world.Data.List(DataFolder.Staging).All(entry => entry.Kind != EntryKind.Folder), $"{after}: staging was not swept: {string.Join(", ", world.Data.List(DataFolder.Staging).Select(entry => entry.Name))}; {string.Join(" | ", world.Reports)}");

        // The archive is valid by an independent check, and the catalog is what a rebuild makes.
        Assert.True(OcflCheck.Validate(world.Data, DataFolder.Archive) is [], $"{after}: {string.Join("; ", OcflCheck.Validate(world.Data, DataFolder.Archive))}");
        var (live, rebuilt) = await world.DumpAndRebuildAsync();
        Assert.True(live == rebuilt, $"{after}: the catalog differs from a rebuilt one");

        // Every dropped file is accounted for, with one receipt each.
        var counts = world.Ask(ScanTable.Counts).ToDictionary(row => row.Outcome, row => row.Count);
        Assert.True(counts.GetValueOrDefault("pending") == 0, $"{after}: {counts.GetValueOrDefault("pending")} pending");
        long receipts = world.Ask(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM receipt WHERE outcome <> 'failed'"));
        Assert.True(receipts == dropped.Count, $"{after}: {receipts} receipts for {dropped.Count} files");
        Assert.True(ReceiptLines(world) == world.Ask(ReceiptTable.Totals).Count, $"{after}: the receipt files have {ReceiptLines(world)} lines");
    }

    private static int ReceiptLines(IngestWorld world) => world.Data.List(DataFolder.Receipts).Sum(file =>
    {
        using var reader = new StreamReader(world.Data.OpenRead($"{DataFolder.Receipts}/{file.Name}"));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    });
}

/// <summary>The same where the archive is a blob store.</summary>
public sealed class When_everything_goes_wrong_in_blobs : When_everything_goes_wrong
{
    // Seven times the operations.
    protected override int ShortStride => 23;

    private protected override IngestWorld NewWorld() => new() { IsInBlobs = true };
}
