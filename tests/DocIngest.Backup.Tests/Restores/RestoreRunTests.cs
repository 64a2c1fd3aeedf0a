using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>What happens to what stands in the target already, and what is counted.</summary>
public sealed class RestoreRunTests : IAsyncLifetime
{
    private readonly RestoreWorld _world = new();
    private SnapshotMaker _maker = null!;   // from InitializeAsync on

    public RestoreRunTests() => Needs.Linux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _maker = await SnapshotMaker.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _maker.Dispose();
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_equal_file_is_left_alone_and_gets_its_metadata()
    {
        var snapshot = await _maker.SnapshotAsync(await _maker.FileAsync("a", "one", "two"), await _maker.FileAsync("b", "three"));
        await RestoreAsync(snapshot);
        string inodes = Shell("stat -c '%n %i %z' a b");
        var again = await RestoreAsync(snapshot);
        Assert.Equal(new RestoreCounts(2, 0, 2, 0), again.Files);
        Assert.Equal((0, 11), (again.BytesRestored, again.BytesEqual));
        Assert.Equal(inodes, Shell("stat -c '%n %i %z' a b"));   // not even the ctime

        Shell("chmod 600 a; touch a");
        Assert.Equal(RestoreVerdict.Complete, (await RestoreAsync(snapshot)).Verdict);
        Assert.Equal($"644 {1_600_000_000}", Shell("stat -c '%a %Y' a").Trim());
    }

    [Fact]
    public async Task What_differs_is_a_conflict_and_stays()
    {
        var snapshot = await AllKindsAsync();
        Directory.CreateDirectory(_world.Target);
        Shell("printf other > file; ln -s elsewhere link; printf x > pipe; printf x > folder; mkdir same; printf eno > same/one");
        const string All = "printf '%s' \"$(cat file pipe folder same/one) $(readlink link)\"; stat -c ' %i %z' file pipe folder same/one link";
        string before = Shell(All);
        Assert.StartsWith("otherxxeno elsewhere", before, StringComparison.Ordinal);
        var result = await RestoreAsync(snapshot);
        Assert.Equal(["/file Conflict", "/folder Conflict", "/link Conflict", "/pipe Conflict", "/same/one Conflict"], RestoreWorld.Problems(result));
        Assert.Equal((0, 0, 0, 0), (result.Files.Restored, result.Directories.Restored, result.Links.Restored, result.Specials.Restored));
        Assert.Equal(before, Shell(All));
    }

    [Fact]
    public async Task What_differs_is_replaced_where_that_is_asked_for_but_folders_neither_come_nor_go()
    {
        var snapshot = await AllKindsAsync();
        Directory.CreateDirectory(_world.Target);
        Shell("printf other > file; ln -s elsewhere link; printf x > pipe; printf x > folder; mkdir -p same/one");
        var result = await RestoreAsync(snapshot, new RestoreOptions { ReplacesDifferent = true });
        Assert.Equal(["/folder Conflict", "/same/one Conflict"], RestoreWorld.Problems(result));
        Assert.Equal("content file -> target fifo", Shell("printf '%s' \"$(cat file) file -> $(readlink link) $(stat -c %F pipe)\""));
        Assert.Equal(["file", "folder", "link", "pipe", "same", "same/one"], _world.Entries());
    }

