namespace DocIngest.Archive.Tests;

public sealed class HashedNTupleLayoutTests
{
    [Theory]
    [InlineData("object-01", "3c0/ff4/240/3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4")]
    [InlineData("..hor/rib:le-$id", "487/326/d8c/487326d8c2a3c0b885e23da1469b4d6671fd4e76978924b4443e9e3c316cda6d")]
    public void The_default_layout_gives_the_published_paths(string id, string path) =>
        Assert.Equal(path, HashedNTupleLayout.Default.PathOf(id));

    [Fact]
    public void Short_roots_of_another_digest_give_the_published_path() =>
        Assert.Equal(
            "ff/75/53/44/92/48/5e/ab/b3/9f/86/35/67/28/88/4e",
            new HashedNTupleLayout("md5", TupleSize: 2, NumberOfTuples: 15, ShortObjectRoot: true).PathOf("object-01"));

    [Fact]
    public void Without_tuples_an_object_lies_directly_in_the_root() =>
        Assert.Equal(
            "3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4",
            new HashedNTupleLayout("sha256", TupleSize: 0, NumberOfTuples: 0, ShortObjectRoot: false).PathOf("object-01"));

    [Theory]
    [InlineData("3c0", 0, true)]
    [InlineData("3c0", 2, true)]
    [InlineData("3c0", 3, false)]
    [InlineData("3C0", 0, false)]
    [InlineData("3c", 0, false)]
    [InlineData("logs", 0, false)]
    public void Only_tuples_above_the_objects_are_folders_of_the_layout(string name, int depth, bool isTuple) =>
        Assert.Equal(isTuple, HashedNTupleLayout.Default.IsTuple(name, depth));
}
