using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Verification;
using DocIngest.TestKit;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Alarms.Checks;
using DocIngest.Worker.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>What the service looks at from time to time.</summary>
public sealed class ChecksTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly TempFolder _disk = new();
    private readonly SqliteDatabase _database;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly DocIngestOptions _options = new();
    private long _free = 100 * GiB;
    private List<Expiry> _expiries = [];

    public ChecksTests() => _database = SqliteDatabase.Open(_disk["docingest.db"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Space_is_told_before_the_reserve_is_reached()
    {
        Assert.Empty(await LookAsync());
        _free = 3 * GiB;   // the reserve is 1 GiB
        Assert.Empty(await LookAsync());
        _free = (3 * GiB) - 1;
        Assert.Equal(["disk-low data"], await LookAsync());
        _free = (3 * GiB) + 1;   // no coming and going at the mark
        Assert.Equal(["disk-low data"], await LookAsync());
        _free = 4 * GiB;
        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task Many_files_in_quarantine_within_a_day_are_told_until_they_are_decided()
    {
        Quarantine(9);
        Assert.Empty(await LookAsync());
        Quarantine(1);
        Assert.Equal(["quarantine-growing quarantine"], await LookAsync());
        _time.Advance(TimeSpan.FromHours(25));   // none came since: it does not grow any more
        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task An_archive_that_nobody_verifies_is_told_once_its_first_record_is_too_old()
    {
        FileRecord(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromDays(89));
        Assert.Empty(await LookAtExpiriesAsync());
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["verification-overdue archive"], await LookAtExpiriesAsync());
    }

    [Fact]
    public async Task An_archive_of_which_something_was_read_too_long_ago_is_told_though_the_job_is_gone()
    {
        var register = new VerificationRegister(_database);
        FileRecord(_time.GetUtcNow().AddDays(-300));
        await register.WalkedAsync([], _time.GetUtcNow(), Token);
        await register.NoteAsync([new ObjectVerification("urn:docingest:holds", _time.GetUtcNow().AddDays(-60), 1, IsSound: true), new ObjectVerification("b", _time.GetUtcNow(), 1, IsSound: true)], Token);
        Assert.Empty(await LookAtExpiriesAsync());
        _time.Advance(TimeSpan.FromDays(32));
        Assert.Equal(["verification-overdue archive"], await LookAtExpiriesAsync());
    }

    [Fact]
    public async Task What_runs_out_within_30_days_is_told_until_another_takes_its_place()
    {
        _expiries = [new("p1", "The certificate of p1", _time.GetUtcNow().AddDays(31))];
        Assert.Empty(await LookAtExpiriesAsync());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["certificate-expiring p1"], await LookAtExpiriesAsync());
        _expiries = [new("p1", "The certificate of p1", _time.GetUtcNow().AddYears(1))];
        Assert.Empty(await LookAtExpiriesAsync());
        _expiries = [new("p1", "The certificate of p1", _time.GetUtcNow().AddDays(-1))];
        Assert.Single(await LookAtExpiriesAsync());
        _expiries = [];   // p1 has no role any more
        Assert.Empty(await LookAtExpiriesAsync());
    }

    [Theory]
    [InlineData("sv=2024-08-04&se=2026-03-20T10%3A00%3A00Z&sig=abc", "2026-03-20T10:00:00Z")]
    [InlineData("?se=2026-03-20&sp=rw", "2026-03-20T00:00:00Z")]
    [InlineData("sv=2024-08-04&si=policy&sig=abc", null)]
    [InlineData("se=never", null)]
    public void A_signature_of_Azure_says_when_it_runs_out(string signature, string? end) =>
        Assert.Equal(end is null ? null : DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture), SharedAccess.EndOf(signature));

    [Fact]
    public void A_signature_counts_where_something_is_in_Azure_and_is_never_repeated()
    {
        Func<string, string?> variables = name => name == SharedAccess.Variable ? "se=2026-03-20T10:00:00Z&sig=S3cret" : null;
        Assert.Empty(SharedAccess.Of(_options, variables));
        _options.Backup.Repository = "azure:backups:/records";
        var expiry = Assert.Single(SharedAccess.Of(_options, variables));
        Assert.DoesNotContain("S3cret", expiry.Subject + expiry.Message(_time.GetUtcNow()), StringComparison.Ordinal);
        Assert.Contains("runs out on 2026-03-20 (in 19 days)", expiry.Message(_time.GetUtcNow()), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_of_people_are_told_without_their_names()
    {
        using var certificate = SelfSigned.For("Jane Roe");
        var jane = new Person("p1", "Jane Roe", [], [], [PersonRole.Approver], _time.GetUtcNow(), "x", "x") { Certificate = certificate.ExportCertificatePem() };
        var ended = jane with { Id = "p2", End = new PersonEnd(_time.GetUtcNow(), "left", "x", "x") };
        var expiry = Assert.Single(Certificates.OfPeople(new PeopleDocument([jane, ended])));
        Assert.Equal("p1", expiry.Subject);
        Assert.DoesNotContain("Roe", expiry.Message(_time.GetUtcNow()), StringComparison.Ordinal);
        File.WriteAllText(_disk["report-signing.pem"], certificate.ExportCertificatePem());
        Assert.Equal("report-signing.pem", Assert.Single(Certificates.OfKeys(_disk.Path)).Subject);
    }

    public void Dispose()
    {
        _database.Dispose();
        _disk.Dispose();
    }

    private AlarmChecks Checks() => new(
        _database, new AlarmBook(_database, _time, NullLogger.Instance), _options, () => _free,
        new Dictionary<AlarmKind, Func<IReadOnlyList<Expiry>>> { [AlarmKind.CertificateExpiring] = () => _expiries }, _time);

    private async Task<IEnumerable<string>> LookAsync()
    {
        await Checks().LookAsync(Token);
        return Standing();
    }

    private async Task<IEnumerable<string>> LookAtExpiriesAsync()
    {
        await Checks().LookAtExpiriesAsync(Token);
        return Standing();
    }

    private List<string> Standing()
    {
        using var connection = _database.OpenReader();
        return [.. AlarmTable.Standing(connection).Select(alarm => $"{alarm.Kind} {alarm.Subject}")];
    }

    private void FileRecord(DateTimeOffset at)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        var id = new RecordId(Guid.CreateVersion7(at));
        command.CommandText = "INSERT INTO catalog_records (key, id, version, record_class, profile, received_at, text_status, sha512, record) VALUES ($key, $id, 1, 'c', 'p', '', 'none', x'', '{}')";
        command.Parameters.AddWithValue("$key", id.OrderKey);
        command.Parameters.AddWithValue("$id", id.ToBareString());
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_disk["docingest.db"]};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Quarantine(int count)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA foreign_keys = OFF; INSERT INTO quarantine (scan_id, code, since) VALUES (lower(hex(randomblob(16))), 'x', $now)";
        command.Parameters.AddWithValue("$now", _time.GetUtcNow().ToUnixTimeMilliseconds());
        for (int index = 0; index < count; index++)
        {
            command.ExecuteNonQuery();
        }
    }
}