    [Fact]
    public async Task A_file_with_other_names_is_replaced_and_not_written_through()
    {
        var snapshot = await _maker.SnapshotAsync(await _maker.FileAsync("different", "content"), await _maker.FileAsync("equal", "content"));
        Directory.CreateDirectory(_world.Target);
        Shell("printf precious > ../one; ln ../one different; printf content > ../two; ln ../two equal; chmod 600 ../two");
        string two = Shell("stat -c '%a %i %Y' ../two");
        var result = await RestoreAsync(snapshot, new RestoreOptions { ReplacesDifferent = true });
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal("precious content content", Shell("printf '%s' \"$(cat ../one) $(cat different equal | sed 's/tc/t c/')\""));
        Assert.Equal(two, Shell("stat -c '%a %i %Y' ../two"));
        Assert.Equal("1 1", Shell("printf '%s' \"$(stat -c %h equal) $(stat -c %h ../two)\""));
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_done_and_does_nothing()
    {
        var snapshot = await AllKindsAsync();
        var result = await RestoreAsync(snapshot, new RestoreOptions { IsDryRun = true });
        Assert.Equal(RestoreVerdict.Complete, result.Verdict);
        Assert.False(Directory.Exists(_world.Target));
        Directory.CreateDirectory(_world.Target);
        Shell("mkdir same; printf one > same/one; printf x > file; chmod 700 same");
        string before = RestoreWorld.Manifest(_world.Target);
        var second = await RestoreAsync(snapshot, new RestoreOptions { IsDryRun = true });
        Assert.Equal(["/file Conflict"], RestoreWorld.Problems(second));
        Assert.Equal(new RestoreCounts(3, 1, 1, 1), second.Files);
        Assert.Equal(new RestoreCounts(2, 1, 1, 0), second.Directories);
        Assert.Equal(before, RestoreWorld.Manifest(_world.Target));

        var real = await RestoreAsync(snapshot);
        Assert.Equal((second.Files, second.Directories, second.Links, second.Specials), (real.Files, real.Directories, real.Links, real.Specials));
    }

    [Fact]
    public async Task Folders_that_lead_to_what_is_wanted_are_made_and_others_are_not()
    {
        var file = await _maker.FileAsync("a.txt", "x");
        var deep = await _maker.FolderAsync("deep", file, await _maker.FileAsync("b.pdf", "y"));
        var other = await _maker.FolderAsync("two", await _maker.FolderAsync("deep", await _maker.FileAsync("c", "z")));
        var snapshot = await _maker.SnapshotAsync(await _maker.FolderAsync("one", deep), other);
        Directory.CreateDirectory(_world["one"]);
        Shell("chmod 700 one");
        var result = await RestoreAsync(snapshot, new RestoreOptions { Include = ["*.txt"] });
        Assert.Equal(["one", "one/deep", "one/deep/a.txt"], _world.Entries());
        Assert.Equal(RestoreVerdict.Complete, result.Verdict);
        Assert.Equal((new RestoreCounts(1, 1, 0, 0), default), (result.Files, result.Directories));

        // There before: as it was. Made: as in the snapshot.
        Assert.Equal("700 755 1600000000", Shell("printf '%s' \"$(stat -c %a one) $(stat -c '%a %Y' one/deep)\""));
    }

    [Fact]
    public async Task What_is_excluded_is_left_out_with_all_below()
    {
        var snapshot = await _maker.SnapshotAsync(
            await _maker.FolderAsync("keep", await _maker.FileAsync("a", "a"), await _maker.FileAsync("b.tmp", "b")),
            await _maker.FolderAsync("leave", await _maker.FileAsync("c", "c")));
        var result = await RestoreAsync(snapshot, new RestoreOptions { Exclude = ["*.tmp", "/leave"] });
        Assert.Equal(["keep", "keep/a"], _world.Entries());
        Assert.Equal((1, 1), (result.Files.Selected, result.Directories.Selected));

        var both = await RestoreAsync(snapshot, new RestoreOptions { Include = ["leave"], Exclude = ["c"] });
        Assert.Equal((0, 1), (both.Files.Selected, both.Directories.Selected));
    }

    [Fact]
    public async Task To_restore_nothing_is_no_success()
    {
        var snapshot = await AllKindsAsync();
        Assert.Equal(RestoreVerdict.Nothing, (await RestoreAsync(snapshot, new RestoreOptions { Include = ["/no/such/thing"] })).Verdict);
        Assert.Equal([], _world.Entries());
    }

    [Fact]
    public async Task Names_of_one_file_become_links_wherever_they_are()
    {
        var file = await _maker.FileAsync("a", "shared") with { Inode = 7, DeviceId = 1, LinkCount = 3 };
        var other = await _maker.FileAsync("z", "different") with { Inode = 7, DeviceId = 1, LinkCount = 3 };   // cannot be the same
        var snapshot = await _maker.SnapshotAsync(file, file with { Name = FileName.FromRaw("b") }, await _maker.FolderAsync("c", file), other);
        var result = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal((2, 4, 15), (result.HardLinks, result.Files.Restored, result.BytesRestored));
        Assert.Equal("3 1", Shell("printf '%s' \"$(stat -c %h a) $(stat -c %h z)\""));
        Assert.Equal(Shell("stat -c %i a"), Shell("stat -c %i c/a"));

        Shell("rm b; cp -p c/a x; mv x c/a");   // one name gone, one a file of its own
        var again = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(again));
        Assert.Equal((2, 2), (again.HardLinks, again.Files.Equal));
        Assert.Equal("3", Shell("stat -c %h a").Trim());
    }

