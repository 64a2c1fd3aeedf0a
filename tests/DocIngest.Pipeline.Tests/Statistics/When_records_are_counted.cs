using CsCheck;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Statistics;
using DocIngest.Pipeline.Tests.Catalog;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Tests.Statistics;

/// <summary>Counts of records and claims, over real SQLite.</summary>
public sealed class When_records_are_counted : IDisposable
{
    private static readonly TimeZoneInfo London = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");
    private static readonly StatsDimension[] All = Enum.GetValues<StatsDimension>();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("docingest-stats-");
    private readonly SqliteDatabase _database;

    public When_records_are_counted() => _database = SqliteDatabase.Open(Path.Combine(_folder.FullName, "docingest.db"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Pages_are_told_apart_and_confidence_falls_into_buckets()
    {
        await PutAsync(
            A.Entry(A.Id(1)).With(record => record with { Pages = new PageAccount(7, 3, 1, 1, 1, 1) }) with
            {
                Text = new DocumentText(
                [
                    new PageText(1, "own", TextSource.Layer), new PageText(2, "read", TextSource.Ocr, 49.9), new PageText(3, "read", TextSource.Ocr, 95),
                    new PageText(4, "", TextSource.Ocr, 12), new PageText(5, "", TextSource.None),
                ]),
            },
            A.Entry(A.Id(2)) with { Text = new DocumentText([new PageText(1, "read", TextSource.Ocr, 100)]) },
            A.Entry(A.Id(3)) with { Text = new DocumentText([new PageText(1, "read", TextSource.Ocr)]) });
        var counted = Records();
        Assert.True(counted.AddsUp);
        Assert.Equal(new PageCounts(9, TextLayer: 1, Ocr: 4, TextOfUnknownSource: 0, PendingOcr: 1, Blank: 1, Wordless: 1, Failed: 1), counted.Total.Pages);
        Assert.Equal(["0-50: 1", "50-60: 0", "60-70: 0", "70-80: 0", "80-90: 0", "90-95: 0", "95-: 2"], counted.OcrConfidence.Select(one => $"{one.FromPercent}-{one.BelowPercent}: {one.Pages}"));
        Assert.Equal(1, counted.OcrOfUnknownConfidence);
    }

    [Fact]
    public async Task A_divided_scan_is_counted_by_its_documents_and_a_withdrawn_record_came_in_too()
    {
        await PutAsync(
            A.Entry(A.Id(1), recordClass: RecordDocument.BatchClass).With(record => record with { Batch = new BatchAccount(5, 4, [1], [], []), Pages = new PageAccount(5, 4, 0, 1, 0) }),
            A.Entry(A.Id(2)).With(record => record with { Withdrawn = "illegible" }),
            A.Entry(A.Id(3), version: 7));
        var counted = Records();
        Assert.Equal(new BatchCounts(1, 5), counted.Batches);
        Assert.Equal((2, 1, 8, 2), (counted.Total.Records, counted.Total.Withdrawn, counted.Total.Versions, counted.Total.Pages.Total));
        Assert.Equal([1, 0, 0, 0, 1], counted.VersionsPerRecord.Select(bucket => bucket.Records));
        Assert.Equal(["letter"], counted.By[StatsDimension.Class].Select(row => row.Name));
    }

    /// <summary>Clocks in London go forward on 2026-03-29: that day has 23 hours, and begins as UTC does; the next begins an hour before.</summary>
    [Fact]
    public async Task A_day_is_one_of_the_schedules_zone()
    {
        var lastWinter = new DateTimeOffset(2026, 3, 29, 0, 0, 0, TimeSpan.Zero);
        DateTimeOffset[] instants = [lastWinter.AddMilliseconds(-1), lastWinter, lastWinter.AddHours(23).AddMilliseconds(-1), lastWinter.AddHours(23)];
        await PutAsync([.. instants.Select(instant => A.Entry(At(instant)))]);
        Assert.Equal(["2026-03-28 1", "2026-03-29 2", "2026-03-30 1"], Records().By[StatsDimension.Day].Select(row => $"{row.Name} {row.Counts.Records}"));
        var day = new DateOnly(2026, 3, 29);
        var one = Records(day, day);
        Assert.Equal(2, one.Total.Records);
        Assert.Equal(["2026-03 2"], one.By[StatsDimension.Month].Select(row => $"{row.Name} {row.Counts.Records}"));
        Assert.Equal((3, 3), (Records(from: day).Total.Records, Records(to: day).Total.Records));
        Assert.Equal(0, Records(from: day.AddYears(1)).Total.Records);
        Assert.Empty(Records(from: day.AddYears(1)).By[StatsDimension.Day]);
    }

    [Fact]
    public Task Whatever_was_filed_changed_and_removed_every_breakdown_sums_to_the_total() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 2], Gen.Int[1, 6], Gen.Int[0, 4]).Array[1, 40].SampleAsync(async steps =>
        {
            using var database = SqliteDatabase.Open(Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.db"));
            var held = new Dictionary<RecordId, CatalogEntry>();
            foreach (var (hours, kind, version, action) in steps)
            {
                var id = At(A.Morning.AddHours(hours));
                var entry = A.Entry(id, version: version, recordClass: $"class-{kind}").With(record => record with
                {
                    Profile = $"profile-{kind}", Withdrawn = action == 1 ? "illegible" : null, Pages = new PageAccount(version + kind, version, kind, 0, 0),
                    Batch = action == 2 ? new BatchAccount(1, 1, [], [], []) : null,
                });
                await WriteAsync(database, transaction =>
                {
                    if (action == 0)
                    {
                        new SqliteCatalog(database).Remove(transaction, id);
                        held.Remove(id);
                    }
                    else if (!held.TryGetValue(id, out var former) || former.Head <= version)
                    {
                        new SqliteCatalog(database).Put(transaction, entry);
                        held[id] = entry;
                    }
                });
            }

            using var reader = new StatsReader(database, new StatsSpan(London, null, null), Cancellation);
            var counted = reader.Records(All);
            var records = held.Values.Where(entry => entry.Record.Batch is null).ToList();
            Assert.True(counted.AddsUp);
            Assert.Equal(5, counted.By.Count);
            Assert.Equal(
                (records.Count, records.Sum(entry => entry.Head), records.Sum(entry => entry.Record.Pages.Total), records.Count(entry => entry.Record.Withdrawn is not null)),
                ((int)counted.Total.Records, (int)counted.Total.Versions, (int)counted.Total.Pages.Total, (int)counted.Total.Withdrawn));
            Assert.Equal(held.Count - records.Count, counted.Batches.Scans);
        }, iter: 40, threads: 1);

    [Fact]
    public async Task Records_of_an_older_program_are_counted_and_only_where_their_text_is_from_is_unknown()
    {
        await PutAsync(A.Entry(A.Id(1), version: 2).With(record => record with { Pages = new PageAccount(3, 2, 0, 1, 0) }), A.Entry(A.Id(2)).With(record => record with { Withdrawn = "illegible" }));
        using (var connection = _database.OpenReader())
        {
            Execute(
                connection,
                """
                DROP TABLE catalog_figures; DROP TABLE event_days; DROP INDEX scan_ended;
                INSERT INTO catalog_rebuild (id, token) VALUES (1, 'begun before');
                DELETE FROM SchemaVersions WHERE ScriptName LIKE '%0012%';
                PRAGMA user_version = 1;
                """);
        }

        using var migrated = SqliteDatabase.Open(Path.Combine(_folder.FullName, "docingest.db"));
        var counted = Records();
        Assert.True(counted.AddsUp);
        Assert.Equal((2, 1, 3), (counted.Total.Records, counted.Total.Withdrawn, counted.Total.Versions));
        Assert.Equal(new PageCounts(4, 0, 0, TextOfUnknownSource: 3, 0, Blank: 1, 0, 0), counted.Total.Pages);
        Assert.Equal(["clerk"], counted.By[StatsDimension.Operator].Select(row => row.Name));
        using var again = migrated.OpenReader();
        Assert.Equal(0L, Execute(again, "SELECT count(*) FROM catalog_rebuild"));
    }

    [Fact]
    public void Claims_are_counted_by_outcome_as_they_came()
    {
        var noon = new DateTimeOffset(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);
        using (var connection = _database.OpenReader())
        {
            string[] outcomes = ["filed", "versioned", "duplicate", "quarantined", "failed", "released", "filed"];
            for (int at = 0; at < outcomes.Length; at++)
            {
                Claim(connection, at, noon.AddHours(at), outcomes[at], took: (at + 1) * 1_000);
            }

            Claim(connection, 100, noon, null, took: 0);
            Claim(connection, 101, noon, "filed", took: 9_000, partOf: 1);
        }

        using var reader = Reader();
        var counted = reader.Scans(All);
        Assert.True(counted.AddsUp);
        Assert.Equal(new ScanCounts(8, Filed: 3, 1, 1, 1, 1, Pending: 1, Parts: 1, Pages: 12), counted.Total);
        Assert.Equal([StatsDimension.Day, StatsDimension.Month, StatsDimension.Source], counted.By.Keys.Order());
        Assert.Equal(new TimeToFile(3, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(7)), counted.TimeToFile);   // of 1, 2 and 7 s
        using var later = Reader(from: new DateOnly(2026, 3, 30));
        Assert.Equal((0, null), (later.Scans(All).Total.Dropped, later.Scans(All).TimeToFile.Median));
    }

    /// <summary>Reading a million rows of JSON or of the ledger would take minutes on a slow disk.</summary>
    [Fact]
    public void Only_narrow_rows_are_read()
    {
        using var connection = _database.OpenReader();
        string plan = Plan(
            connection,
            "SELECT profile, outcome, count(*), count(part_seq), total(CASE WHEN part_seq IS NULL THEN page_count END) FROM scan WHERE outcome IS NOT NULL AND outcome <> 'released' AND claimed_at >= 1 AND claimed_at < 9 GROUP BY 1, 2");
        Assert.Contains("COVERING INDEX scan_ended", plan, StringComparison.Ordinal);
    }

    private static string Plan(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        using var rows = command.ExecuteReader();
        string plan = "";
        while (rows.Read())
        {
            plan += rows.GetString(3) + "\n";
        }

        return plan;
    }

    private static void Claim(SqliteConnection connection, int number, DateTimeOffset at, string? outcome, long took, int? partOf = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO scan (id, order_key, profile, source, file_name, file_id, size_bytes, write_time_ns, claimed_at, owner, state, outcome, closed_at, page_count, remove_source, part_seq)
            VALUES (@id, @number, 'default', CAST(@id AS BLOB), 'a', '', 1, 1, @at, 'o', @state, @outcome, @closed, @pages, 1, @part)
            """;
        foreach (var (name, value) in new (string, object?)[]
        {
            ("@id", $"{number}"), ("@number", number), ("@at", at.ToUnixTimeMilliseconds()), ("@state", outcome is null ? "claimed" : "closed"), ("@outcome", outcome),
            ("@closed", outcome is null ? null : at.ToUnixTimeMilliseconds() + took), ("@pages", outcome is null ? null : 2), ("@part", partOf),
        })
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    private static RecordId At(DateTimeOffset instant) => A.Id((long)(instant - A.Morning).TotalMilliseconds);

    private RecordStatistics Records(DateOnly? from = null, DateOnly? to = null)
    {
        using var reader = Reader(from, to);
        return reader.Records(All);
    }

    private StatsReader Reader(DateOnly? from = null, DateOnly? to = null) => new(_database, new StatsSpan(London, from, to), Cancellation);

    private Task PutAsync(params CatalogEntry[] entries) => WriteAsync(_database, transaction => new SqliteCatalog(_database).Put(transaction, entries));

    private static Task WriteAsync(SqliteDatabase database, Action<SqliteTransaction> work) => database.WriteAsync(
        (_, transaction) =>
        {
            work(transaction);
            return true;
        },
        Cancellation);

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
