using System.Collections.Concurrent;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Checks;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

public sealed class TreeWalkTests : IAsyncLifetime
{
    private const int Workers = 4;

    private RepositoryBuilder _world = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await RepositoryBuilder.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_tree_is_visited_once_however_often_it_is_there()
    {
        var hello = _world.Data("hello");
        var leaf = _world.Tree(RepositoryBuilder.File("f", 5, hello));
        var middle = _world.Tree(RepositoryBuilder.Directory("a", leaf), RepositoryBuilder.Directory("b", leaf));
        var root = _world.Tree(RepositoryBuilder.Directory("x", leaf), RepositoryBuilder.Directory("y", middle), RepositoryBuilder.Directory("z", middle));
        await _world.SaveAsync(root);
        var (seen, _) = await WalkAsync(root, root, middle);
        Assert.Equal(new[] { leaf, middle, root }.Order(), seen.Trees.Order());
        Assert.Equal(6, seen.Nodes.Count);
        Assert.Empty(seen.Faults);
    }

    [Fact]
    public async Task Nodes_have_the_path_of_their_directory()
    {
        var inner = _world.Tree(RepositoryBuilder.File("scan", 0));
        var outer = _world.Tree(RepositoryBuilder.Directory("in\nner", inner));
        var root = _world.Tree(RepositoryBuilder.Directory("outer", outer));
        var snapshot = await _world.SaveAsync(root);
        var (seen, _) = await WalkAsync(new TreeRoot(root, snapshot));
        Assert.Equal(["/", "/outer", "/outer/in\\nner"], seen.Nodes.Select(node => node.Path).Order());
        Assert.All(seen.Snapshots, id => Assert.Equal(snapshot, id));
    }

    [Fact]
    public async Task Tens_of_thousands_of_directories_inside_each_other_are_walked()
    {
        const int Depth = 30_000;
        var tree = _world.Tree(RepositoryBuilder.File("deepest", 0));
        for (int i = 0; i < Depth; i++)
            tree = _world.Tree(RepositoryBuilder.Directory("d", tree));
        await _world.SaveAsync(tree);
        var (seen, _) = await WalkAsync(tree);
        Assert.Equal(Depth + 1, seen.Trees.Count);
        var deepest = Assert.Single(seen.Nodes, node => node.Node.Name == FileName.FromRaw("deepest"));
        Assert.Equal("…" + string.Concat(Enumerable.Repeat("/d", TreePath.MostElements)), deepest.Path);
    }

    [Fact]
    public async Task A_directory_of_many_directories_is_walked()
    {
        const int Width = 20_000;
        var root = _world.Tree(Enumerable.Range(0, Width).Select(i => RepositoryBuilder.Directory($"{i:00000}", _world.Tree(RepositoryBuilder.File($"{i}", 0)))));
        await _world.SaveAsync(root);
        var (seen, _) = await WalkAsync(root);
        Assert.Equal(Width + 1, seen.Trees.Count);
        Assert.Equal(2 * Width, seen.Nodes.Count);
    }

    [Fact]
    public async Task A_tree_that_no_index_has_is_told_and_the_others_are_walked()
    {
        var there = _world.Tree(RepositoryBuilder.File("f", 0));
        var gone = BlobId.Of("gone"u8);
        var root = _world.Tree(RepositoryBuilder.Directory("a", gone), RepositoryBuilder.Directory("b", there));
        await _world.SaveAsync(root);
        var (seen, _) = await WalkAsync(root, gone);
        Assert.Equal(new[] { there, root }.Order(), seen.Trees.Order());
        Assert.Equal(["/", "/a"], seen.Faults.Select(fault => fault.Path?.ToString()).Order());
        Assert.All(seen.Faults, fault => Assert.Equal((TreeFaultKind.Missing, gone), (fault.Kind, fault.Tree)));
    }

    [Fact]
    public async Task A_malformed_tree_is_told_and_the_others_are_walked()
    {
        var there = _world.Tree(RepositoryBuilder.File("f", 0));
        var bad = _world.RawTree("{\"nodes\":[{}"u8);
        var root = _world.Tree(RepositoryBuilder.Directory("a", bad), RepositoryBuilder.Directory("b", there));
        await _world.SaveAsync(root);
        var (seen, _) = await WalkAsync(root);
        Assert.Equal(new[] { there, root }.Order(), seen.Trees.Order());
        var fault = Assert.Single(seen.Faults);
        Assert.Equal((TreeFaultKind.Malformed, bad, "/a"), (fault.Kind, fault.Tree, fault.Path?.ToString()));
        Assert.IsType<MalformedTreeException>(fault.Error);
    }

    [Fact]
    public async Task A_damaged_tree_is_told_and_the_others_are_walked()
    {
        var lost = _world.Tree(RepositoryBuilder.File("f", 0));
        var packs = await _world.SavePacksAsync();
        var there = _world.Tree(RepositoryBuilder.File("g", 0));
        var root = _world.Tree(RepositoryBuilder.Directory("a", lost), RepositoryBuilder.Directory("b", there));
        await _world.SaveAsync(root);
        _world.Folder.Flip(RepositoryLayout.Path(FileKind.Pack, packs[0]));
        var (seen, _) = await WalkAsync(root);
        Assert.Equal(new[] { there, root }.Order(), seen.Trees.Order());
        Assert.Equal((TreeFaultKind.Unreadable, lost), (Assert.Single(seen.Faults).Kind, seen.Faults.Single().Tree));
        Assert.Equal(packs[0], Assert.IsType<DamagedRepositoryException>(seen.Faults.Single().Error).File);
    }

