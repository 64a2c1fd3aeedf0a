using System.Text.Json;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Repositories;

/// <summary>What we make, the real restic opens, checks and restores; what it makes there, we read.</summary>
public sealed class When_restic_meets_our_repository : IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);
    private Repository _repository = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ResticProgram Restic => new(_temp["repository"], Password);

    private FolderStore Store => new(_volumes.Open(_temp["repository"], EntryPermissions.Sealed));

    public async ValueTask InitializeAsync()
    {
        Needs.Tool("restic");
        _temp.Folder("repository");
        _repository = await RepositoryWorld.InitAsync(_volumes.Open(_temp["repository"], EntryPermissions.Sealed));
    }

    public ValueTask DisposeAsync()
    {
        _repository?.Dispose();
        _volumes.Dispose();
        _temp.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_opens_it()
    {
        using var config = JsonDocument.Parse(await Restic.RunAsync("cat", "config"));
        Assert.Equal(2, config.RootElement.GetProperty("version").GetInt32());
        Assert.Equal(_repository.Config.Id, config.RootElement.GetProperty("id").GetString());
        Assert.Equal($"{_repository.Config.ChunkerPolynomial}", config.RootElement.GetProperty("chunker_polynomial").GetString());
        Assert.Equal($"{_repository.KeyId}\n", await Restic.RunAsync("list", "keys", "--no-lock"));
        Assert.Contains("tester", await Restic.RunAsync("key", "list"));
        Assert.Contains("no errors were found", await Restic.RunAsync("check"));
        Assert.NotEqual(0, (await new ResticProgram(_temp["repository"], "wrong").TryAsync("cat", "config")).Code);
    }

    [Fact]
    public async Task It_checks_and_restores_what_is_in_it()
    {
        var id = await RepositoryWorld.FillAsync(_repository);
        Assert.Contains("no errors were found", await Restic.RunAsync("check", "--read-data"));
        Assert.Contains($"{id}"[..8], await Restic.RunAsync("snapshots"));
        await Restic.RunAsync("restore", "latest", "--target", _temp["restored"], "--verify");
        Assert.Equal(RepositoryWorld.Data, await File.ReadAllBytesAsync(_temp["restored/file"], Cancellation));
        await Restic.RunAsync("rebuild-index");
        await Restic.RunAsync("tag", "--add", "seen");
        await Restic.RunAsync("forget", "--keep-last", "1", "--prune");
        Assert.Contains("no errors were found", await Restic.RunAsync("check", "--read-data"));
        var snapshot = Assert.Single(await _repository.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation)).Snapshot;
        Assert.Equal(["seen"], snapshot?.Tags);
        Assert.Equal(id, snapshot?.Original);
    }

    [Fact]
    public async Task What_it_backs_up_we_read()
    {
        _temp.Folder("source");
        byte[] content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        await File.WriteAllBytesAsync(_temp["source/noise"], content, Cancellation);
        _temp.File("source/text", new string('x', 100_000));
        await Restic.RunAsync("backup", _temp["source"]);
        var listed = Assert.Single(await _repository.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal([_temp["source"]], listed.Snapshot?.Paths);
        var index = await _repository.LoadIndexAsync(Cancellation);
        long total = 0;
        for (int number = 0; number < index.Count; number++)
        {
            using var blob = await _repository.LoadBlobAsync(index[number], Cancellation);
            total += index[number].Blob.Type is BlobType.Data ? blob.Length : 0;
        }

        Assert.Equal(3_100_000, total);
    }

    [Fact]
    public async Task Passwords_are_added_and_removed_by_either()
    {
        var ring = new KeyRing(Store);
        var origin = RepositoryWorld.Origin with { Time = new ZonedTime(UnixTime.Now(TimeProvider.System)) };
        var ours = await ring.AddAsync(_repository.Key, "ours"u8.ToArray(), ScryptParameters.ForGeneratedPasswords, origin, Cancellation);
        await new ResticProgram(_temp["repository"], "ours").RunAsync("cat", "masterkey");
        await Restic.RunAsync("key", "add", "--new-password-file", _temp.File("password", "theirs\n"));
        (await ring.OpenAsync("theirs"u8.ToArray(), Cancellation)).Key.Dispose();
        await Restic.RunAsync("key", "remove", $"{ours}");
        await Assert.ThrowsAsync<WrongPasswordException>(() => ring.OpenAsync("ours"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task It_respects_our_locks_and_removes_stale_ones()
    {
        var owner = LockOwner.ThisProcess("a-host-that-restic-is-not-on");
        await using (await RepositoryLock.AcquireAsync(_repository, true, owner, TimeProvider.System, TimeSpan.Zero, Cancellation))
        {
            var (code, output) = await Restic.TryAsync("check");
            Assert.NotEqual(0, code);
            Assert.Contains("locked exclusively by PID", output);
            await Restic.RunAsync("unlock");   // ours is fresh
            Assert.Single(await Locks());
        }

        await Restic.RunAsync("check");
        var old = new LockFile(new ZonedTime(new UnixTime(1_700_000_000, 0)), false, "elsewhere", "somebody", 1, 0, 0);
        await _repository.SaveUnpackedAsync(FileKind.Lock, old.Write(), Cancellation);
        Assert.NotEqual(0, (await Restic.TryAsync("check")).Code);
        await Restic.RunAsync("unlock");
        Assert.Empty(await Locks());

        Task<List<ListedLock>> Locks() => new LockFolder(_repository).ListAsync(Cancellation).ToListAsync(Cancellation).AsTask();
    }

    [Fact]
    public async Task What_it_makes_from_nothing_we_open()
    {
        _temp.Folder("theirs");
        var theirs = new ResticProgram(_temp["theirs"], Password);
        await theirs.RunAsync("init");
        using var opened = await Repository.OpenAsync(new FolderStore(_volumes.Open(_temp["theirs"])), RepositoryWorld.Password, Cancellation);
        Assert.Equal(2, opened.Config.Version);
        await RepositoryWorld.FillAsync(opened);
        Assert.Contains("no errors were found", await theirs.RunAsync("check", "--read-data"));
    }

    [Fact]
    public async Task Of_version_1_it_reads_what_we_add()
    {
        _temp.Folder("old");
        var old = new ResticProgram(_temp["old"], Password);
        await old.RunAsync("init", "--repository-version", "1");
        using var opened = await Repository.OpenAsync(new FolderStore(_volumes.Open(_temp["old"])), RepositoryWorld.Password, Cancellation);
        Assert.Equal(1, opened.Config.Version);
        await RepositoryWorld.FillAsync(opened);
        Assert.Contains("no errors were found", await old.RunAsync("check", "--read-data"));
        await old.RunAsync("restore", "latest", "--target", _temp["restored"], "--verify");
        Assert.Equal(RepositoryWorld.Data, await File.ReadAllBytesAsync(_temp["restored/file"], Cancellation));
    }
}
