using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Sources;

/// <summary>What of the machine belongs to a backup, and where it lies in the snapshot.</summary>
public sealed class LocalFolderSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public LocalFolderSourceTests() => Needs.Linux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_source_lies_under_its_full_path_and_nothing_beside_it()
    {
        _folder.Shell("mkdir -p a/b/c a/other; printf x > a/b/c/file; printf x > a/beside");
        var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["a/b"]]));
        Assert.Equal([.. Above(_folder["a/b"]), _folder["a/b/c"], _folder["a/b/c/file"]], found.Keys);
        Assert.All(found.Values.SkipLast(1), type => Assert.Equal("Directory", type));
    }

    [Fact]
    public async Task Folders_above_have_their_real_metadata()
    {
        _folder.Shell("mkdir -p a/b; chmod 750 a; touch -d '2001-02-03 04:05:06.7' a");
        using var folder = await TestFolder.DescendAsync(new LocalFolderSource([_folder["a/b"]]), _folder.Path);
        var a = Assert.Single(await folder.ListAsync(Cancellation).ToListAsync(Cancellation)).Node;
        var listed = await _folder.NodeAsync("a");
        Assert.NotNull(a);
        Assert.Equal(listed with { ExtendedAttributes = [] }, a with { ExtendedAttributes = [] });
        Assert.Equal(0x1e8u, a.Mode.Permissions);
    }

    [Fact]
    public async Task Several_sources_share_the_folders_above_them()
    {
        _folder.Shell("mkdir -p a/x b/y c; printf x > a/x/f; printf x > b/y/f; printf x > single");
        var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["b"], _folder["single"], _folder["a/x"]]));
        Assert.Equal(
            [.. Above(_folder.Path), _folder["a"], _folder["a/x"], _folder["a/x/f"], _folder["b"], _folder["b/y"], _folder["b/y/f"], _folder["single"]],
            found.Keys);
        Assert.Equal("File", found[_folder["single"]]);
    }

    [Fact]
    public async Task A_source_within_another_changes_nothing()
    {
        _folder.Shell("mkdir -p a/x/y; printf x > a/f");
        var outer = await TestFolder.WalkAsync(new LocalFolderSource([_folder["a"]]));
        Assert.Equal(outer, await TestFolder.WalkAsync(new LocalFolderSource([_folder["a"], _folder["a/x/y"]])));
        Assert.Equal(outer, await TestFolder.WalkAsync(new LocalFolderSource([_folder["a/x"], _folder["a"]])));
    }

    [Fact]
    public async Task A_source_that_is_missing_is_told()
    {
        _folder.Shell("mkdir a; printf x > file; mkdir -p whole/in; printf x > whole/way");
        foreach (string path in new[] { "gone", "a/gone", "whole/in/gone" })
        {
            var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["whole"], _folder[path]]));
            Assert.Equal("Missing", found[_folder[path]]);
        }

        // What stands in the way of it is told instead, where it cannot even be looked for.
        Assert.Equal("Missing", (await TestFolder.WalkAsync(new LocalFolderSource([_folder["gone/deep/down"]])))[_folder["gone"]]);
        Assert.Equal("Missing", (await TestFolder.WalkAsync(new LocalFolderSource([_folder["file/deep"]])))[_folder["file"]]);
        Assert.Equal("File Missing", (await TestFolder.WalkAsync(new LocalFolderSource([_folder["whole"], _folder["whole/way/deep"]])))[_folder["whole/way"]]);
    }

    [Fact]
    public async Task A_source_that_cannot_be_looked_at_is_told()
    {
        string name = new('x', 300);   // longer than any name
        Assert.Equal("Unreadable", (await TestFolder.WalkAsync(new LocalFolderSource([_folder[name]])))[_folder[name]]);
        Assert.Equal("Unreadable", (await TestFolder.WalkAsync(new LocalFolderSource([_folder[$"{name}/in"]])))[_folder[name]]);
    }

    [Fact]
    public async Task A_source_that_is_a_link_is_told()
    {
        _folder.Shell("mkdir real whole; printf x > real/file; ln -s real link; ln -s ../real whole/link");
        var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["link"]]));
        Assert.Equal("Symlink SourceIsLink", found[_folder["link"]]);
        Assert.DoesNotContain(_folder["link/file"], found.Keys);
        found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["whole"], _folder["whole/link"]]));
        Assert.Equal("Symlink SourceIsLink", found[_folder["whole/link"]]);
        found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["whole"]]));
        Assert.Equal("Symlink", found[_folder["whole/link"]]);
    }

    [Fact]
    public async Task Folders_above_a_source_may_be_links()
    {
        _folder.Shell("mkdir -p real/source; printf x > real/source/file; ln -s real link");
        var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["link/source"]]));
        Assert.Equal(("Directory", "File"), (found[_folder["link"]], found[_folder["link/source/file"]]));
    }

    [Fact]
    public async Task What_is_left_out_is_not_there_at_all()
    {
        _folder.Shell("mkdir -p a/repository/data a/b/repository; printf x > a/f; printf x > a/b/f");
        var found = await TestFolder.WalkAsync(new LocalFolderSource([_folder["a"]], [_folder["a/repository"], _folder["a/b/f"], _folder["elsewhere"]]));
        Assert.Equal([.. Above(_folder["a"]), _folder["a/b"], _folder["a/b/repository"], _folder["a/f"]], found.Keys);
    }

    [Fact]
    public async Task Files_are_read_also_where_something_is_left_out()
    {
        _folder.Shell("printf x > a; printf y > b");
        using var folder = await _folder.OpenAsync("b");
        var entry = Assert.Single(await folder.ListAsync(Cancellation).ToListAsync(Cancellation));
        await using var file = await folder.OpenFileAsync(entry.Node!, Cancellation);
        Assert.Equal('x', file.Content.ReadByte());
    }

    [Fact]
    public async Task The_root_itself_can_be_a_source()
    {
        using var top = await new LocalFolderSource(["/"]).OpenAsync(Cancellation);
        var names = await top.ListAsync(Cancellation).Select(entry => entry.Name.ToRaw()).ToListAsync(Cancellation);
        Assert.Contains("proc", names);
        Assert.Equal(Directory.EnumerateFileSystemEntries("/").Select(path => path[1..]).Where(name => !name.Contains("sock")).Order(StringComparer.Ordinal), names.Where(name => !name.Contains("sock")));
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("")]
    [InlineData("/a/../b")]
    [InlineData("/a\0b")]
    public void What_is_no_absolute_path_is_refused(string path) => Assert.Throws<ArgumentException>(() => new LocalFolderSource([path]));

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new LocalFolderSource([]));
        Assert.Throws<ArgumentException>(() => new LocalFolderSource(["/a/b"], ["/a"]));
        Assert.Throws<ArgumentException>(() => new LocalFolderSource(["/a"], ["/a/"]));
        Assert.Throws<ArgumentException>(() => new LocalFolderSource(["/a"], ["/"]));
    }

    [Fact]
    public void The_snapshot_names_paths_in_their_plainest_form() =>
        Assert.Equal(["/a/b", "/"], new LocalFolderSource(["//a/./b/", "/."]).Paths);

    /// <summary>A path and all folders above it, as the snapshot has them.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (int at = path.IndexOf('/', 1); at > 0; at = path.IndexOf('/', at + 1))
            yield return path[..at];
        yield return path;
    }
}
