using System.Text;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Ledger;

public sealed class ReceiptLogTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z");

    private readonly TempFolder _disk = new(inMemory: true);
    private readonly SqliteDatabase _database;
    private readonly MemoryFolder _folder = new MemoryVolume().FolderAt("receipts");
    private readonly RecordIdSource _ids = new(TimeProvider.System);
    private int _count;

    public ReceiptLogTests() => _database = SqliteDatabase.Open(_disk["docingest.db"]);

    public void Dispose()
    {
        _database.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task Each_receipt_is_written_once_by_whichever_process()
    {
        var one = Log();
        var other = Log();
        for (int n = 0; n < 6; n++)
        {
            await IssueAsync(Noon);
            (n % 2 == 0 ? one : other).CatchUp(_database);
        }

        Assert.Equal([1, 2, 3, 4, 5, 6], Sequences("2026-03-01"));
    }

    [Fact]
    public async Task Two_processes_that_meet_at_midnight_write_nothing_twice()
    {
        var one = Log();
        var other = Log();
        await IssueAsync(Noon);
        one.CatchUp(_database);
        await IssueAsync(Noon.AddDays(1));
        other.CatchUp(_database);
        await IssueAsync(Noon.AddDays(1));
        one.CatchUp(_database);
        Assert.Equal([1], Sequences("2026-03-01"));
        Assert.Equal([2, 3], Sequences("2026-03-02"));
    }

    [Fact]
    public async Task A_clock_set_back_stays_in_the_newest_file()
    {
        var log = Log();
        await IssueAsync(Noon);
        log.CatchUp(_database);
        await IssueAsync(Noon.AddDays(-1));
        log.CatchUp(_database);
        Assert.Equal([1, 2], Sequences("2026-03-01"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public async Task A_torn_tail_is_cut_and_completed(int left)
    {
        await IssueAsync(Noon);
        await IssueAsync(Noon);
        Log().CatchUp(_database);
        string whole = Text("2026-03-01");
        int first = whole.IndexOf('\n') + 1;
        _folder.Truncate("2026-03-01.jsonl", first + left);
        Log().CatchUp(_database);
        Assert.Equal(whole, Text("2026-03-01"));
        _folder.Truncate("2026-03-01.jsonl", left);
        Log().CatchUp(_database);
        Assert.Equal(whole, Text("2026-03-01"));
    }

    [Fact]
    public async Task Zeros_a_power_cut_leaves_are_written_over_wherever_they_stand()
    {
        for (int n = 0; n < 4; n++)
        {
            await IssueAsync(Noon);
        }

        Log().CatchUp(_database);
        string whole = Text("2026-03-01");
        byte[] bytes = Encoding.UTF8.GetBytes(whole);
        int second = whole.IndexOf('\n') + 1;
        foreach (var (from, to) in new[] { (bytes.Length - 30, bytes.Length), (second, whole.IndexOf('\n', second) + 1), (second + 9, second + 60), (0, bytes.Length) })
        {
            byte[] holed = [.. bytes];
            holed.AsSpan(from, to - from).Clear();
            _folder.Delete("2026-03-01.jsonl");
            using (var file = _folder.Create("2026-03-01.jsonl"))
            {
                file.Write(holed);
            }

            Log().CatchUp(_database);
            Assert.Equal(whole, Text("2026-03-01"));
        }
    }

    [Fact]
    public async Task Profiles_have_their_own_lists_and_one_that_gets_nothing_has_none()
    {
        var log = new ReceiptLog(_folder, "receipts-", new ReceiptCsv(), "ward-a");
        var idle = new ReceiptLog(_folder, "idle-", new ReceiptCsv(), "nobody");
        foreach (string profile in new[] { "ward-a", "ward-b", "ward-b", "ward-a" })
        {
            await IssueAsync(Noon, profile);
            log.CatchUp(_database);
            idle.CatchUp(_database);
        }

        Assert.Equal(3, Text("receipts-2026-03-01", "csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(_folder.List(""), entry => entry.Name.StartsWith("idle-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("=cmd|'calc'!A0.pdf", "\"'=cmd|'calc'!A0.pdf\"")]
    [InlineData("+1.pdf", "\"'+1.pdf\"")]
    [InlineData("@a.pdf", "\"'@a.pdf\"")]
    [InlineData("-a.pdf", "\"'-a.pdf\"")]
    [InlineData("say \"a\", b.pdf", "\"say \"\"a\"\", b.pdf\"")]
    [InlineData("two\nlines\r.pdf", "\"two\\nlines\\r.pdf\"")]
    public async Task A_name_stays_a_name_in_a_spreadsheet(string name, string cell)
    {
        await IssueAsync(Noon, name: name);
        new ReceiptLog(_folder, "receipts-", new ReceiptCsv(), null).CatchUp(_database);
        string text = Text("receipts-2026-03-01", "csv");
        Assert.Contains($",{cell},", text);
        Assert.Equal(2, text.Count(c => c == '\n'));
    }

    private ReceiptLog Log() => new(_folder, "", new ReceiptJsonLines(), null);

    private string Text(string name, string extension = "jsonl") => IngestWorld.ReadText(_folder, $"{name}.{extension}");

    private IEnumerable<long> Sequences(string day) =>
        Text(day).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new ReceiptJsonLines().SequenceOf(line) ?? -1);

    private Task IssueAsync(DateTimeOffset at, string profile = "default", string? name = null) => _database.WriteAsync(
        (_, transaction) =>
        {
            var claim = new Claim(
                _ids.Draw(), profile, $"/drop/{name ?? $"{++_count}.pdf"}", "", new FileStamp($"{_ids.Draw()}", 7, 1), at, null, null, true);
            ScanTable.Open(transaction, [claim], "tester");
            ScanTable.Close(transaction, new Closing(claim.Id, ScanOutcome.Filed, claim.Id, 1), at);
            return true;
        },
        TestContext.Current.CancellationToken);
}
