using System.Text;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Intake;

/// <summary>A drop folder in memory with a watcher whose looks a test asks for one by one, on a clock it sets.</summary>
internal sealed class DropFolderInTest : IDisposable
{
    private readonly TempFolder _disk = new(inMemory: true);
    private readonly Taken _taken = new();
    private DropFolderWatcher? _watcher;

    public DropFolderInTest()
    {
        Volume = new MemoryVolume(Time);
        Folder = Volume.FolderAt("drop");
        Database = SqliteDatabase.Open(_disk["docingest.db"]);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-03-01T10:00:00Z"));

    public MemoryVolume Volume { get; }

    public IDurableFolder Folder { get; set; }

    public SqliteDatabase Database { get; }

    public ProfileOptions Profile { get; } = new() { Folder = "/volume/drop", Watch = WatchMode.Polling };

    public TailVerdict Tail { get; set; } = TailVerdict.Complete;

    public Func<string, bool> IsElsewhere { get; set; } = _ => false;

    public DropFolder Drop => field ??= new DropFolder(Profile, Folder, "/volume/drop");

    public IReadOnlyList<string> TakenPaths => _taken.Paths;

    public IReadOnlyList<(string Kind, long Count)> Alarms
    {
        get
        {
            using var connection = Database.OpenReader();
            return [.. AlarmTable.Standing(connection).Select(alarm => (alarm.Kind, alarm.Count))];
        }
    }

    public void Put(string path, string content = "content")
    {
        if (path.Contains('/'))
        {
            Volume.FolderAt("drop").CreateFolder(path[..path.LastIndexOf('/')]);
        }

        using var file = Volume.FolderAt("drop").Create(path);
        file.Write(Encoding.UTF8.GetBytes(content));
    }

    public void Append(string path, string content)
    {
        using var file = Volume.FolderAt("drop").OpenAppend(path);
        file.Write(Encoding.UTF8.GetBytes(content));
    }

    public DropFolderScan Scan() => DropFolderScan.Look(Drop, IsElsewhere);

    /// <summary>One look after some time.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(TimeSpan after = default)
    {
        Time.Advance(after);
        _watcher ??= new DropFolderWatcher(
            Drop, Database, "this", null!, new Alarms(Database, Time, NullLogger.Instance), IsElsewhere, _ => Tail, Time, NullLogger.Instance);   // no filed sources here
        int before = _taken.Paths.Count;
        await _watcher.LookOnceAsync(_taken, TestContext.Current.CancellationToken);
        return [.. _taken.Paths.Skip(before)];
    }

    public void Dispose()
    {
        Database.Dispose();
        _disk.Dispose();
    }

    private sealed class Taken : ISettledScans
    {
        public List<string> Paths { get; } = [];

        public ValueTask AddAsync(SettledScan scan, CancellationToken cancellation)
        {
            Paths.Add(scan.RelativePath);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A folder some of whose entries nobody lets us read.</summary>
internal class ForbiddingFolder(IDurableFolder inner, Func<string, bool> isForbidden) : IDurableFolder
{
    public string DisplayName => inner.DisplayName;

    public virtual FolderEntry? Find(string path) => inner.Find(path);

    public virtual IEnumerable<FolderEntry> List(string path) => isForbidden(path) ? throw Forbidden() : inner.List(path);

    public virtual Stream OpenRead(string path) => isForbidden(path) ? throw Forbidden() : inner.OpenRead(path);

    public virtual WriterProbe ProbeWriter(string path) => inner.ProbeWriter(path);

    public Stream Create(string path) => isForbidden(path) ? throw Forbidden() : inner.Create(path);

    public Stream OpenAppend(string path) => inner.OpenAppend(path);

    public void Truncate(string path, long sizeBytes) => inner.Truncate(path, sizeBytes);

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public virtual void Move(string from, string to) => (isForbidden("move") ? throw Forbidden() : inner).Move(from, to);

    public void Replace(string from, string to) => inner.Replace(from, to);

    public void Delete(string path) => inner.Delete(path);

    public bool DeleteEmptyFolder(string path) => inner.DeleteEmptyFolder(path);

    public void DeleteTree(string path) => inner.DeleteTree(path);

    public ValueTask FlushAsync(CancellationToken cancellation) => inner.FlushAsync(cancellation);

    public FlushMark Mark() => inner.Mark();

    public ValueTask FlushAsync(FlushMark since, CancellationToken cancellation) => inner.FlushAsync(since, cancellation);

    public long FreeBytes() => inner.FreeBytes();

    private StorageUnavailableException Forbidden() => new($"{DisplayName}: forbidden.");
}

/// <summary>A share whose server does not answer: calls wait, without an error, until it is back.</summary>
/// <param name="hangs">Asked with <c>find</c>, <c>open</c> or <c>move</c> and the path.</param>
/// <param name="back">Set when the server answers again.</param>
internal sealed class HangingFolder(IDurableFolder inner, Func<string, bool> hangs, ManualResetEventSlim back) : ForbiddingFolder(inner, _ => false)
{
    private int _hanging;

    /// <summary>Whether some call waits.</summary>
    public bool IsHanging => Volatile.Read(ref _hanging) > 0;

    public override FolderEntry? Find(string path)
    {
        Hang($"find {path}");
        return base.Find(path);
    }

    public override Stream OpenRead(string path)
    {
        Hang($"open {path}");
        return base.OpenRead(path);
    }

    public override void Move(string from, string to)
    {
        Hang($"move {from}");
        base.Move(from, to);
    }

    private void Hang(string call)
    {
        if (hangs(call))
        {
            Interlocked.Increment(ref _hanging);
            back.Wait(TestContext.Current.CancellationToken);
            Interlocked.Decrement(ref _hanging);
        }
    }
}

/// <summary>A share without birth times, whose server gives the next file of a name the number of the former, copied with its write time.</summary>
internal sealed class SharedFileNumbers(IDurableFolder inner) : ForbiddingFolder(inner, _ => false)
{
    public override FolderEntry? Find(string path) => base.Find(path) is { } found ? Steady(found) : null;

    public override IEnumerable<FolderEntry> List(string path) => base.List(path).Select(Steady);

    private static FolderEntry Steady(FolderEntry entry) => entry with { Stamp = new FileStamp("9", entry.Stamp.SizeBytes, 0) };
}

/// <summary>A folder that gives one of its files another name.</summary>
internal sealed class RenamingFolder(IDurableFolder inner, string name, string shown) : ForbiddingFolder(inner, _ => false)
{
    public override FolderEntry? Find(string path) => base.Find(path == shown ? name : path);

    public override IEnumerable<FolderEntry> List(string path) =>
        base.List(path).Select(entry => entry.Name == name ? entry with { Name = shown } : entry);

    public override Stream OpenRead(string path) => base.OpenRead(path == shown ? name : path);

    public override WriterProbe ProbeWriter(string path) => base.ProbeWriter(path == shown ? name : path);
}

/// <summary>A folder in which something happens just before a file is opened.</summary>
internal sealed class MeddledFolder(IDurableFolder inner, Action<string> before) : ForbiddingFolder(inner, _ => false)
{
    public override Stream OpenRead(string path)
    {
        before(path);
        return base.OpenRead(path);
    }
}