    [Fact]
    public async Task Names_of_one_file_in_many_folders_do_not_keep_all_of_these_open()
    {
        const int Folders = 2000;
        const int MostOpen = 600;   // four batches of 128 folders, and the way there
        var folder = await _maker.FolderAsync("any", await _maker.FileAsync("a", "shared") with { Inode = 7, DeviceId = 1, LinkCount = Folders });
        var snapshot = await _maker.SnapshotAsync([.. Enumerable.Range(0, Folders).Select(i => folder with { Name = FileName.FromRaw($"f{i:d4}") })]);
        int files = 0, most = 0;
        var progress = new Told(() => most = files++ % 20 == 0 ? Math.Max(most, OpenInTarget()) : most);
        var result = await new RestoreRun(_maker.Repository, new RestoreOptions(), null).RunAsync(snapshot, _world.Target, progress, Cancellation);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal((Folders - 1, Folders), (result.HardLinks, result.Files.Restored));
        Assert.Equal($"{Folders}", Shell("stat -c %h f0000/a").Trim());
        Assert.InRange(most, 1, MostOpen);

        var again = await RestoreAsync(snapshot);
        Assert.Equal(Folders, again.Files.Equal);
    }

    [Fact]
    public async Task Where_the_first_name_is_taken_the_next_one_gets_the_file()
    {
        var file = await _maker.FileAsync("a", "shared") with { Inode = 7, DeviceId = 1, LinkCount = 3 };
        var snapshot = await _maker.SnapshotAsync(file, file with { Name = FileName.FromRaw("b") }, file with { Name = FileName.FromRaw("c") });
        Directory.CreateDirectory(_world.Target);
        Shell("printf other > a");
        var result = await RestoreAsync(snapshot);
        Assert.Equal(["/a Conflict"], RestoreWorld.Problems(result));
        Assert.Equal((1, new RestoreCounts(3, 2, 0, 1)), (result.HardLinks, result.Files));
        Assert.Equal("other shared shared", Shell("printf '%s' \"$(cat a) $(cat b) $(cat c)\""));
        Assert.Equal(Shell("stat -c %i b"), Shell("stat -c %i c"));
    }

    [Fact]
    public async Task A_link_target_of_any_bytes_comes_back()
    {
        byte[] target = [0x72, 0xff, 0x0a, 0x27];
        var snapshot = await _maker.SnapshotAsync(SnapshotMaker.Link("link", "x") with { LinkTarget = target });
        Assert.Equal([], RestoreWorld.Problems(await RestoreAsync(snapshot)));
        Assert.Equal("72ff0a27", Shell("readlink -n link | od -An -tx1 | tr -d ' \\n'"));
    }

    [Fact]
    public async Task Sockets_are_left_out()
    {
        var snapshot = await _maker.SnapshotAsync(await _maker.FileAsync("a", "x"), SnapshotMaker.Node(NodeType.Socket, "socket"));
        var result = await RestoreAsync(snapshot);
        Assert.Equal((RestoreVerdict.Complete, 1, 1), (result.Verdict, result.SocketsLeftOut, result.Files.Selected));
        Assert.Equal(["a"], _world.Entries());
    }

    [Fact]
    public async Task What_everybody_may_not_do_is_counted_for_who_is_not_root()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may give files away.");
        var lending = new GoFileMode(GoFileMode.SetUid | GoFileMode.SetGid | 0x1ed);
        var locked = new GoFileMode(GoFileMode.Directory | 0x100);
        var file = await _maker.FileAsync("a", "x") with { UserId = 54321, GroupId = 54322, Mode = lending };
        var snapshot = await _maker.SnapshotAsync(file, await _maker.FolderAsync("locked", await _maker.FileAsync("b", "y")) with { Mode = locked });
        var result = await RestoreAsync(snapshot);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal(3, result.OwnersNotSet);
        Assert.Equal("755 400", Shell("printf '%s' \"$(stat -c %a a) $(stat -c %a locked)\""));

