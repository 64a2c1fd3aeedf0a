using System.Data.Common;
using System.Globalization;
using Dapper;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Runs;

/// <summary>The rows of <c>run</c>.</summary>
internal static class RunTable
{
    /// <summary>The highest number; 0 where there is none.</summary>
    public static long Last(DbConnection connection) => connection.ExecuteScalar<long>("SELECT coalesce(max(number), 0) FROM run");

    /// <summary>Adds a run that began. Again: nothing changes.</summary>
    public static void Begin(DbTransaction transaction, Run run) => transaction.OpenConnection().Execute(
        "INSERT INTO run (number, job, trigger, account, started, audit_seq, audit_hash, schedule) VALUES (@Number, @Job, @Trigger, @Account, @started, @AuditSeq, @AuditHash, @Schedule) ON CONFLICT DO NOTHING",
        new { run.Number, run.Job, run.Trigger, run.Account, run.Schedule, started = run.StartedAt.ToUnixTimeMilliseconds(), run.AuditSeq, run.AuditHash }, transaction);

    /// <summary>Ends a run, once.</summary>
    public static void End(DbTransaction transaction, long number, DateTimeOffset at, string result, Guid? report) => transaction.OpenConnection().Execute(
        "UPDATE run SET ended = @at, result = @result, report = @report WHERE number = @number AND ended IS NULL",
        new { number, at = at.ToUnixTimeMilliseconds(), result, report = report?.ToString() }, transaction);

    /// <summary>Keeps what the program of a run said.</summary>
    public static void Note(DbTransaction transaction, long number, string message) =>
        transaction.OpenConnection().Execute("UPDATE run SET message = @message WHERE number = @number", new { number, message }, transaction);

    /// <summary>One of them; null where there is none.</summary>
    public static Run? Find(DbConnection connection, long number) => Read(connection, "WHERE number = @number", new { number }).FirstOrDefault();

    /// <summary>Those without an end.</summary>
    public static IReadOnlyList<Run> Unended(DbConnection connection) => Read(connection, "WHERE ended IS NULL ORDER BY number", new { });

    /// <summary>The last ones, newest first; of one job, where one is named.</summary>
    public static IReadOnlyList<Run> Newest(DbConnection connection, string? job, int most) =>
        Read(connection, "WHERE @job IS NULL OR job = @job ORDER BY number DESC LIMIT @most", new { job, most });

    /// <summary>The last ones of a job of the configuration (of any, where none is named), newest first.</summary>
    public static IReadOnlyList<Run> Scheduled(DbConnection connection, string? schedule, int most) =>
        Read(connection, "WHERE (@schedule IS NULL AND schedule IS NOT NULL) OR schedule = @schedule ORDER BY number DESC LIMIT @most", new { schedule, most });

    /// <summary>The last one of a job of the configuration that was well, of those that began by a time; null for none.</summary>
    public static Run? LastWell(DbConnection connection, string schedule, DateTimeOffset latest) => Read(
        connection, "WHERE schedule = @schedule AND result IN (@done, @pass) AND started <= @latest ORDER BY number DESC LIMIT 1",
        new { schedule, done = RunResult.Done, pass = RunResult.Pass, latest = latest.ToUnixTimeMilliseconds() }).FirstOrDefault();

    /// <summary>The last one of a job of the configuration that was neither stopped nor died, of those that began by a time; null for none.</summary>
    public static Run? LastThrough(DbConnection connection, string schedule, DateTimeOffset latest) => Read(
        connection, "WHERE schedule = @schedule AND result NOT IN (@aborted, @cancelled) AND started <= @latest ORDER BY number DESC LIMIT 1",
        new { schedule, aborted = RunResult.Aborted, cancelled = RunResult.Cancelled, latest = latest.ToUnixTimeMilliseconds() }).FirstOrDefault();

    /// <summary>The last one of a job of the configuration that says whether it is well: it has ended, and nobody stopped it; null for none.</summary>
    public static Run? LastJudged(DbConnection connection, string schedule) => Read(
        connection, "WHERE schedule = @schedule AND result <> @cancelled ORDER BY number DESC LIMIT 1", new { schedule, cancelled = RunResult.Cancelled }).FirstOrDefault();

    /// <summary>Adds jobs that are new, and removes those that are not named.</summary>
    public static void Know(DbTransaction transaction, IReadOnlyDictionary<string, string> plans, DateTimeOffset now)
    {
        var connection = transaction.OpenConnection();
        connection.Execute("DELETE FROM job WHERE name NOT IN @names", new { names = plans.Keys.ToList() }, transaction);
        connection.Execute(
            """
            INSERT INTO job (name, plan, since) VALUES (@name, @plan, @since)
            ON CONFLICT DO UPDATE SET since = iif(plan = @plan, min(since, @since), @since), plan = @plan
            """,   // the lesser: a clock may have been ahead
            plans.Select(job => new { name = job.Key, plan = job.Value, since = now.ToUnixTimeMilliseconds() }), transaction);
    }

    /// <summary>The jobs that the service knows, by which plan, and since when.</summary>
    public static IReadOnlyDictionary<string, KnownJob> Known(DbConnection connection) => connection.Query<(string Name, string Plan, long Since)>("SELECT name, plan, since FROM job")
        .ToDictionary(row => row.Name, row => new KnownJob(row.Plan, DateTimeOffset.FromUnixTimeMilliseconds(row.Since)));

    /// <summary>The last ones of a job that made a report, or ended by dying, newest first.</summary>
    public static IReadOnlyList<Run> Reported(DbConnection connection, IReadOnlyCollection<string> reportingJobs, int most) => Read(
        connection, "WHERE report IS NOT NULL OR (result = @aborted AND job IN @reportingJobs) ORDER BY number DESC LIMIT @most", new { aborted = RunResult.Aborted, reportingJobs, most });

    /// <summary>The last ones that made a report, newest first.</summary>
    public static IReadOnlyList<Run> WithReport(DbConnection connection, int most) =>
        Read(connection, "WHERE report IS NOT NULL ORDER BY number DESC LIMIT @most", new { most });

    private static List<Run> Read(DbConnection connection, string where, object parameters) =>
    [
        .. connection.Query<Row>(
                $"SELECT number, job, trigger, account, started, audit_seq AS AuditSeq, audit_hash AS AuditHash, ended, result, report, schedule, message FROM run {where}", parameters)
            .Select(row => new Run(
                row.Number, row.Job, row.Trigger, row.Account, DateTimeOffset.FromUnixTimeMilliseconds(row.Started), row.AuditSeq, row.AuditHash,
                row.Ended is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null, row.Result,
                row.Report is { } report ? Guid.Parse(report, CultureInfo.InvariantCulture) : null, row.Schedule, row.Message)),
    ];

    // Dapper fills it by name.
    private sealed class Row
    {
        public long Number { get; init; }

        public string Job { get; init; } = "";

        public string Trigger { get; init; } = "";

        public string Account { get; init; } = "";

        public long Started { get; init; }

        public long AuditSeq { get; init; }

        public string AuditHash { get; init; } = "";

        public long? Ended { get; init; }

        public string? Result { get; init; }

        public string? Report { get; init; }

        public string? Schedule { get; init; }

        public string? Message { get; init; }
    }
}