    [Fact]
    public async Task What_the_visitor_throws_ends_the_walk()
    {
        var root = _world.Tree(Enumerable.Range(0, 100).Select(i => RepositoryBuilder.Directory($"{i:000}", _world.Tree(RepositoryBuilder.File($"{i}", 0)))));
        await _world.SaveAsync(root);
        var index = await _world.Repository.LoadIndexAsync(Cancellation);
        using var walk = new TreeWalk(_world.Repository, index, new Thrower(), keepsPaths: false);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => walk.RunAsync([new TreeRoot(root, null)], Workers, Cancellation));
    }

    [Fact]
    public async Task Nothing_to_walk_is_a_walk()
    {
        var (seen, _) = await WalkAsync(Array.Empty<TreeRoot>());
        Assert.Empty(seen.Trees);
    }

    [Fact]
    public async Task Used_are_the_trees_and_the_data_that_are_reached()
    {
        var used = _world.Data("used");
        _world.Data("not used");
        var inner = _world.Tree(RepositoryBuilder.File("f", 4, used));
        _world.Tree(RepositoryBuilder.File("not used", 0));
        var root = _world.Tree(RepositoryBuilder.Directory("d", inner));
        await _world.SaveAsync(root);
        var index = await _world.Repository.LoadIndexAsync(Cancellation);
        var found = await UsedBlobs.FindAsync(_world.Repository, index, [new TreeRoot(root, null)], Workers, Cancellation);
        Assert.True(found.IsComplete);
        Assert.Equal(5, index.Count);
        Assert.Equal(
            new[] { used, inner, root }.Order(),
            Enumerable.Range(0, index.Count).Where(number => found.Marks[number]).Select(number => index[number].Blob.Id).Order());
    }

    [Fact]
    public async Task What_is_used_and_missing_is_told()
    {
        var gone = BlobId.Of("gone"u8);
        var root = _world.Tree(RepositoryBuilder.Directory("d", gone), RepositoryBuilder.File("f", 4, gone));
        await _world.SaveAsync(root);
        var index = await _world.Repository.LoadIndexAsync(Cancellation);
        var found = await UsedBlobs.FindAsync(_world.Repository, index, [new TreeRoot(root, null)], Workers, Cancellation);
        Assert.False(found.IsComplete);
        Assert.Equal([gone], found.MissingData);
        Assert.Equal((TreeFaultKind.Missing, gone), (Assert.Single(found.TreeFaults).Kind, found.TreeFaults[0].Tree));
    }

    [Fact]
    public void Marks_are_set_once()
    {
        var marks = new EntryMarks(130);
        int[] numbers = [0, 63, 64, 127, 128, 129];
        Assert.All(numbers, number => Assert.True(marks.TrySet(number)));
        Assert.All(numbers, number => Assert.False(marks.TrySet(number)));
        Assert.Equal(numbers, Enumerable.Range(0, 130).Where(number => marks[number]));
        Assert.Throws<ArgumentOutOfRangeException>(() => marks.TrySet(130));
    }

    private Task<(Seen Seen, BlobIndex Index)> WalkAsync(params BlobId[] roots) => WalkAsync([.. roots.Select(root => new TreeRoot(root, null))]);

    private async Task<(Seen Seen, BlobIndex Index)> WalkAsync(params TreeRoot[] roots)
    {
        var index = await _world.Repository.LoadIndexAsync(Cancellation);
        var seen = new Seen();
        using var walk = new TreeWalk(_world.Repository, index, seen, keepsPaths: true);
        await walk.RunAsync(roots, Workers, Cancellation);
        Assert.All(seen.Trees, tree => Assert.True(walk.Met[index.Find(BlobType.Tree, tree)]));
        return (seen, index);
    }

    private sealed class Seen : ITreeVisitor
    {
        public ConcurrentBag<BlobId> Trees { get; } = [];

        public ConcurrentBag<(string? Path, Node Node)> Nodes { get; } = [];

        public ConcurrentBag<FileId?> Snapshots { get; } = [];

        public ConcurrentBag<TreeFault> Faults { get; } = [];

        public void Node(VisitedTree tree, Node node, NodeFaults faults)
        {
            Nodes.Add((tree.Path?.ToString(), node));
            Snapshots.Add(tree.Path?.Snapshot);
        }

        public void Read(VisitedTree tree) => Trees.Add(tree.Id);

        public void Fault(TreeFault fault) => Faults.Add(fault);
    }

    private sealed class Thrower : ITreeVisitor
    {
        public void Node(VisitedTree tree, Node node, NodeFaults faults) => throw new InvalidTimeZoneException();

        public void Read(VisitedTree tree)
        {
        }

        public void Fault(TreeFault fault)
        {
        }
    }
}