        Shell("chmod 700 locked; printf z > locked/b; chmod 100 locked");
        var again = await RestoreAsync(snapshot, new RestoreOptions { ReplacesDifferent = true });
        Assert.Equal([], RestoreWorld.Problems(again));
        Assert.Equal("400 y", Shell("printf '%s' \"$(stat -c %a locked; chmod 500 locked) $(cat locked/b)\""));
    }

    [Fact]
    public async Task The_lock_is_there_while_it_works_and_excludes_nobody_but_pruners()
    {
        var snapshot = await AllKindsAsync();
        var terms = new LockTerms(LockOwner.ThisProcess("test-host"), TimeProvider.System, TimeSpan.Zero);
        var locks = new List<(string Path, byte[] Content)>();
        var progress = new Told(() => locks.AddRange(_maker.Folder.Files("locks").Select(path => (path, _maker.Folder.Read(path)))));
        await new RestoreRun(_maker.Repository, new RestoreOptions(), terms).RunAsync(snapshot, _world.Target, progress, Cancellation);
        Assert.Equal(3, locks.Count);   // at each file
        Assert.Empty(_maker.Folder.Files("locks"));
        _maker.Folder.Write(locks[0].Path, locks[0].Content);
        var id = (await _maker.Repository.Store.ListAsync(FileKind.Lock, Cancellation).SingleAsync(Cancellation)).Id;
        Assert.False((await _maker.Repository.LoadLockAsync(id, Cancellation)).IsExclusive);
    }

    [Fact]
    public async Task Two_restores_into_one_target_do_not_meet()
    {
        var snapshot = await AllKindsAsync();
        using var goOn = new ManualResetEventSlim();
        var isWriting = new TaskCompletionSource();
        var progress = new Told(() =>
        {
            isWriting.TrySetResult();
            goOn.Wait(Cancellation);
        });
        var run = new RestoreRun(_maker.Repository, new RestoreOptions(), null);
        var first = Task.Run(() => run.RunAsync(snapshot, _world.Target, progress, Cancellation), Cancellation);
        await isWriting.Task.WaitAsync(Cancellation);
        await Assert.ThrowsAsync<LockHeldException>(() => RestoreAsync(snapshot));
        goOn.Set();
        Assert.Equal([], RestoreWorld.Problems(await first));
    }

    [Fact]
    public async Task What_is_malformed_is_refused_before_anything_is_done()
    {
        var snapshot = await AllKindsAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => RestoreAsync(snapshot, new RestoreOptions { Include = ["../x"] }));
        await Assert.ThrowsAsync<ArgumentException>(() => RestoreAsync(snapshot, new RestoreOptions { Exclude = [""] }));
        await Assert.ThrowsAsync<ArgumentException>(() => new RestoreRun(_maker.Repository, new RestoreOptions(), null).RunAsync(snapshot, "relative", null, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => RestoreAsync(FileId.Of("no snapshot"u8)));
        Assert.False(Directory.Exists(_world.Target));
    }

    [Fact]
    public async Task A_blob_that_many_files_need_is_read_once()
    {
        string content = string.Concat(Enumerable.Repeat("0123456789", 1000));
        var file = await _maker.FileAsync("a", content, content, "tail");
        var nodes = Enumerable.Range(0, 50).Select(i => file with { Name = FileName.FromRaw($"f{i:d2}") }).ToArray();
        var snapshot = await _maker.SnapshotAsync(nodes);
        var store = new CountingStore(_maker.Repository.Store);
        using var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
        var result = await _world.RestoreAsync(repository, snapshot);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.Equal(3, store.PackReads);   // the tree, the blob, the tail
        Assert.All(Directory.GetFiles(_world.Target), path => Assert.Equal(content + content + "tail", File.ReadAllText(path)));
    }

    private async Task<FileId> AllKindsAsync() => await _maker.SnapshotAsync(
        await _maker.FileAsync("file", "content"), await _maker.FolderAsync("folder", await _maker.FileAsync("inside", "x")), SnapshotMaker.Link("link", "target"),
        SnapshotMaker.Node(NodeType.Fifo, "pipe"), await _maker.FolderAsync("same", await _maker.FileAsync("one", "one")));

    private Task<RestoreResult> RestoreAsync(FileId snapshot, RestoreOptions? options = null) => _world.RestoreAsync(_maker.Repository, snapshot, options);

    /// <summary>How many descriptors of this process lead into the target.</summary>
    private int OpenInTarget() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(descriptor => descriptor.LinkTarget?.StartsWith(_world.Target, StringComparison.Ordinal) == true);

    private string Shell(string command) => RestoreWorld.Shell(_world.Target, command);

    private sealed class Told(Action tell) : IProgress<WorkProgress>
    {
        private readonly Lock _gate = new();

        public void Report(WorkProgress value)
        {
            lock (_gate)
                tell();
        }
    }
}
