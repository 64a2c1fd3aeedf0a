using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Intake;

public sealed class SourceRemoverTests : IDisposable
{
    private readonly DropFolderInTest _drop = new();

    public void Dispose() => _drop.Dispose();

    [Fact]
    public void The_claimed_file_goes_with_its_companions()
    {
        _drop.Profile.Sidecar = SidecarMode.Optional;
        _drop.Profile.DoneFile = true;
        _drop.Put("a.pdf.json", "{}");
        _drop.Put("a.pdf.done", "");
        var claim = Claim("a.pdf", sidecar: "{}");
        Assert.Equal(SourceState.Removed, SourceRemover.Remove(_drop.Drop, claim));
        Assert.Empty(Names);
    }

    [Fact]
    public void A_replaced_or_grown_file_stays()
    {
        var claim = Claim("a.pdf");
        _drop.Append("a.pdf", "late bytes");
        Assert.Equal(SourceState.Gone, SourceRemover.Remove(_drop.Drop, claim));
        Assert.Equal(["a.pdf"], Names);
    }

    [Fact]
    public void Late_bytes_that_come_while_it_stands_aside_are_given_back()
    {
        var claim = Claim("a.pdf");
        string aside = DropFolder.AsidePath("a.pdf", claim.Id);
        _drop.Folder.Move("a.pdf", aside);
        _drop.Append(aside, "late bytes");
        Assert.Equal(SourceState.Gone, SourceRemover.FinishAside(_drop.Drop, claim, aside));
        Assert.Equal("contentlate bytes", IngestWorld.ReadText(_drop.Folder, "a.pdf"));
    }

    [Fact]
    public void What_is_given_back_never_replaces_a_newer_file_of_its_name()
    {
        var claim = Claim("a.pdf");
        string aside = DropFolder.AsidePath("a.pdf", claim.Id);
        _drop.Folder.Move("a.pdf", aside);
        _drop.Append(aside, "late bytes");
        _drop.Put("a.pdf", "newer");
        _drop.Put("a.returned-1.pdf", "taken too");
        SourceRemover.FinishAside(_drop.Drop, claim, aside);
        Assert.Equal(["a.pdf", "a.returned-1.pdf", "a.returned-2.pdf"], Names);
        Assert.Equal("newer", IngestWorld.ReadText(_drop.Folder, "a.pdf"));
    }

    [Fact]
    public void A_long_name_whose_ending_is_no_plain_text_is_given_back_too()
    {
        string name = new string('n', 210) + "." + new string('\u20AC', 14);   // the ending is of 43 bytes
        var claim = Claim(name);
        string aside = DropFolder.AsidePath(name, claim.Id);
        _drop.Folder.Move(name, aside);
        _drop.Append(aside, "late bytes");
        _drop.Put(name, "newer");
        SourceRemover.FinishAside(_drop.Drop, claim, aside);
        Assert.Equal("newer", IngestWorld.ReadText(_drop.Folder, name));
        Assert.Equal("contentlate bytes", IngestWorld.ReadText(_drop.Folder, Assert.Single(Names, other => other != name)));
    }

    [Fact]
    public void A_file_open_for_writing_comes_back_and_goes_later()
    {
        var claim = Claim("a.pdf");
        using (_drop.Folder.OpenAppend("a.pdf"))
        {
            Assert.Equal(SourceState.Present, SourceRemover.Remove(_drop.Drop, claim));
            Assert.Equal(["a.pdf"], Names);
        }

        Assert.Equal(SourceState.Removed, SourceRemover.Remove(_drop.Drop, claim));
    }

    [Fact]
    public void The_companions_of_a_newer_scan_of_the_same_name_stay()
    {
        _drop.Profile.Sidecar = SidecarMode.Optional;
        _drop.Profile.DoneFile = true;
        var claim = Claim("a.pdf", sidecar: "{}");
        _drop.Folder.Move("a.pdf", DropFolder.AsidePath("a.pdf", claim.Id));
        _drop.Time.Advance(TimeSpan.FromSeconds(5));
        _drop.Put("a.pdf", "newer");
        _drop.Put("a.pdf.json", "{}");
        _drop.Put("a.pdf.done", "");
        Assert.Equal(SourceState.Removed, SourceRemover.Remove(_drop.Drop, claim));
        Assert.Equal(["a.pdf", "a.pdf.done", "a.pdf.json"], Names);
    }

    [Fact]
    public void A_crash_at_any_step_leaves_what_the_next_attempt_ends()
    {
        foreach (var choice in PowerCutChoice.Samples(6))
        {
            for (int n = 1; n <= 5; n++)
            {
                using var drop = new DropFolderInTest();
                drop.Profile.Sidecar = SidecarMode.Optional;
                drop.Put("a.pdf.json", "{}");
                drop.Put("a.pdf");
                drop.Volume.PowerCut(PowerCutChoice.KeepAll);
                var claim = Claim(drop, "a.pdf", "{}");
                try
                {
                    SourceRemover.Remove(
                        new DropFolder(drop.Profile, new FaultyFolder(drop.Folder, new FaultPlan(n, FaultKind.PowerCut)), "/volume/drop"), claim);
                }
                catch (PowerCutException)
                {
                    // As a kill.
                }

                drop.Volume.PowerCut(choice);
                Assert.True(SourceRemover.Remove(drop.Drop, claim) is SourceState.Removed or SourceState.Gone);
                Assert.Empty(drop.Folder.List(""));
            }
        }
    }

    private IEnumerable<string> Names => _drop.Folder.List("").Select(entry => entry.Name).Order(StringComparer.Ordinal);

    private Claim Claim(string name, string? sidecar = null)
    {
        _drop.Put(name);
        return Claim(_drop, name, sidecar);
    }

    private static Claim Claim(DropFolderInTest drop, string name, string? sidecar) => new(
        new RecordIdSource(drop.Time).Draw(), "default", $"/volume/drop/{name}", "", drop.Folder.Find(name)!.Stamp,   // just put there
        drop.Time.GetUtcNow(), null, sidecar, RemovesSource: true);
}
