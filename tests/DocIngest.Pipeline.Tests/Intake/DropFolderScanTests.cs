using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Intake;

public sealed class DropFolderScanTests : IDisposable
{
    private readonly DropFolderInTest _drop = new();

    public void Dispose() => _drop.Dispose();

    private IEnumerable<string> Found => _drop.Scan().Candidates.Select(candidate => candidate.Path).Order(StringComparer.Ordinal);

    [Fact]
    public void Masks_let_in_and_keep_out()
    {
        _drop.Profile.Include = ["*.pdf", "*.TIF"];
        _drop.Profile.Exclude = [".*", "private/*", "draft-*"];
        foreach (string path in new[] { "a.PDF", "b.tif", "c.txt", ".d.pdf", "draft-e.pdf", "private/f.pdf", "sub/g.pdf", "sub/private/h.pdf" })
        {
            _drop.Put(path);
        }

        Assert.Equal(["a.PDF", "b.tif", "sub/g.pdf", "sub/private/h.pdf"], Found);
    }

    [Fact]
    public void Subfolders_that_hold_no_scans_are_kept_out_at_any_depth()
    {
        foreach (string path in new[] { "a.pdf", ".Trash-1000/files/b.pdf", "ward/@eaDir/c.pdf", "ward/__MACOSX/d.pdf", "lost+found/e.pdf", "ward/f.pdf" })
        {
            _drop.Put(path);
        }

        Assert.Equal(["a.pdf", "ward/f.pdf"], Found);
    }

    [Fact]
    public void Without_subfolders_only_the_top_is_looked_at()
    {
        _drop.Profile.Subfolders = false;
        _drop.Put("a.pdf");
        _drop.Put("sub/b.pdf");
        Assert.Equal(["a.pdf"], Found);
    }

    [Fact]
    public void The_feedback_folder_inside_the_drop_folder_is_no_place_for_scans()
    {
        _drop.IsElsewhere = path => path == "/volume/drop/feedback";
        _drop.Put("a.pdf");
        _drop.Put("feedback/rejected/b.pdf");
        Assert.Equal(["a.pdf"], Found);
    }

    [Fact]
    public void Nesting_has_a_bound_that_is_told()
    {
        string deep = string.Join('/', Enumerable.Repeat("d", 32));
        _drop.Put(deep + "/a.pdf");
        Assert.Equal([deep + "/a.pdf"], Found);
        Assert.False(_drop.Scan().IsPartial);
        _drop.Put(deep + "/d/b.pdf");
        Assert.Equal([deep + "/a.pdf"], Found);
        Assert.True(_drop.Scan().IsPartial);
    }

    [Fact]
    public void A_subfolder_that_vanishes_between_the_listings_is_no_failure()
    {
        _drop.Put("a.pdf");
        _drop.Put("sub/b.pdf");
        _drop.IsElsewhere = path =>
        {
            _drop.Volume.FolderAt("drop").DeleteTree("sub");
            return false;
        };
        Assert.Equal(["a.pdf"], Found);
        Assert.False(_drop.Scan().IsPartial);
    }

    [Fact]
    public void Names_set_aside_and_companions_are_no_scans()
    {
        _drop.Profile.Sidecar = SidecarMode.Optional;
        _drop.Profile.DoneFile = true;
        var id = new RecordIdSource(_drop.Time).Draw();
        _drop.Put("a.pdf");
        _drop.Put("a.pdf.json");
        _drop.Put("a.pdf.done");
        _drop.Put($"sub/.docingest-{id.ToBareString()}.removing");
        var scan = _drop.Scan();
        Assert.Equal(["a.pdf"], Found);
        Assert.Equal(["a.pdf.done", "a.pdf.json"], scan.Companions.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([($"sub/.docingest-{id.ToBareString()}.removing", id)], scan.Aside);
    }

    [Fact]
    public void A_name_too_long_for_a_companion_has_none()
    {
        _drop.Profile.Sidecar = SidecarMode.Optional;
        string name = new string('n', 251) + ".pdf";
        Assert.Null(_drop.Drop.FindCompanion(DropFolder.SidecarPath(name)));
        Assert.Null(SidecarFile.Read(_drop.Drop, name));
    }
}
