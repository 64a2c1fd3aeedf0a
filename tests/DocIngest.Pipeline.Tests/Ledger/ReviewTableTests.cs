using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Ledger;

public sealed class ReviewTableTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z");

    private readonly TempFolder _disk = new(inMemory: true);
    private readonly SqliteDatabase _database;
    private readonly RecordId _record = new RecordIdSource(TimeProvider.System).Draw();

    public ReviewTableTests() => _database = SqliteDatabase.Open(_disk["docingest.db"]);

    public void Dispose()
    {
        _database.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task The_items_are_those_of_the_head()
    {
        await PutAsync(1, "damaged", "late-bytes");
        await PutAsync(2, "late-bytes", "key-exists");
        Assert.Equal(["key-exists v2", "late-bytes v2"], Waiting());
        await PutAsync(3);
        Assert.Empty(Waiting());
    }

    [Fact]
    public async Task A_confirmed_item_returns_only_with_a_later_version()
    {
        await PutAsync(1, "damaged");
        await PutAsync(2, [Confirmed("damaged")], "damaged");
        await PutAsync(2, "damaged");   // a rebuild with a record of before
        Assert.Empty(Waiting());
        await PutAsync(3, [Confirmed("damaged")], "damaged");
        Assert.Empty(Waiting());
        await PutAsync(4, "damaged");
        Assert.Equal(["damaged v4"], Waiting());
    }

    [Fact]
    public async Task Repeating_changes_nothing()
    {
        await PutAsync(1, "damaged");
        using var connection = _database.OpenReader();
        var before = ReviewTable.List(connection).ToList();
        await PutAsync(1, "damaged");
        Assert.Equal(before, ReviewTable.List(connection));
    }

    private static PersonalDecision Confirmed(string code) => new(DecisionKind.Confirmed, "nurse", "urn:docingest:account:test:nurse", Noon, [code]);

    private List<string> Waiting()
    {
        using var connection = _database.OpenReader();
        return [.. ReviewTable.List(connection).Where(item => item.ConfirmedAt is null).Select(item => $"{item.Code} v{item.Version}")];
    }

    private Task PutAsync(int version, params string[] codes) => PutAsync(version, [], codes);

    private Task PutAsync(int version, IReadOnlyList<PersonalDecision> decisions, params string[] codes) => _database.WriteAsync(
        (_, transaction) =>
        {
            ReviewTable.Put(transaction, Record(codes) with { Decisions = decisions }, version, Noon.AddMinutes(version));
            return true;
        },
        TestContext.Current.CancellationToken);

    private RecordDocument Record(string[] codes) => new()
    {
        Id = _record,
        ScanId = _record,
        Profile = "default",
        ReceivedAt = Noon,
        FileName = "a.pdf",
        MediaType = "application/pdf",
        SizeBytes = 1,
        Sha512 = "",
        TextStatus = codes.Contains("damaged") ? TextStatus.Damaged : TextStatus.Complete,
        Pages = PageAccount.Unknown,
        Flags = [.. codes.Where(code => code != "damaged")],
    };
}
