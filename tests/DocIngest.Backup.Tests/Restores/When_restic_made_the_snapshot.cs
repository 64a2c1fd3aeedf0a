using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Sources;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>What the real restic backed up comes back as it was, and as restic itself brings it back.</summary>
public sealed class When_restic_made_the_snapshot : IDisposable
{
    private readonly Restic _restic;
    private readonly TestFolder _source = new();
    private readonly RestoreWorld _world = new();
    private readonly LocalVolumes _volumes = new();

    public When_restic_made_the_snapshot()
    {
        Needs.Linux();
        _restic = new Restic();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _volumes.Dispose();
        _world.Dispose();
        _source.Dispose();
        _restic.Dispose();
    }

    [Fact]
    public async Task All_kinds_of_entries_come_back_byte_for_byte_with_their_metadata()
    {
        _source.Shell(
            """
            umask 022
            printf hello > plain; : > empty; printf x > $'q"uote\\back'; printf x > $'tab\there\nline'; printf x > "$(printf 'bad\377\376utf8')"
            mkdir -p deep/er/locked nothing; printf deep > deep/er/file; printf x > deep/er/locked/inside
            head -c 5000000 /dev/urandom > large; cat large large > larger; cp large deep/copy
            ln -s plain link; ln -s $'odd\ntar"get' link2; ln -s /nowhere/at/all link3
            ln plain hard; ln plain deep/harder; ln deep/er/file zlast; mkfifo pipe
            chmod 4711 large; chmod 2755 deep; chmod 1777 deep/er; chmod 500 deep/er/locked; chmod 400 empty; chmod 620 pipe
            touch -d '2001-02-03 04:05:06.123456789' plain; touch -d '2001-02-03 04:05:06.12' empty; touch -d '1960-01-01 00:00:00.5' deep/er/file
            touch -h -d '2030-01-01 00:00:00.000000001' link; touch -d '2010-01-01 00:00:00.7' pipe nothing; touch -d '2011-11-11 11:11:11.11' deep/er deep
            """);
        _source.TryShell("mknod null c 1 3; mknod block b 7 300; chown 54321:54322 large deep nothing; chown -h 1:2 link; chown 3:4 pipe; chmod 4711 large; chmod 2755 deep", out _);
        _source.TryShell(
            """
            python3 -c "
            import os, struct
            os.setxattr('plain', 'user.b', b'\x00\xff'); os.setxattr('plain', 'user.a', b''); os.setxattr('deep', 'user.d', b'd')
            entry = lambda tag, may, who=0xffffffff: struct.pack('<HHI', tag, may, who)
            access = struct.pack('<I', 2) + entry(1, 6) + entry(2, 7, 123) + entry(4, 4) + entry(16, 7) + entry(32, 4)   # user 123 may do all
            os.setxattr('plain', 'system.posix_acl_access', access); os.setxattr('nothing', 'system.posix_acl_default', access)
            "
            """, out _);
        string before = RestoreWorld.Manifest(_source.Path);
        var snapshot = await BackUpAsync();

        var result = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal(RestoreVerdict.Complete, result.Verdict);
        Assert.Equal(before, RestoreWorld.Manifest(_world.Target + _source.Path));
        Assert.Equal(3, result.HardLinks);
        Assert.Equal(result.Files.Selected, result.Files.Restored);

        string theirs = _world.Beside("theirs");
        _restic.Run("restore", "latest", "--target", theirs);
        Assert.Equal(RestoreWorld.Manifest(theirs + _source.Path, isBelow: false), RestoreWorld.Manifest(_world.Target + _source.Path, isBelow: false));

        var again = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(again));
        Assert.Equal((0, 0, 0, 0), (again.Files.Restored, again.Directories.Restored, again.Links.Restored, again.Specials.Restored));
        Assert.Equal(before, RestoreWorld.Manifest(_world.Target + _source.Path));
    }

    [Fact]
    public async Task Zeros_become_holes()
    {
        _source.Shell("truncate -s 40M sparse; printf x >> sparse; truncate -s 20M hole");
        var snapshot = await BackUpAsync();
        var result = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal(RestoreWorld.Manifest(_source.Path), RestoreWorld.Manifest(_world.Target + _source.Path));
        Assert.Equal("0", _source.Shell($"stat -c %b '{_world.Target}{_source.Path}/hole'"));
        Assert.True(int.Parse(_source.Shell($"stat -c %b '{_world.Target}{_source.Path}/sparse'")) < 4096);
    }

    [Fact]
    public async Task A_folder_may_be_restored_to_where_it_was()
    {
        _source.Shell("mkdir a; printf one > a/one; printf two > a/two");
        string before = RestoreWorld.Manifest(_source.Path);
        var snapshot = await BackUpAsync();
        _source.Shell("rm a/one; printf other > a/two");
        using var repository = await OpenAsync();
        var options = new RestoreOptions { Include = [_source["a"]], ReplacesDifferent = true };
        var result = await new RestoreRun(repository, options, null).RunAsync(snapshot, "/", null, Cancellation);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal(before, RestoreWorld.Manifest(_source.Path));
        Assert.Equal((2, 1), (result.Files.Restored, result.Directories.Selected));
    }

    [Theory]
    [InlineData("/SRC/docs")]
    [InlineData("/SRC/docs/")]
    [InlineData("docs")]
    [InlineData("*.pdf")]
    [InlineData("/SRC/*/a.pdf")]
    [InlineData("/SRC/**/a.pdf")]
    [InlineData("/SRC/docs/**")]
    [InlineData("docs/*.txt")]
    [InlineData("/SRC/docs/?.txt")]
    [InlineData("/docs")]
    [InlineData("a*b*c")]
    [InlineData("docs/**/a.pdf")]
    public async Task A_pattern_includes_what_restic_includes(string pattern)
    {
        pattern = pattern.Replace("/SRC", _source.Path, StringComparison.Ordinal);
        _source.Shell("mkdir -p docs/deep/er other/docs; touch docs/a.pdf docs/a.txt docs/ü.txt docs/deep/a.pdf docs/deep/er/a.pdf other/a.pdf other/docs/b.txt aXbYc abxc acb");
        var snapshot = await BackUpAsync();
        var result = await RestoreAsync(snapshot, new RestoreOptions { Include = [pattern] });
        string theirs = _world.Beside("theirs");
        _restic.Run("restore", "latest", "--target", theirs, "--include", pattern);
        Assert.Equal(Files(theirs), Files(_world.Target));
        Assert.Equal(Files(theirs).Length, result.Files.Restored);
        Assert.Equal(pattern == "/docs" ? RestoreVerdict.Nothing : RestoreVerdict.Complete, result.Verdict);
    }

    private static string[] Files(string root) => Directory.Exists(root)
        ? [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)]
        : [];

    private async Task<FileId> BackUpAsync()
    {
        _restic.Run("backup", "--quiet", _source.Path);
        using var repository = await OpenAsync();
        return (await repository.ListSnapshotsAsync(Cancellation).SingleAsync(Cancellation)).Id;
    }

    private async Task<RestoreResult> RestoreAsync(FileId snapshot, RestoreOptions? options = null)
    {
        using var repository = await OpenAsync();
        return await _world.RestoreAsync(repository, snapshot, options);
    }

    private Task<Repository> OpenAsync() => Repository.OpenAsync(
        new FolderStore(_volumes.Open(_restic.Repository, EntryPermissions.Sealed)), System.Text.Encoding.ASCII.GetBytes(Restic.Password), Cancellation);
}
