using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.TestKit;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Alarms.Ways;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>The outbox on a real database, with ways that work, refuse, or die in the middle.</summary>
public sealed class When_alarms_are_sent : IDisposable
{
    private const string Admin = "system";
    private const string Other = "webhook:chat";

    private readonly TempFolder _disk = new();
    private readonly SqliteDatabase _database;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly Recorder _admin = new();
    private readonly Recorder _other = new();
    private readonly AlarmPace _pace = new(3, TimeSpan.FromDays(1));
    private Func<string, string, bool> _wants = (recipient, _) => recipient == Admin;

    public When_alarms_are_sent() => _database = SqliteDatabase.Open(_disk["docingest.db"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_begin_and_its_end_are_each_told_once()
    {
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();
        await RoundAsync();
        await ResolveAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();
        await RoundAsync();
        Assert.Equal(["raised folder-missing ward", "resolved folder-missing ward"], _admin.Told);
        Assert.Equal(2, _admin.Letters.Select(letter => letter.Id).Distinct().Count());
    }

    [Fact]
    public async Task One_that_comes_again_is_told_again()
    {
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();
        await ResolveAsync(AlarmKind.FolderMissing, "ward");
        _time.Advance(TimeSpan.FromSeconds(1));
        await RaiseAsync(AlarmKind.FolderMissing, "ward");   // between two rounds
        await RoundAsync();
        Assert.Equal(["raised folder-missing ward", "raised folder-missing ward"], _admin.Told);
    }

    [Fact]
    public async Task One_that_stands_is_told_again_after_the_set_time_and_not_before()
    {
        await RaiseAsync(AlarmKind.SourceStuck, "ward");
        await RoundAsync();
        _time.Advance(TimeSpan.FromHours(23));
        await RoundAsync();
        Assert.Single(_admin.Told);
        _time.Advance(TimeSpan.FromHours(1));
        await RoundAsync();
        await RoundAsync();
        Assert.Equal(["raised source-stuck ward", "reminder source-stuck ward"], _admin.Told);
    }

    [Fact]
    public async Task What_is_more_than_the_hours_share_comes_in_one_message_and_none_is_lost()
    {
        for (int index = 0; index < 10; index++)
        {
            await RaiseAsync(AlarmKind.SourceStuck, $"p{index}");
            await RoundAsync();
        }

        Assert.Equal(3, _admin.Letters.Count);
        _time.Advance(TimeSpan.FromMinutes(61));
        await RoundAsync();
        Assert.Equal(4, _admin.Letters.Count);
        Assert.Equal(7, _admin.Letters[3].Notices.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(index => $"raised source-stuck p{index}"), _admin.Told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_flood_of_others_holds_up_no_critical_one()
    {
        for (int index = 0; index < 4; index++)
        {
            await RaiseAsync(AlarmKind.SourceStuck, $"p{index}");
            await RoundAsync();
        }

        Assert.Equal(3, _admin.Letters.Count);
        await RaiseAsync(AlarmKind.DiskReserve, "data");
        await RoundAsync();
        Assert.Equal(4, _admin.Letters.Count);
        Assert.Equal("disk-reserve", _admin.Letters[3].Notices[0].Kind);   // the worst first
    }

    [Fact]
    public async Task A_way_that_is_closed_for_a_day_loses_nothing_and_holds_up_no_other()
    {
        _wants = (_, _) => true;
        _admin.Refuses = true;
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();
        for (int minutes = 0; minutes < 24 * 60; minutes += 5)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await RoundAsync();
            if (minutes == 60)
            {
                await ResolveAsync(AlarmKind.FolderMissing, "ward");
                await RaiseAsync(AlarmKind.DiskLow, "data");
            }
        }

        Assert.Contains("raised alarm-undelivered system", _other.Told);   // somebody hears that others do not
        Assert.Contains("resolved folder-missing ward", _other.Told);
        Assert.InRange(_admin.Attempts.Count, 50, 110);   // at most each quarter of an hour, and never given up
        string id = Assert.Single(_admin.Attempts.Select(letter => letter.Id).Distinct());

        _admin.Refuses = false;
        _time.Advance(TimeSpan.FromMinutes(15));
        await RoundAsync();
        await RoundAsync();
        Assert.Equal(2, _admin.Letters.Count);   // the one that could not go, and one with all that came meanwhile
        Assert.Equal(id, _admin.Letters[0].Id);
        Assert.Contains("raised folder-missing ward", _admin.Told);
        Assert.Contains("resolved folder-missing ward", _admin.Told);
        Assert.Contains("raised disk-low data", _admin.Told);
        await RoundAsync();
        Assert.Contains("resolved alarm-undelivered system", _other.Told);
    }

    [Fact]
    public async Task A_process_that_dies_between_sending_and_its_mark_sends_the_same_once_more()
    {
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        using var death = new CancellationTokenSource();
        _admin.AfterSending = () =>
        {
            death.Cancel();
            throw new OperationCanceledException(death.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Post().RunOnceAsync(death.Token));
        _admin.AfterSending = null;
        _time.Advance(TimeSpan.FromMinutes(3));
        await RaiseAsync(AlarmKind.FolderMissing, "ward");   // its cause came again: the message stays as it is
        await RoundAsync();
        await RoundAsync();
        Assert.Equal(2, _admin.Letters.Count);
        Assert.Equal(_admin.Letters[0].Id, _admin.Letters[1].Id);
        Assert.Equal(_admin.Letters[0].Text, _admin.Letters[1].Text);
        Assert.Equal(_admin.Letters[0].ToJson(), _admin.Letters[1].ToJson());
    }

    [Fact]
    public async Task What_was_accepted_and_could_not_be_noted_is_not_sent_again_by_the_same_process()
    {
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        var post = Post();
        _admin.AfterSending = () => Execute("ALTER TABLE alarm_message RENAME TO away");
        await Assert.ThrowsAsync<SqliteException>(() => post.RunOnceAsync(Token));
        Execute("ALTER TABLE away RENAME TO alarm_message");
        _admin.AfterSending = null;
        await post.RunOnceAsync(Token);
        await post.RunOnceAsync(Token);
        Assert.Equal(["raised folder-missing ward"], _admin.Told);
        using var connection = _database.OpenReader();
        Assert.Empty(AlarmOutbox.Undelivered(connection));
    }

    [Fact]
    public async Task A_clock_that_was_ahead_puts_nothing_off()
    {
        _wants = (_, _) => true;
        _admin.Refuses = true;
        var real = _time.GetUtcNow();
        _time.AdjustTime(real.AddDays(300));
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();   // not accepted: its next try is 300 days ahead
        _time.AdjustTime(real.AddMinutes(1));
        await RoundAsync();
        Assert.Equal(2, _admin.Attempts.Count);
        _time.Advance(TimeSpan.FromHours(1));
        await RoundAsync();
        await RoundAsync();
        Assert.Contains("raised alarm-undelivered system", _other.Told);
        _admin.Refuses = false;
        _time.Advance(TimeSpan.FromHours(1));
        await RoundAsync();
        Assert.Contains("raised folder-missing ward", _admin.Told);
    }

    [Fact]
    public async Task A_recipient_hears_of_its_kinds_only_and_one_who_is_named_no_more_of_none()
    {
        _wants = (recipient, kind) => recipient == Admin || kind == "disk-reserve";
        await RaiseAsync(AlarmKind.FolderMissing, "ward");
        await RoundAsync();
        Assert.Empty(_other.Told);
        _other.Refuses = true;
        await RaiseAsync(AlarmKind.DiskReserve, "data");
        await RoundAsync();
        var alone = new AlarmPost(
            _database, new Dictionary<string, IAlarmWay> { [Admin] = _admin }, _wants, _pace, "machine", _time, NullLogger.Instance);
        await alone.ForgetOthersAsync(Token);
        using var connection = _database.OpenReader();
        Assert.Empty(AlarmOutbox.Undelivered(connection));
    }

    public void Dispose()
    {
        _database.Dispose();
        _disk.Dispose();
    }

    private AlarmPost Post() => new(
        _database, new Dictionary<string, IAlarmWay> { [Admin] = _admin, [Other] = _other }, (recipient, kind) => _wants(recipient, kind), _pace, "machine", _time, NullLogger.Instance);

    private void Execute(string sql)
    {
        using var connection = _database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // Each round is that of another process: what matters is in the database.
    private Task RoundAsync() => Post().RunOnceAsync(Token);

    private Task RaiseAsync(AlarmKind kind, string subject) => _database.WriteAsync(
        (_, transaction) =>
        {
            AlarmTable.Raise(transaction, kind, subject, "Somebody look.", _time.GetUtcNow());
            return true;
        },
        Token);

    private Task ResolveAsync(AlarmKind kind, string subject) => _database.WriteAsync(
        (_, transaction) =>
        {
            AlarmTable.Resolve(transaction, kind, subject, _time.GetUtcNow());
            return true;
        },
        Token);

    private sealed class Recorder : IAlarmWay
    {
        public bool Refuses { get; set; }

        public Action? AfterSending { get; set; }

        public List<AlarmLetter> Attempts { get; } = [];

        public List<AlarmLetter> Letters { get; } = [];

        public IEnumerable<string> Told => Letters.SelectMany(letter => letter.Notices).Select(notice => $"{notice.Event} {notice.Kind} {notice.Subject}");

        public Task SendAsync(AlarmLetter letter, CancellationToken cancellation)
        {
            Attempts.Add(letter);
            if (Refuses)
            {
                throw new AlarmNotAcceptedException("It is away.");
            }

            Letters.Add(letter);
            AfterSending?.Invoke();
            return Task.CompletedTask;
        }
    }
}
