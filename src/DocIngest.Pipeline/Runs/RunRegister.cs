using System.Globalization;
using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Database;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Runs;

/// <summary>Gives every run of a job its number, before it does anything: whoever repeats one until it is green leaves a trace (I7).</summary>
/// <remarks>
/// <para>The audit chain has the runs; the table <c>run</c> is taken from it. Order, and what a crash after each step leaves, under the lock <c>runs</c>:
/// 1 the run's own lock is taken; 2 its entry stands in the chain (the next run takes the row over from there, and the number is used);
/// 3 its row (whoever comes next finds nobody holding the lock, and records that it was aborted).</para>
/// </remarks>
/// <param name="data">The data folder.</param>
/// <param name="locks">Its locks.</param>
/// <param name="audit">The chain.</param>
/// <param name="database">Holds the table.</param>
/// <param name="time">The clock.</param>
public sealed class RunRegister(IDurableFolder data, INamedLocks locks, AuditTrail audit, SqliteDatabase database, TimeProvider time)
{
    private const string LockName = "runs";
    private const string Began = "begin";
    private const string Ended = "end";
    private const string Died = "aborted";

    // Clocks are set; a run from further ahead is one of a clock that was wrong.
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);   // whoever has it writes an entry or two

    /// <summary>Begins a run of no job of the configuration.</summary>
    /// <inheritdoc cref="BeginAsync(string, string, string?, CancellationToken)" />
    public Task<StartedRun> BeginAsync(string job, string trigger, CancellationToken cancellation) => BeginAsync(job, trigger, schedule: null, cancellation);

    /// <summary>Begins a run.</summary>
    /// <param name="job">What runs: 1 to 60 of <c>[a-z0-9-]</c>.</param>
    /// <param name="trigger">A word of <see cref="RunTrigger"/>.</param>
    /// <param name="schedule">The job of the configuration that it is a run of; null for none.</param>
    /// <param name="cancellation">Heeded until it has its number.</param>
    /// <exception cref="StorageException">The chain cannot be read or written: nothing runs unseen.</exception>
    /// <exception cref="LockHeldException">Another process holds the register for very long. Nothing changed.</exception>
    public async Task<StartedRun> BeginAsync(string job, string trigger, string? schedule, CancellationToken cancellation)
    {
        using var held = await locks.AcquireAsync(LockName, Patience, cancellation);
        await TakeOverAsync(cancellation);
        await CloseDeadAsync(cancellation);
        long number = Last() + 1;
        var own = locks.TryAcquireTemporary(OwnLock(number)) ?? throw new InvalidOperationException($"Run {number} has a number that nobody has.");   // 1
        try
        {
            await audit.AppendAsync([EventOf(Began, number, job, ScheduleEntity(schedule)) with { Reason = trigger }], cancellation);   // 2
            var begun = FindBegun(number) ?? throw new EntryNotFoundException($"The entry of run {number} was written to the audit, and is not there.");
            await database.WriteAsync((_, transaction) => Do(() => RunTable.Begin(transaction, begun)), CancellationToken.None);   // 3
            return new StartedRun(begun, own);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a run that the process began which started this one. It is that run's: this one ends it, or leaves that to the other.</summary>
    /// <param name="number">Which.</param>
    /// <param name="job">What this process does.</param>
    /// <returns>Null where no such run is at work.</returns>
    public StartedRun? Adopt(long number, string job)
    {
        if (Ask(RunTable.Unended).FirstOrDefault(run => run.Number == number && run.Job == job) is not { } run || locks.TryAcquireTemporary(OwnLock(number)) is { } free && Release(free))
        {
            return null;
        }

        return locks.TryAcquireTemporary(AdoptedLock(number)) is { } own ? new StartedRun(run, own) : null;
    }

    /// <summary>Holds a run for as long as this process works for it, so that it is not told as aborted while only the process that began it is dead.</summary>
    /// <param name="locks">Locks of the data folder.</param>
    /// <param name="number">Which.</param>
    /// <returns>Dispose it at the end; null where another process holds it.</returns>
    public static IDisposable? HoldForChild(INamedLocks locks, long number) => locks.TryAcquireTemporary(ChildLock(number));

    /// <summary>Ends a run whose work another process did: unless that has ended it itself, as <see cref="EndAsync"/>; and keeps what it said where the run was not well.</summary>
    /// <param name="run">Which. Its lock is given up.</param>
    /// <param name="result">A word of <see cref="RunResult"/>.</param>
    /// <param name="message">What the process said last; null for nothing. The chain does not have it.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="StorageException">As <see cref="EndAsync"/>.</exception>
    public async Task<Run> CloseAsync(StartedRun run, string result, string? message)
    {
        using (run)
        {
            if (Find(run.Run.Number) is { EndedAt: null } open && !await TakeEndAsync(open, CancellationToken.None))
            {
                await EndAsync(run, result, isWell: result == RunResult.Done, report: null);
            }

            var ended = Find(run.Run.Number) ?? throw new EntryNotFoundException($"The row of run {run.Run.Number} was written, and is not there.");
            if (message is null || ended.IsWell)
            {
                return ended;
            }

            await database.WriteAsync((_, transaction) => Do(() => RunTable.Note(transaction, run.Run.Number, message)), CancellationToken.None);
            return ended with { Message = message };
        }
    }

    /// <summary>Ends a run: an entry of the chain, then its row.</summary>
    /// <param name="run">Which. Its lock is given up.</param>
    /// <param name="result">What came of it: of a report its result.</param>
    /// <param name="isWell">Whether nothing needs a person.</param>
    /// <param name="report">The report that it made, with the SHA-256 of its <c>report.json</c>; null for none.</param>
    /// <exception cref="StorageException">The chain cannot be written. The next run says that this one was aborted.</exception>
    public async Task EndAsync(StartedRun run, string result, bool isWell, (Guid Id, string Sha256)? report)
    {
        using (run)
        {
            AuditEntity[] made = report is { } one ? [new AuditEntity(AuditEntity.Report, one.Id.ToString())] : [];
            var happened = EventOf(Ended, run.Run.Number, run.Run.Job, [.. ScheduleEntity(run.Run.Schedule), .. made]) with
            {
                Reason = result, Outcome = isWell ? AuditOutcome.Success : AuditOutcome.Failure, Digest = report?.Sha256,
            };
            await audit.AppendAsync([happened], CancellationToken.None);
            await database.WriteAsync(
                (_, transaction) => Do(() => RunTable.End(transaction, run.Run.Number, time.GetUtcNow(), result, report?.Id)), CancellationToken.None);
        }
    }

    /// <summary>Records of runs whose process died that they were aborted. For the start of the service; safe while others run.</summary>
    /// <inheritdoc cref="BeginAsync(string, string, string?, CancellationToken)" path="/exception" />
    public async Task SettleAsync(CancellationToken cancellation)
    {
        using var held = await locks.AcquireAsync(LockName, Patience, cancellation);
        await TakeOverAsync(cancellation);
        await CloseDeadAsync(cancellation);
    }

    /// <summary>Whether a run without an end is at work; else its process died, and the next run or start says so. True where this account cannot tell.</summary>
    public bool IsAtWork(long number)
    {
        try
        {
            using var all = TryTakeAll(number);
            return all is null;
        }
        catch (Exception error) when (error is StorageException or IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The last runs, newest first; of one job, where one is named.</summary>
    public IReadOnlyList<Run> Newest(string? job, int most) => Ask(connection => RunTable.Newest(connection, job, most));

    /// <summary>The last runs of a job of the configuration, newest first; of any, where none is named.</summary>
    public IReadOnlyList<Run> Scheduled(string? schedule, int most) => Ask(connection => RunTable.Scheduled(connection, schedule, most));

    /// <summary>The last run of a job of the configuration that was well; null for none. One of a clock that was far ahead says nothing.</summary>
    public Run? LastWell(string schedule) => Ask(connection => RunTable.LastWell(connection, schedule, Latest));

    /// <summary>The last run of a job of the configuration that came to its end, well or not, and was neither stopped nor died; null for none. As <see cref="LastWell"/>.</summary>
    public Run? LastThrough(string schedule) => Ask(connection => RunTable.LastThrough(connection, schedule, Latest));

    /// <summary>The last run of a job of the configuration that says how it is: it has ended, and nobody stopped it; null for none.</summary>
    public Run? LastJudged(string schedule) => Ask(connection => RunTable.LastJudged(connection, schedule));

    /// <summary>Notes which jobs the configuration has: new ones, and those with other times, are known from now on; others are forgotten.</summary>
    /// <param name="plans">Their times, by their names.</param>
    /// <param name="cancellation">Ends the wait for the catalog; nothing was changed then.</param>
    public async Task KnowAsync(IReadOnlyDictionary<string, string> plans, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var known = Known();
        if (known.Count == plans.Count && plans.All(job => known.TryGetValue(job.Key, out var one) && one.Plan == job.Value && one.Since <= now))
        {
            return;
        }

        await database.WriteAsync((_, transaction) => Do(() => RunTable.Know(transaction, plans, now)), cancellation);
    }

    /// <summary>The jobs that the service has found in the configuration.</summary>
    public IReadOnlyDictionary<string, KnownJob> Known() => Ask(RunTable.Known);

    /// <summary>The last runs that made a report, and those of jobs that make one which died before they could, newest first.</summary>
    public IReadOnlyList<Run> Reported(IReadOnlyCollection<string> reportingJobs, int most) => Ask(connection => RunTable.Reported(connection, reportingJobs, most));

    /// <summary>The last runs that made a report, newest first.</summary>
    public IReadOnlyList<Run> WithReport(int most) => Ask(connection => RunTable.WithReport(connection, most));

    private DateTimeOffset Latest => time.GetUtcNow() + MostAhead;

    private long Last() => Ask(RunTable.Last);

    private Run? Find(long number) => Ask(connection => RunTable.Find(connection, number));

    private T Ask<T>(Func<System.Data.Common.DbConnection, T> ask)
    {
        using var connection = database.OpenReader();
        return ask(connection);
    }

    // Rows are missing after a crash between 2 and 3, and where the database was made anew.
    private async Task TakeOverAsync(CancellationToken cancellation)
    {
        long inChain = AuditLog.Last(data, entry => IsOf(entry, Began)) is { } last ? NumberOf(last) : 0;
        if (inChain <= Last())
        {
            return;
        }

        var entries = AuditLog.Read(data, new AuditQuery()).Where(entry => entry.Json.GetProperty("type").ValueEquals(AuditType.Run)).ToList();
        await database.WriteAsync(
            (_, transaction) => Do(() =>
            {
                foreach (var entry in entries)
                {
                    if (IsOf(entry, Began))
                    {
                        RunTable.Begin(transaction, RunOf(entry));
                    }
                    else
                    {
                        RunTable.End(transaction, NumberOf(entry), entry.Time, ResultOf(entry), ReportOf(entry));
                    }
                }
            }),
            cancellation);
    }

    private async Task CloseDeadAsync(CancellationToken cancellation)
    {
        foreach (var run in Ask(RunTable.Unended))
        {
            using var all = TryTakeAll(run.Number);
            if (all is null)
            {
                continue;   // at work
            }

            if (await TakeEndAsync(run, cancellation))
            {
                continue;
            }

            await audit.AppendAsync([EventOf(Died, run.Number, run.Job, ScheduleEntity(run.Schedule)) with { Reason = RunResult.Aborted, Outcome = AuditOutcome.Failure }], cancellation);
            await database.WriteAsync((_, transaction) => Do(() => RunTable.End(transaction, run.Number, time.GetUtcNow(), RunResult.Aborted, report: null)), cancellation);
        }
    }

    // It had ended, and died over its row.
    private async Task<bool> TakeEndAsync(Run run, CancellationToken cancellation)
    {
        if (FindEnd(run) is not { } end)
        {
            return false;
        }

        await database.WriteAsync((_, transaction) => Do(() => RunTable.End(transaction, run.Number, end.Time, ResultOf(end), ReportOf(end))), cancellation);
        return true;
    }

    private AuditEntry? FindEnd(Run run) => AuditLog.Read(data, new AuditQuery { From = run.StartedAt.AddDays(-1) })   // a clock may have been set back
        .FirstOrDefault(entry => (IsOf(entry, Ended) || IsOf(entry, Died)) && NumberOf(entry) == run.Number);

    private Run? FindBegun(long number) => AuditLog.Last(data, entry => IsOf(entry, Began) && NumberOf(entry) == number) is { } entry ? RunOf(entry) : null;

    private AuditEvent EventOf(string subtype, long number, string job, params IEnumerable<AuditEntity> more) => audit.Origin.Event(
        AuditType.Run, subtype, AuditAction.Execute,
        [new AuditEntity(AuditEntity.Run, number.ToString(CultureInfo.InvariantCulture)), new AuditEntity(AuditEntity.Job, job), .. more]);

    private static bool IsOf(AuditEntry entry, string subtype) => entry.Json.GetProperty("type").ValueEquals(AuditType.Run) && entry.Json.GetProperty("subtype").ValueEquals(subtype);

    private static Run RunOf(AuditEntry began) => new(
        NumberOf(began), IdOf(began, AuditEntity.Job) ?? "", TextOf(began.Json, "reason"), TextOf(began.Json.GetProperty("agent"), "account"), began.Time, began.Seq,
        TextOf(began.Json, "hash"), null, null, null, IdOf(began, AuditEntity.Schedule));

    private static long NumberOf(AuditEntry entry) => long.TryParse(IdOf(entry, AuditEntity.Run), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    // An entry 'aborted' has no other word.
    private static string ResultOf(AuditEntry ended) => TextOf(ended.Json, "reason") is { Length: > 0 } result ? result : RunResult.Aborted;

    private static Guid? ReportOf(AuditEntry ended) => Guid.TryParse(IdOf(ended, AuditEntity.Report), out var report) ? report : null;

    private static string? IdOf(AuditEntry entry, string kind) => entry.Json.TryGetProperty("entities", out var entities)
        ? entities.EnumerateArray().Where(entity => entity.GetProperty("kind").ValueEquals(kind)).Select(entity => entity.GetProperty("id").GetString()).FirstOrDefault()
        : null;

    private static string TextOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static AuditEntity[] ScheduleEntity(string? schedule) => schedule is null ? [] : [new AuditEntity(AuditEntity.Schedule, schedule)];

    private static bool Release(IDisposable held)
    {
        held.Dispose();
        return true;
    }

    // Of whoever began it.
    private static string OwnLock(long number) => string.Create(CultureInfo.InvariantCulture, $"run-{number}");

    // Of whoever it was handed to, so that it is one only.
    private static string AdoptedLock(long number) => $"{OwnLock(number)}-adopted";

    // Of the process that works for it.
    private static string ChildLock(long number) => $"{OwnLock(number)}-child";

    // While one of them is held, the run is at work.
    private HeldLocks? TryTakeAll(long number)
    {
        var held = new HeldLocks();
        foreach (string name in new[] { OwnLock(number), AdoptedLock(number), ChildLock(number) })
        {
            if (locks.TryAcquireTemporary(name) is not { } one)
            {
                held.Dispose();
                return null;
            }

            held.Add(one);
        }

        return held;
    }

    private sealed class HeldLocks : IDisposable
    {
        private readonly List<IDisposable> _held = [];

        public void Add(IDisposable held) => _held.Add(held);

        public void Dispose() => _held.ForEach(one => one.Dispose());
    }

    private static bool Do(Action work)
    {
        work();
        return true;
    }
}

/// <summary>A run at work. Disposing it without <see cref="RunRegister.EndAsync"/> leaves it to the next run to say that it was aborted.</summary>
/// <param name="run">What is known of it.</param>
/// <param name="held">Its lock.</param>
public sealed class StartedRun(Run run, IDisposable held) : IDisposable
{
    /// <summary>What is known of it.</summary>
    public Run Run => run;

    /// <inheritdoc />
    public void Dispose() => held.Dispose();
}
