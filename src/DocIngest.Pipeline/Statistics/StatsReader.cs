using System.Data.Common;
using System.Globalization;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Statistics;

/// <summary>Counts what the catalog and the ledger know, all of one state of them. One thread. Nothing of a person is read but how many there are.</summary>
/// <remarks>The database sums; what comes here is a row for each day, class, source and operator.</remarks>
public sealed class StatsReader : IDisposable
{
    private const string RecordSums =
        """
        count(*), total(withdrawn), total(versions), total(pages), total(CASE WHEN by_ocr IS NOT NULL THEN with_text - by_ocr END), total(by_ocr),
        total(CASE WHEN by_ocr IS NULL THEN with_text END), total(pending_ocr), total(blank), total(wordless), total(failed)
        """;

    private const int RecordSumCount = 11;

    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;
    private readonly StatsSpan _span;
    private readonly CancellationToken _cancellation;

    /// <param name="database">The catalog.</param>
    /// <param name="span">The days that are counted.</param>
    /// <param name="cancellation">Heeded between statements.</param>
    public StatsReader(SqliteDatabase database, StatsSpan span, CancellationToken cancellation)
    {
        var connection = database.OpenReader();
        _connection = connection;
        _transaction = connection.BeginTransaction(deferred: true);
        _span = span;
        _cancellation = cancellation;
    }

    /// <summary>Counts records.</summary>
    /// <param name="by">The breakdowns that are wanted.</param>
    public RecordStatistics Records(IReadOnlyCollection<StatsDimension> by)
    {
        var breakdown = new Breakdown<RecordCounts>(by, RecordCounts.None, (one, other) => one.Plus(other));
        using var command = Command(
            $"SELECT record_class, profile, filed_by, {RecordSums} FROM catalog_figures WHERE key >= @from AND key < @to AND NOT is_batch GROUP BY 1, 2, 3",
            ("@from", 0L), ("@to", 0L));
        foreach (var period in Periods("key", "catalog_figures", instant => RecordId.FirstOrderKeyAt(instant), key => DateTimeOffset.FromUnixTimeMilliseconds(key >> 21), by))
        {
            foreach (var row in Rows(command, RecordId.FirstOrderKeyAt(period.Start), RecordId.FirstOrderKeyAt(period.End)))
            {
                breakdown.Add(
                    RecordCountsAt(row, 3), period.Day,
                    (StatsDimension.Class, row.GetString(0)), (StatsDimension.Source, row.GetString(1)), (StatsDimension.Operator, row.GetString(2)));
            }
        }

        return Records(breakdown.Rows(Enum.GetValues<StatsDimension>()));
    }

    private RecordStatistics Records(IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<RecordCounts>>> by)
    {
        string versions = string.Join(", ", Enumerable.Range(1, RecordStatistics.MostVersionsTold - 1).Select(number => $"total(versions = {number})"));
        string buckets = string.Join(", ", PageFigures.From.Select(from => $"total(ocr_{from})"));
        using var command = Command(
            $"SELECT {RecordSums}, {versions}, total(versions >= {RecordStatistics.MostVersionsTold}), {buckets} FROM catalog_figures WHERE key >= @from AND key < @to AND NOT is_batch",
            ("@from", FirstKey), ("@to", EndKey));
        return Single(command, row => RecordsAt(row, by));
    }

    private RecordStatistics RecordsAt(DbDataReader row, IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<RecordCounts>>> by)
    {
        var total = RecordCountsAt(row, 0);
        int at = RecordSumCount;
        VersionBucket[] byVersions = [.. Enumerable.Range(1, RecordStatistics.MostVersionsTold).Select(number => new VersionBucket(number, Sum(row, at++)))];
        ConfidenceBucket[] confidence =
            [.. PageFigures.From.Select((from, index) => new ConfidenceBucket(from, index + 1 < PageFigures.From.Count ? PageFigures.From[index + 1] : null, Sum(row, at++)))];
        return new RecordStatistics(total, Batches(), byVersions, confidence, total.Pages.Ocr - confidence.Sum(bucket => bucket.Pages), by);
    }

    private BatchCounts Batches()
    {
        using var command = Command("SELECT count(*), total(pages) FROM catalog_figures WHERE key >= @from AND key < @to AND is_batch", ("@from", FirstKey), ("@to", EndKey));
        return Single(command, row => new BatchCounts(Sum(row, 0), Sum(row, 1)));
    }

