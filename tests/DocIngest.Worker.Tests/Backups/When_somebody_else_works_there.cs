using DocIngest.Backup;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>Locks, of restic and of our own.</summary>
public sealed class When_somebody_else_works_there : IDisposable
{
    private const int Hangup = 1;

    private readonly BackupSite _site = new();
    private readonly LocalVolumes _volumes = new();

    // Under another name while it is being written.
    private string[] Locks => Directory.Exists(Path.Combine(_site.Repository, "locks"))
        ? [.. Directory.GetFiles(Path.Combine(_site.Repository, "locks")).Where(file => Path.GetFileName(file).All(char.IsAsciiHexDigitLower))]
        : [];

    [Fact]
    public async Task While_restic_backs_up_nothing_is_forgotten_and_backups_are_made()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
        using var restic = BackupSite.StartRestic(_site.Repository, _site.PasswordFile, "backup", "--stdin", "--quiet");
        await Until.IsTrue(() => Locks.Length > 0 || restic.HasExited, () => "restic to take its lock");

        var ended = (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(4);
        Assert.Contains("lock of", ended.Errors, StringComparison.Ordinal);
        (await _site.RunBesideAsync("run")).Demand(0);
        (await _site.RunBesideAsync("unlock")).Demand(0);
        Assert.Single(Locks);

        await restic.Input.WriteAsync("backed up"u8.ToArray(), Until.Limit());
        restic.CloseInput();
        (await restic.EndAsync()).Demand(0);
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(0);
        Assert.Empty(Locks);
    }

    [Fact]
    public async Task A_lock_that_a_killed_restic_left_is_in_the_way_until_all_are_removed()
    {
        await _site.InitBesideAsync();
        using (var restic = BackupSite.StartRestic(_site.Repository, _site.PasswordFile, "backup", "--stdin", "--quiet"))
        {
            await Until.IsTrue(() => Locks.Length > 0 || restic.HasExited, () => "restic to take its lock");
            await restic.KillAsync();
        }

        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(4);   // it may be that of a living process of another host
        var ended = (await _site.RunBesideAsync("unlock", "--json")).Demand(0);
        Assert.Equal((0, 1), (Json.Document(ended).GetProperty("removed").GetInt32(), Json.Document(ended).GetProperty("left").GetArrayLength()));
        Assert.Equal(1, Json.Document((await _site.RunBesideAsync("unlock", "--remove-all", "--json")).Demand(0)).GetProperty("removed").GetInt32());
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(0);
    }

    [Fact]
    public async Task A_lock_that_we_were_killed_with_is_removed_by_the_next_command()
    {
        await _site.InitBesideAsync();
        using var killed = _site.Start(new Dictionary<string, string>(), "key", "list");
        await killed.KillAsync();
        await LeaveLockAsync(ProcessSpace.UniqueHostName, killed.Id);
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(0);
        Assert.Empty(Locks);
    }

    [Fact]
    public async Task A_lock_of_the_same_process_number_elsewhere_is_left_alone()
    {
        await _site.InitBesideAsync();
        using var killed = _site.Start(new Dictionary<string, string>(), "key", "list");
        await killed.KillAsync();
        await LeaveLockAsync(Environment.MachineName, killed.Id);   // another container of this name, for example
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(4);
        Assert.Single(Locks);
    }

    [Fact]
    public async Task Restic_asks_a_lock_holder_of_ours_whether_it_lives_and_does_not_kill_it_by_that()
    {
        Needs.Linux();
        await _site.InitBesideAsync();

        // Held open: it waits for its password, as a long backup would wait for the disk.
        using var ours = _site.Start(new Dictionary<string, string>(), "list", "--repo", _site.Repository, "--password-command", "cat");
        await Until.IsTrue(() => IsWaitingForInput(ours), () => "the password program");
        using var repository = await OpenAsync();
        var owner = LockOwner.ThisProcess(Environment.MachineName) with { ProcessId = ours.Id };   // as if it had the plain host name that restic looks for
        await using (await RepositoryLock.AcquireAsync(repository, isExclusive: false, owner, TimeProvider.System, TimeSpan.Zero, Until.Limit()))
        {
            (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "unlock")).Demand(0);
            Assert.Single(Locks);   // restic found it alive
        }

        ours.Signal(Hangup);   // and once more, by hand
        await ours.Input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(BackupSite.Password), Until.Limit());
        ours.CloseInput();
        (await ours.EndAsync()).Demand(0);
    }

    [Fact]
    public async Task A_service_outlives_the_question_too()
    {
        Needs.Linux();
        using var site = new IntakeSite();
        using var service = await site.ServeAsync();
        service.Signal(Hangup);
        await site.UntilAccountedAsync(0);
        Assert.False(service.HasExited);
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
    }

    [Fact]
    public async Task An_interrupted_command_exits_130_and_leaves_no_lock()
    {
        Needs.Linux();
        await _site.InitBesideAsync();
        using var ours = _site.Start(new Dictionary<string, string>(), "list", "--repo", _site.Repository, "--password-command", "cat");
        await Until.IsTrue(() => IsWaitingForInput(ours), () => "the password program");
        ours.Signal(LibC.Interrupt);
        (await ours.EndAsync()).Demand(130);
        Assert.Empty(Locks);
    }

    public void Dispose()
    {
        _volumes.Dispose();
        _site.Dispose();
    }

    private static bool IsWaitingForInput(RunningProgram program) =>
        File.ReadAllText($"/proc/{program.Id}/task/{program.Id}/children").Length > 0;

    private async Task<Repository> OpenAsync() => await Repository.OpenAsync(
        new FolderStore(_volumes.Open(_site.Repository, EntryPermissions.Sealed)), System.Text.Encoding.UTF8.GetBytes(BackupSite.Password), Until.Limit());

    private async Task LeaveLockAsync(string host, int process)
    {
        using var repository = await OpenAsync();
        string time = TimeProvider.System.GetUtcNow().ToString("O");
        string json = $$"""{"time":"{{time}}","exclusive":true,"hostname":"{{host}}","username":"us","pid":{{process}}}""";
        await repository.SaveUnpackedAsync(FileKind.Lock, System.Text.Encoding.UTF8.GetBytes(json), Until.Limit());
    }
}
