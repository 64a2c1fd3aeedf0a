using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Restores;

public sealed class PackReadPlanTests
{
    private static readonly FileId First = FileId.Of("first"u8), Second = FileId.Of("second"u8);

    private readonly BlobIndex _index = new();

    [Fact]
    public void Neighbours_are_read_at_once_and_wide_gaps_are_not()
    {
        Add(First, ("a", 0, 100), ("b", 100, 100), ("gap", 200, PackReadPlan.WidestGap), ("c", 200 + PackReadPlan.WidestGap, 100), ("wide", 300 + PackReadPlan.WidestGap, PackReadPlan.WidestGap + 1), ("d", 301 + (2 * PackReadPlan.WidestGap), 100));
        var reads = Plan(["d"], ["c", "a", "b"]);
        Assert.Equal([(First, 0, 300 + PackReadPlan.WidestGap, 3), (First, 301 + (2 * PackReadPlan.WidestGap), 100, 1)], reads);
    }

    [Fact]
    public void Packs_come_in_the_order_of_their_first_use_and_a_blob_once()
    {
        Add(First, ("a", 0, 100), ("b", 100, 100));
        Add(Second, ("x", 0, 100));
        Assert.Equal([(Second, 0, 100, 2), (First, 0, 200, 3)], Plan(["x", "b"], ["a", "x", "b"]));
    }

    [Fact]
    public void A_read_does_not_grow_without_end()
    {
        const int Blob = 5 * 1024 * 1024;
        Add(First, ("a", 0, Blob), ("b", Blob, Blob), ("c", 2 * Blob, Blob));
        Assert.Equal([(First, 0, Blob, 1), (First, Blob, Blob, 1), (First, 2 * Blob, Blob, 1)], Plan(["a", "b", "c"]));
    }

    [Fact]
    public void A_blob_of_many_places_is_never_split()
    {
        Add(First, ("zero", 0, 100), ("b", 100, 100));
        Assert.Equal([(First, 0, 100, 1000), (First, 100, 100, 1)], Plan([.. Enumerable.Repeat("zero", 1000), "b"]));
    }

    private void Add(FileId pack, params (string Name, int Offset, int Length)[] blobs) =>
        _index.Add(pack, [.. blobs.Select(blob => new PackedBlob(BlobType.Data, Id(blob.Name), (uint)blob.Offset, (uint)blob.Length, 0))]);

    private static BlobId Id(string name) => BlobId.Of(System.Text.Encoding.UTF8.GetBytes(name));

    private (FileId Pack, long Offset, long Length, int Uses)[] Plan(params string[][] files)
    {
        var scene = new RestoreScene(null!, _index, new RestoreOptions(), new RestoreReport(null, default));   // no repository is asked
        var folder = RestoreFolder.Top(scene, null);
        var planned = files.Select(names => new RestoreFile(scene, folder, SnapshotMaker.Node(NodeType.File, "f") with { Content = [.. names.Select(Id)] }));
        return [.. PackReadPlan.Of(planned, _index).Select(read => (read.Pack, read.Offset, read.Length, read.Uses.Count))];
    }
}