    /// <summary>Counts files that were claimed.</summary>
    /// <param name="by">The breakdowns that are wanted; the ledger knows no classes and no operators.</param>
    public ScanStatistics Scans(IReadOnlyCollection<StatsDimension> by)
    {
        var breakdown = new Breakdown<ScanCounts>(by, ScanCounts.None, (one, other) => one.Plus(other));
        using var command = Command(
            """
            SELECT profile, outcome, count(*), count(part_seq), total(CASE WHEN part_seq IS NULL THEN page_count END) FROM scan
            WHERE outcome IS NOT NULL AND outcome <> 'released' AND claimed_at >= @from AND claimed_at < @to GROUP BY 1, 2
            """,
            ("@from", 0L), ("@to", 0L));
        foreach (var period in Periods("claimed_at", "scan", instant => instant.ToUnixTimeMilliseconds(), DateTimeOffset.FromUnixTimeMilliseconds, by, "outcome IS NOT NULL"))
        {
            foreach (var row in Rows(command, period.Start.ToUnixTimeMilliseconds(), period.End.ToUnixTimeMilliseconds()))
            {
                breakdown.Add(CountsOf(row), period.Day, (StatsDimension.Source, row.GetString(0)));
            }
        }

        var pending = AddPending(breakdown);
        return new ScanStatistics(TotalOfScans(pending), TimeToFile(), breakdown.Rows(StatsDimension.Day, StatsDimension.Month, StatsDimension.Source));
    }

    private static ScanCounts CountsOf(DbDataReader row)
    {
        long count = row.GetInt64(2);
        var counts = ScanCounts.None with { Dropped = count, Parts = row.GetInt64(3), Pages = Sum(row, 4) };
        return row.GetString(1) switch
        {
            "filed" => counts with { Filed = count },
            "versioned" => counts with { Versioned = count },
            "duplicate" => counts with { Duplicate = count },
            "quarantined" => counts with { Quarantined = count },
            "failed" => counts with { Failed = count },
            _ => counts,   // of a newer program: the sums will not agree, and say so
        };
    }

