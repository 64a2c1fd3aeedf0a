using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Locks;

/// <summary>A repository, a clock that stands still until a test moves it, and processes that live or do not.</summary>
internal sealed class LockWorld : IDisposable
{
    private LockWorld(MemoryFolder folder, Repository repository) => (Folder, Repository) = (folder, repository);

    public MemoryFolder Folder { get; }

    public Repository Repository { get; set; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The numbers of living processes, and when each began.</summary>
    public Dictionary<int, UnixTime> Living { get; } = new() { [1] = default, [2] = default, [3] = default };

    public UnixTime Now => UnixTime.Now(Clock);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public int LockCount => Folder.Files("locks").Count;

    public static async Task<LockWorld> CreateAsync()
    {
        var folder = RepositoryWorld.NewFolder();
        return new LockWorld(folder, await RepositoryWorld.InitAsync(folder));
    }

    public LockOwner Owner(int processId = 1, string host = "here") => new()
    {
        HostName = host,
        UserName = "tester",
        ProcessId = processId,
        Started = new UnixTime(Now.Seconds - 3600, 0),
        StartOf = id => Living.TryGetValue(id, out var began) ? began : null,
        UserId = 7,
    };

    public Task<RepositoryLock> AcquireAsync(bool isExclusive, int processId = 1, string host = "here", TimeSpan retryFor = default) =>
        RunAsync(RepositoryLock.AcquireAsync(Repository, isExclusive, Owner(processId, host), Clock, retryFor, Cancellation));

    /// <summary>A lock that somebody else left.</summary>
    public Task<FileId> LeaveAsync(bool isExclusive, TimeSpan age = default, int processId = 2, string host = "elsewhere")
    {
        var time = new ZonedTime(UnixTime.From(Clock.GetUtcNow() - age));
        return Repository.SaveUnpackedAsync(FileKind.Lock, new LockFile(time, isExclusive, host, "other", processId, 0, 0).Write(), Cancellation);
    }

    public async Task<IReadOnlyList<LockFile>> LocksAsync() => await new LockFolder(Repository).ListAsync(Cancellation)
        .Select(listed => listed.File ?? throw new InvalidOperationException("An unreadable lock."))
        .ToListAsync(Cancellation);

    /// <summary>Moves the clock on in small steps until the work is done.</summary>
    public async Task<T> RunAsync<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation));
        }

        return await work;
    }

    /// <summary>Moves the clock on by so much, in steps in which watchers can keep up.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var step = TimeSpan.FromSeconds(10); time > TimeSpan.Zero; time -= step)
        {
            Clock.Advance(step < time ? step : time);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Waits for what a watcher does on another thread.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; !isSo(); i++)
        {
            Assert.True(i < 5000, "It did not become so.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancellation);
        }
    }

    public void Dispose() => Repository.Dispose();
}
