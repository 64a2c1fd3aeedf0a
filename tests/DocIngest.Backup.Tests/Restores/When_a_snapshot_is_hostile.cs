using DocIngest.Backup.Encoding;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>Snapshots and targets that would lead a restore elsewhere, or make it believe what is not so.</summary>
public sealed class When_a_snapshot_is_hostile : IAsyncLifetime
{
    private readonly RestoreWorld _world = new();
    private SnapshotMaker _maker = null!;   // from InitializeAsync on

    public When_a_snapshot_is_hostile() => Needs.Linux();

    public async ValueTask InitializeAsync() => _maker = await SnapshotMaker.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _maker.Dispose();
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/tmp/evil")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task An_unsafe_name_is_refused_and_the_rest_goes_on(string name)
    {
        var file = await _maker.FileAsync("file", "evil");
        var folder = await _maker.FolderAsync("folder", file);
        var unsafeName = new FileName(System.Text.Encoding.UTF8.GetBytes(name));
        var root = await _maker.RawTreeAsync(
            file with { Name = unsafeName }, file with { Name = FileName.FromRaw("good") }, folder with { Name = unsafeName },
            SnapshotMaker.Link("x", "/etc") with { Name = unsafeName });
        var result = await RestoreAsync(await _maker.SnapshotAsync(root));
        Assert.Equal(["good"], _world.Entries());
        Assert.All(result.Problems, problem => Assert.Equal(RestoreProblemKind.UnsafeName, problem.Kind));
        Assert.Equal((3, 1, 1, 1), (result.ProblemCount, result.Files.NotRestored, result.Directories.NotRestored, result.Links.NotRestored));
        Assert.False(File.Exists(_world.Beside("evil")) || File.Exists("/tmp/evil"));
        _ = RestoreWorld.Problems(result);
    }