    // Few: what is being worked on.
    private ScanCounts AddPending(Breakdown<ScanCounts> breakdown)
    {
        var sum = ScanCounts.None;
        using var command = Command(
            "SELECT profile, claimed_at, part_seq IS NOT NULL FROM scan WHERE outcome IS NULL AND claimed_at >= @from AND claimed_at < @to", ("@from", FirstInstant), ("@to", EndInstant));
        foreach (var row in Rows(command, FirstInstant, EndInstant))
        {
            var one = ScanCounts.None with { Dropped = 1, Pending = 1, Parts = row.GetInt64(2) };
            breakdown.Add(one, CivilDates.In(_span.Zone, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))), (StatsDimension.Source, row.GetString(0)));
            sum = sum.Plus(one);
        }

        return sum;
    }

    private ScanCounts TotalOfScans(ScanCounts pending)
    {
        using var command = Command(
            """
            SELECT count(*), total(outcome = 'filed'), total(outcome = 'versioned'), total(outcome = 'duplicate'), total(outcome = 'quarantined'), total(outcome = 'failed'),
                   count(part_seq), total(CASE WHEN part_seq IS NULL THEN page_count END) FROM scan
            WHERE outcome IS NOT NULL AND outcome <> 'released' AND claimed_at >= @from AND claimed_at < @to
            """,
            ("@from", FirstInstant), ("@to", EndInstant));
        return Single(
            command, row => new ScanCounts(Sum(row, 0), Sum(row, 1), Sum(row, 2), Sum(row, 3), Sum(row, 4), Sum(row, 5), Pending: 0, Sum(row, 6), Sum(row, 7)).Plus(pending));
    }

    private TimeToFile TimeToFile()
    {
        const string Filed = "FROM scan WHERE outcome IS NOT NULL AND outcome IN ('filed', 'versioned') AND part_seq IS NULL AND claimed_at >= @from AND claimed_at < @to";
        using var counting = Command($"SELECT count(*) {Filed}", ("@from", FirstInstant), ("@to", EndInstant));
        long files = Single(counting, row => Sum(row, 0));

        // Sorted once and walked: with a limit SQLite would keep them in a tree, for each of the two.
        using var sorting = Command($"SELECT max(0, closed_at - claimed_at) {Filed} ORDER BY 1", ("@from", FirstInstant), ("@to", EndInstant));
        var (median, most) = ((TimeSpan?)null, (TimeSpan?)null);
        long rank = 0;
        foreach (var row in Rows(sorting, FirstInstant, EndInstant))
        {
            rank++;
            median = rank == RankOf(50, files) ? TimeSpan.FromMilliseconds(row.GetInt64(0)) : median;
            if (rank == RankOf(95, files))
            {
                most = TimeSpan.FromMilliseconds(row.GetInt64(0));
                break;
            }
        }

        return new TimeToFile(files, median, most);
    }

    // The nearest rank, from 1: so many of a hundred took no longer.
    private static long RankOf(int percent, long count) => ((count * percent) + 99) / 100;

    /// <summary>Counts events of patients and cases by their civil dates.</summary>
    /// <param name="kinds">Kinds that have a row in any case.</param>
    /// <param name="today">The last day of a span without an end.</param>
    public EventStatistics Events(IEnumerable<EventKind> kinds, DateOnly today)
    {
        var counts = kinds.ToDictionary(kind => kind.Name, kind => new EventCounts(kind.Name, 0, 0));
        var last = _span.To ?? today;

        // Where a key of names was lost, one patient has two objects, which may tell the same event.
        using var command = Command(
            """
            SELECT d.kind, s.kind, count(*) FROM event_subject s JOIN event_days d ON d.subject = s.id
            WHERE d.day >= @from AND d.day <= @to AND NOT EXISTS (
                SELECT 1 FROM event_subject other JOIN event_days same ON same.subject = other.id AND same.kind = d.kind AND same.day = d.day
                WHERE other.number = s.number AND other.kind = s.kind AND other.id < s.id)
            GROUP BY 1, 2
            """,
            ("@from", 0L), ("@to", 0L));
        foreach (var row in Rows(command, _span.From?.DayNumber ?? 0, _span.To?.DayNumber ?? DateOnly.MaxValue.DayNumber))
        {
            var former = counts.GetValueOrDefault(row.GetString(0)) ?? new EventCounts(row.GetString(0), 0, 0);
            counts[former.Kind] = row.GetString(1) == "case" ? former with { Cases = row.GetInt64(2) } : former with { Patients = row.GetInt64(2) };
        }

        return new EventStatistics([.. counts.Values.OrderBy(one => one.Kind, StringComparer.Ordinal)], Open(last), Uncounted());
    }

    // As the planner has it: a stay ends with a discharge on the day of the admission or later, or with death.
    private OpenCounts Open(DateOnly at)
    {
        using var command = Command(
            """
            SELECT total(kind = 'patient'), total(kind = 'case') FROM (
                SELECT s.kind AS kind, max(d.day) FILTER (WHERE d.kind = 'admission') AS admitted,
                       max(d.day) FILTER (WHERE d.kind IN ('discharge', 'death')) AS ended
                FROM event_subject s JOIN event_days d ON d.subject = s.id
                WHERE d.kind IN ('admission', 'discharge', 'death') AND d.day <= @at GROUP BY s.number, s.kind)
            WHERE admitted IS NOT NULL AND (ended IS NULL OR ended < admitted)
            """,
            ("@at", at.DayNumber));
        return Single(command, row => new OpenCounts(at, Sum(row, 0), Sum(row, 1)));
    }

    private long Uncounted()
    {
        using var command = Command(
            """
            SELECT count(*) FROM event_subject s WHERE is_writing OR EXISTS (
                SELECT 1 FROM event_dates d WHERE d.subject = s.id AND NOT EXISTS (SELECT 1 FROM event_days e WHERE e.subject = s.id AND e.kind = d.kind AND e.day = d.last))
            """);
        return Single(command, row => Sum(row, 0));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _transaction.Dispose();
        _connection.Dispose();
    }

    private long FirstKey => _span.Start is { } start ? RecordId.FirstOrderKeyAt(start) : 0;

    private long EndKey => _span.End is { } end ? RecordId.FirstOrderKeyAt(end) : long.MaxValue;

    private long FirstInstant => _span.Start?.ToUnixTimeMilliseconds() ?? long.MinValue;

    private long EndInstant => _span.End?.ToUnixTimeMilliseconds() ?? long.MaxValue;

    // The days or months of the span that hold anything at their ends. One period where neither is asked for: a statement each costs nothing beside reading.
    private IEnumerable<StatsPeriod> Periods(
        string column, string table, Func<DateTimeOffset, long> write, Func<long, DateTimeOffset> read, IReadOnlyCollection<StatsDimension> by, string where = "true")
    {
        long from = _span.Start is { } start ? write(start) : long.MinValue;
        long to = _span.End is { } end ? write(end) : long.MaxValue;
        string within = $"FROM {table} WHERE {where} AND {column} >= @from AND {column} < @to";
        using var ends = Command($"SELECT (SELECT min({column}) {within}), (SELECT max({column}) {within})", ("@from", from), ("@to", to));
        if (Single(ends, row => row.IsDBNull(0) ? null : new[] { read(row.GetInt64(0)), read(row.GetInt64(1)) }) is not [var first, var last])
        {
            return [];
        }

        return by.Contains(StatsDimension.Day) || by.Contains(StatsDimension.Month)
            ? _span.Divide(first, last, byDay: by.Contains(StatsDimension.Day))
            : [new StatsPeriod(CivilDates.In(_span.Zone, first), first, last.AddMilliseconds(1))];
    }

    private IEnumerable<DbDataReader> Rows(DbCommand command, long from, long to)
    {
        _cancellation.ThrowIfCancellationRequested();
        command.Parameters["@from"].Value = from;
        command.Parameters["@to"].Value = to;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return rows;
        }
    }

    private T Single<T>(DbCommand command, Func<DbDataReader, T> read)
    {
        _cancellation.ThrowIfCancellationRequested();
        using var row = command.ExecuteReader();
        row.Read();
        return read(row);
    }

    private static RecordCounts RecordCountsAt(DbDataReader row, int at) => new(
        Sum(row, at), Sum(row, at + 1), Sum(row, at + 2),
        new PageCounts(
            Sum(row, at + 3), Sum(row, at + 4), Sum(row, at + 5), Sum(row, at + 6), Sum(row, at + 7), Sum(row, at + 8), Sum(row, at + 9), Sum(row, at + 10)));

    // total() is a double, exact up to 2^53.
    private static long Sum(DbDataReader row, int at) => Convert.ToInt64(row.GetDouble(at), CultureInfo.InvariantCulture);

    private DbCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = sql;   // only constants and the names of columns
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
