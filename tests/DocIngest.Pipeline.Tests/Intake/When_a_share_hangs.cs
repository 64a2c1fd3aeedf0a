using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Intake;

/// <summary>A hard mount whose server is away gives no error: every call waits. Only its own profile may wait with it.</summary>
public sealed class When_a_share_hangs : IDisposable
{
    private readonly IngestWorld _world = new(new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T10:00:00Z")));
    private readonly ProfileOptions _ofShare = new() { Name = "share", Folder = "/volume/share", Watch = WatchMode.Polling };
    private readonly ManualResetEventSlim _back = new();
    private readonly List<HangingFolder> _hanging = [];   // under itself

    public When_a_share_hangs()
    {
        _world.Volume.FolderAt("").CreateFolder("share");
        _world.OtherProfiles.Add(_ofShare);
    }

    public void Dispose()
    {
        _world.Dispose();
        _back.Dispose();
    }

    [Fact]
    public async Task Its_claims_hold_up_no_other_folder_however_many_files_it_has()
    {
        PutOnShare(600);
        Hang(call => call.StartsWith("find ", StringComparison.Ordinal) && call.EndsWith(".pdf", StringComparison.Ordinal));
        await WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1 && _world.DroppedNames().Count == 0);
            _back.Set();
            await until(() => _world.Counts().GetValueOrDefault("filed") == 601);
        });
        Assert.Equal(0, _world.Counts().GetValueOrDefault("pending"));
    }

    [Fact]
    public async Task The_space_for_a_file_that_is_still_to_be_copied_is_given_to_no_other()
    {
        const int Large = 1_200_000;
        int opened = 0;
        using (var file = _world.Volume.FolderAt("share").Create("large.pdf"))
        {
            file.Write(IngestWorld.Document(new string('x', Large)));
        }

        _world.FreeSpaceReserveBytes = 1_000_000;
        _world.Volume.CapacityBytes = (2 * Large) + 1_000_000 + (3 * Large / 2);   // dropped both, the reserve, and one and a half of them
        Hang(call => call == "open large.pdf" && Interlocked.Increment(ref opened) > 1);   // settles, and is not copied
        await WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            _world.Put("b.pdf", IngestWorld.Document(new string('y', Large)));
            await until(() => _world.Alarms().Any(alarm => alarm.Kind == "disk-reserve"));
            Assert.Equal(1, _world.Counts()["pending"]);
            _back.Set();
            _world.Volume.CapacityBytes = null;
            await until(() => _world.Counts().GetValueOrDefault("filed") == 3 && _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task Its_removals_hold_up_no_other_folder()
    {
        PutOnShare(70);   // more than a group
        Hang(call => call.StartsWith("move ", StringComparison.Ordinal));
        await WatchAsync(async until =>
        {
            await until(() => Receipts() == 71 && _world.DroppedNames().Count == 0);
            Assert.NotEmpty(_world.Volume.FolderAt("share").List(""));
            _back.Set();
            await until(() => !_world.Volume.FolderAt("share").List("").Any());
        });
    }

    [Fact]
    public async Task Its_removals_that_a_dead_process_has_left_hold_up_no_start()
    {
        PutOnShare(1);
        await _world.RunAsync((session, cancellation) => session.TakeInAsync(["/volume/share"], "share", removesSource: true, _ => { }, cancellation));
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync((_, transaction) => Leave(transaction), TestContext.Current.CancellationToken);
        }

        Hang(call => call.StartsWith("find ", StringComparison.Ordinal) && call.EndsWith(".pdf", StringComparison.Ordinal));
        await WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 2 && _world.DroppedNames().Count == 0);
            _back.Set();
            await until(() => _world.Ask(connection => ScanTable.SourcesLeft(connection, "share")).Count == 0);
        });
    }

    [Fact]
    public async Task Its_feedback_holds_up_no_other_folders_status()
    {
        _ofShare.FeedbackFolder = "/volume/share/feedback";
        _world.Volume.FolderAt("share").CreateFolder("feedback");
        _world.Profile.FeedbackFolder = IngestWorld.DropPath + "/feedback";
        _world.Drop.CreateFolder("feedback");
        _world.FreeSpaceReserveBytes = 1_000_000;
        Hang(call => call == "find STATUS.txt");
        await WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            _world.Volume.CapacityBytes = 900_000;
            _world.Put("b.pdf", IngestWorld.Document("another"));
            await until(() => IngestWorld.ReadText(_world.Drop, "feedback/STATUS.txt").Contains("STOP: disk full", StringComparison.Ordinal));
            _back.Set();
            await until(() => _world.Volume.FolderAt("share/feedback").Find("STATUS.txt") is not null);
        });
    }

    // Drops a file elsewhere once the share hangs.
    private Task WatchAsync(Func<Func<Func<bool>, Task>, Task> script) => _world.WatchAsync(async until =>
    {
        try
        {
            await until(IsHanging);
            _world.Put("a.pdf", IngestWorld.Document("of another folder"));
            await script(until);
        }
        finally
        {
            _back.Set();   // or the service could not end
        }
    });

    private int Receipts() => _world.Data.List(DataFolder.Receipts).ToList()
        .Sum(file => IngestWorld.ReadText(_world.Data, $"{DataFolder.Receipts}/{file.Name}").Count(letter => letter == '\n'));

    private bool IsHanging()
    {
        lock (_hanging)
        {
            return _hanging.Exists(folder => folder.IsHanging);
        }
    }

    private void Hang(Func<string, bool> hangs) => _world.Wrap = folder =>
    {
        if (!folder.DisplayName.Contains("share", StringComparison.Ordinal))
        {
            return folder;
        }

        var hanging = new HangingFolder(folder, hangs, _back);
        lock (_hanging)
        {
            _hanging.Add(hanging);
        }

        return hanging;
    };

    private void PutOnShare(int count)
    {
        for (int n = 0; n < count; n++)
        {
            using var file = _world.Volume.FolderAt("share").Create($"{n}.pdf");
            file.Write(IngestWorld.Document($"scan {n}"));
        }
    }

    private static bool Leave(System.Data.Common.DbTransaction transaction)
    {
        using var command = transaction.Connection?.CreateCommand() ?? throw new InvalidOperationException("The transaction has ended.");
        command.Transaction = transaction;
        command.CommandText = "UPDATE scan SET source_state = 'present', owner = 'dead'";
        return command.ExecuteNonQuery() == 1;
    }
}