    [Fact]
    public async Task A_link_of_the_snapshot_is_no_way_for_its_files()
    {
        Directory.CreateDirectory(_world.Beside("outside"));
        var link = SnapshotMaker.Link("way", _world.Beside("outside"));
        var folder = await _maker.FolderAsync("way", await _maker.FileAsync("evil", "evil"));
        var first = await RestoreAsync(await _maker.SnapshotAsync(await _maker.RawTreeAsync(link, folder)));
        Assert.Equal(["/way DuplicateName"], RestoreWorld.Problems(first));
        Assert.Empty(Directory.GetFileSystemEntries(_world.Beside("outside")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_in_the_target_is_no_way_either(bool replaces)
    {
        Directory.CreateDirectory(_world.Beside("outside"));
        Directory.CreateDirectory(_world.Target);
        RestoreWorld.Shell(_world.Target, "ln -s ../outside way; ln -s ../outside/evil file; ln -s ../outside/evil2 deep");
        var snapshot = await _maker.SnapshotAsync(
            await _maker.FileAsync("deep", "x"), await _maker.FileAsync("file", "content"), await _maker.FolderAsync("way", await _maker.FileAsync("evil", "evil")));
        var result = await RestoreAsync(snapshot, new RestoreOptions { ReplacesDifferent = replaces });
        Assert.Equal(replaces ? ["/way Conflict"] : ["/deep Conflict", "/file Conflict", "/way Conflict"], RestoreWorld.Problems(result));
        Assert.Empty(Directory.GetFileSystemEntries(_world.Beside("outside")));
        Assert.Equal("../outside", new FileInfo(_world["way"]).LinkTarget);
        Assert.Equal(replaces ? null : "../outside/evil", new FileInfo(_world["file"]).LinkTarget);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1_000_000_000_000)]
    public async Task A_file_of_another_size_than_its_content_is_not_believed(long more)
    {
        var file = await _maker.FileAsync("lie", "some", "content");
        var result = await RestoreAsync(await _maker.SnapshotAsync(await _maker.FileAsync("good", "x"), file with { SizeBytes = (ulong)(11 + more) }));
        Assert.Equal(["/lie Damaged"], RestoreWorld.Problems(result));
        Assert.Equal(["good"], _world.Entries());
    }

    [Fact]
    public async Task What_is_no_file_and_no_folder_is_told_of()
    {
        byte[] tree = TreeWriter.Write(
        [
            SnapshotMaker.Node(NodeType.File, "a"), SnapshotMaker.Node(NodeType.Directory, "b") with { Subtree = BlobId.Of("x"u8) },
            SnapshotMaker.Node(NodeType.Fifo, "c"), SnapshotMaker.Link("d", ""),
        ]);
        string text = System.Text.Encoding.UTF8.GetString(tree).Replace("\"fifo\"", "\"portal\"", StringComparison.Ordinal)
            .Replace("\"content\":[]", "\"content\":null", StringComparison.Ordinal).Replace("\"subtree\"", "\"unknown\"", StringComparison.Ordinal);
        var root = await _maker.StoreAsync(BlobType.Tree, System.Text.Encoding.UTF8.GetBytes(text));
        var result = await RestoreAsync(await _maker.SnapshotAsync(root.Id));
        Assert.Equal(["/a Damaged", "/b Damaged", "/c Unsupported", "/d Damaged"], RestoreWorld.Problems(result));
        Assert.Equal([], _world.Entries());
    }

    [Fact]
    public async Task Names_that_come_twice_are_restored_once()
    {
        var file = await _maker.FileAsync("name", "first");
        var second = await _maker.FileAsync("name", "second");
        var folder = await _maker.FolderAsync("name", second);
        var root = await _maker.RawTreeAsync(file, second, folder, await _maker.FileAsync("after", "x"), file);
        var result = await RestoreAsync(await _maker.SnapshotAsync(root), new RestoreOptions { ReplacesDifferent = true });
        Assert.Equal(["/name DuplicateName", "/name DuplicateName", "/name DuplicateName"], RestoreWorld.Problems(result));
        Assert.Equal("first", File.ReadAllText(_world["name"]));
        Assert.Equal(["after", "name"], _world.Entries());
    }

    [Fact]
    public async Task A_tree_that_breaks_off_gives_what_is_before()
    {
        var file = await _maker.FileAsync("a", "x");
        byte[] tree = TreeWriter.Write([file, file with { Name = FileName.FromRaw("b") }]);
        int end = System.Text.Encoding.UTF8.GetString(tree).LastIndexOf("\"mtime\":\"", StringComparison.Ordinal) + 12;
        var broken = await _maker.StoreAsync(BlobType.Tree, tree[..end]);
        var snapshot = await _maker.SnapshotAsync(SnapshotMaker.Node(NodeType.Directory, "folder") with { Subtree = broken.Id }, await _maker.FileAsync("z", "z"));
        var result = await RestoreAsync(snapshot);
        Assert.Equal(["/folder Damaged"], RestoreWorld.Problems(result));
        Assert.Equal(["folder", "folder/a", "z"], _world.Entries());
        Assert.Equal(new RestoreCounts(1, 0, 0, 1), result.Directories);
    }

    [Fact]
    public async Task Folders_nested_without_end_end()
    {
        var folder = await _maker.FolderAsync("d");
        for (int i = 0; i < 2100; i++)
            folder = await _maker.FolderAsync("d", folder);
        var result = await RestoreAsync(await _maker.SnapshotAsync(folder, await _maker.FileAsync("z", "z")));
        Assert.Equal(RestoreProblemKind.Unsupported, Assert.Single(result.Problems).Kind);
        Assert.True(File.Exists(_world["z"]));
    }

    [Fact]
    public async Task Modes_that_only_stat_knows_give_permissions_and_nothing_else()
    {
        var file = await _maker.FileAsync("a", "x") with { Mode = new GoFileMode(0x8000 | 0x800 | 0x1a4) };   // 0104644
        Assert.Equal([], RestoreWorld.Problems(await RestoreAsync(await _maker.SnapshotAsync(file))));
        Assert.Equal("644", RestoreWorld.Shell(_world.Target, "stat -c %a a").Trim());
    }

    private Task<RestoreResult> RestoreAsync(FileId snapshot, RestoreOptions? options = null) => _world.RestoreAsync(_maker.Repository, snapshot, options);
}
