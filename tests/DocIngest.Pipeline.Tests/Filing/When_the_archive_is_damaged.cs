using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Filing;

/// <summary>The scanner's file may hold the only sound bytes: it goes only when the archive's were read back.</summary>
public sealed class When_the_archive_is_damaged
{
    [Fact]
    public async Task What_the_archive_has_lost_is_after_a_rebuild_no_record_that_a_scan_could_double()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("first"));
        await world.RunAsync();
        world.Data.DeleteTree(DataFolder.Archive);
        await world.RunAsync((_, _) => Task.CompletedTask);   // makes an empty archive
        await world.DumpAndRebuildAsync();
        world.Put("again.pdf", IngestWorld.Document("first"));
        await world.RunAsync();
        Assert.Equal("filed", Assert.Single(world.Reports).Outcome);
    }

    [Fact]
    public async Task A_scan_whose_archived_bytes_have_rotted_before_its_claim_was_closed_keeps_its_source()
    {
        int tried = 0;
        for (int n = 1; tried == 0; n++)
        {
            using var world = new IngestWorld();
            world.Put("a.pdf", IngestWorld.Document("first"));
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            await Assert.ThrowsAsync<PowerCutException>(() => world.RunAsync(plan));   // until it was placed, and no later than it is closed
            world.Volume.PowerCut(PowerCutChoice.KeepAll);
            if (world.Counts().GetValueOrDefault("pending") == 1 && world.Archived().Count == 1)
            {
                tried++;
                world.RotOriginals();
                await world.RunAsync();
                Assert.Equal("failed", Assert.Single(world.Reports).Outcome);
                Assert.Equal(["a.pdf"], world.DroppedNames());
                Assert.Equal(["archive-damaged"], world.Alarms().Select(alarm => alarm.Kind));
            }
        }
    }

    [Fact]
    public async Task A_duplicate_of_a_damaged_record_is_left_where_it_lies()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("first"));
        await world.RunAsync();
        world.RotOriginals();

        world.Put("again.pdf", IngestWorld.Document("first"));
        world.Put("other.pdf", IngestWorld.Document("second"));
        await world.RunAsync();
        Assert.Equal(["failed", "filed"], world.Reports.Select(report => report.Outcome).Order());
        Assert.Contains("damaged", world.Reports.Single(report => report.Outcome == "failed").Reason, StringComparison.Ordinal);
        Assert.Equal(["again.pdf"], world.DroppedNames());
        Assert.Equal(["archive-damaged"], world.Alarms().Select(alarm => alarm.Kind));
    }
}
