using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Runs;
using DocIngest.Pipeline.Verification;
using DocIngest.Storage;

namespace DocIngest.Assurance.Verifications;

/// <summary>A verification of the archive: reads again what was not read for longest, holds it against its digests and the audit, puts damage right from backups, and reports.</summary>
/// <remarks>
/// Ingest goes on meanwhile. What looks damaged is looked at again under the object's lock, and only then believed. When each object was read is noted as it goes: a run that is cut short
/// has not read in vain.
/// </remarks>
/// <param name="scene">What it works with.</param>
public sealed class ArchiveVerification(AssuranceScene scene)
{
    /// <summary>The job's name in the register of runs.</summary>
    public const string Job = "archive-verify";

    private const int NotedAtOnce = 500;

    private static readonly TimeSpan NotedEvery = TimeSpan.FromSeconds(30);

    private static readonly RunCheck Fixity = new(
        "fixity", "Every object that was read is as it was filed: every file of every version has its digest, and the inventory is the one that the audit names", CheckKind.Digest,
        "the objects' inventories, and the audit's entries of intake");

    private readonly VerificationRegister _register = new(scene.Database);
    private readonly ObjectExamination _examination = new(scene.Archive, scene.Time);

    /// <summary>Carries it out.</summary>
    /// <param name="order">What to do.</param>
    /// <param name="cancellation">Ends it: the report says that it was aborted.</param>
    /// <returns>The report, which is filed, and what kept it from being carried through. Nothing of that is thrown.</returns>
    /// <exception cref="LockHeldException">Another verification is going on. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded, or its report not filed.</exception>
    public Task<(SignedReport Report, Exception? Error)> RunAsync(VerificationOrder order, CancellationToken cancellation) => new AssuranceRun(scene, Job, RunKind.Verification).RunAsync(
        order, run => new VerificationReport(scene, order, run), (draft, record, folder, _, run) => CarryOutAsync(draft, record, folder, run, order, cancellation), cancellation);

    private async Task CarryOutAsync(VerificationReport draft, RunRecord record, RunFolder folder, Run run, VerificationOrder order, CancellationToken cancellation)
    {
        await AuditedPopulation.RunAsync(scene.Data, scene.Locks, scene.Archive, scene.Time, record, cancellation);   // what all this rests on
        var recent = new RecentEntries(scene, run.StartedAt);
        var stock = new ArchiveStock(scene, _register, recent);
        var population = RecordPopulation.Take(scene.Data, run.StartedAt, cancellation);
        var walked = order.ReadsAll || order.Walks || stock.IsWalkDue(run.StartedAt) ? await stock.WalkAsync(population, run.StartedAt, cancellation) : null;
        await _register.KnowAsync([.. walked?.Others ?? []], cancellation);

        var objects = stock.Take(population, run.StartedAt);
        var last = LastRun.Before(scene, run);
        var due = order.ReadsAll ? objects : ReadingOrder.Choose(objects, run.StartedAt, last.PaceFor(run, order.Within));
        if (walked is { NotRead.Count: > 0 })
        {
            due = [.. objects.Where(one => walked.NotRead.Contains(one.Id)).UnionBy(due, one => one.Id)];   // what was not met, or cannot be read, comes first of all
        }

        NoteOverdue(record, objects, last, run, order);
        var readings = new Dictionary<string, ObjectVerification>(StringComparer.Ordinal);
        var suspects = await ReadAsync(draft, record, due, readings, order, cancellation);
        var damaged = await LookAgainAsync(draft, record, suspects, readings, recent, cancellation);
        await HealAsync(draft, record, folder, damaged, readings, order, recent, cancellation);
        if (walked is not null)
        {
            await stock.TellAsync(walked, population, record, run.StartedAt, cancellation);
        }

        draft.Excluded = population.ToReported().Excluded;
        draft.Objects = [.. objects.Select(one => readings.TryGetValue(one.Id, out var now) ? one with { Last = now } : one)];
    }

    // What this run reads in time again was late all the same. Of the first run everything is.
    private static void NoteOverdue(RunRecord record, IReadOnlyList<KnownObject> objects, LastRun last, Run run, VerificationOrder order)
    {
        long overdue = last.IsNone ? 0 : objects.LongCount(one => one.Since is not null && !one.IsInTime(run.StartedAt, order.Within));   // of others nobody knows since when they are there
        if (overdue > 0)
        {
            record.Find(
                "was-overdue", string.Create(CultureInfo.InvariantCulture, $"{overdue:N0} objects had not been read in their time when this run began. Let it run more often, or longer."), [], isWarning: true);
        }
    }

    // What is as it should be is noted as it goes; what is not comes back, to be looked at under its lock.
    private async Task<List<KnownObject>> ReadAsync(
        VerificationReport draft, RunRecord record, IReadOnlyList<KnownObject> due, Dictionary<string, ObjectVerification> readings, VerificationOrder order, CancellationToken cancellation)
    {
        var suspects = new List<KnownObject>();
        var noted = new List<ObjectVerification>();
        long began = scene.Time.GetTimestamp(), notedAt = began;
        draft.IsThrough = true;
        try
        {
            foreach (var one in due)
            {
                cancellation.ThrowIfCancellationRequested();
                if (order.ReadsFor is { } most && scene.Time.GetElapsedTime(began) >= most)
                {
                    draft.IsThrough = false;
                    break;
                }

                var examined = await _examination.RunAsync(one, cancellation);
                draft.Bytes += examined.Bytes;
                if (examined.State is not ExaminedState.Sound)
                {
                    suspects.Add(one);
                    continue;
                }

                noted.Add(Pass(draft, record, one, examined, readings));
                if (noted.Count >= NotedAtOnce || scene.Time.GetElapsedTime(notedAt) >= NotedEvery)
                {
                    await _register.NoteAsync(noted, cancellation);
                    noted.Clear();
                    notedAt = scene.Time.GetTimestamp();
                }
            }
        }
        finally
        {
            await _register.NoteAsync(noted, CancellationToken.None);   // one that is cut short has not read in vain
        }

        return suspects;
    }

    private ObjectVerification Pass(VerificationReport draft, RunRecord record, KnownObject one, Examined examined, Dictionary<string, ObjectVerification> readings, string? note = null)
    {
        draft.Undigested += examined.Note is null ? 0 : 1;
        record.Add(
            Fixity.Id, one.Id, ItemResult.Passed, new VersionNumber(examined.Head).Name, bytes: examined.Bytes, expected: examined.Expected, actual: examined.Actual, note: note ?? examined.Note, isDrawable: false);
        return readings[one.Id] = new ObjectVerification(one.Id, scene.Time.GetUtcNow(), examined.Head, IsSound: true);
    }

    // A version, or a destruction, may have come between the audit that was read and the object. Under its lock both have their entries. What is damaged is noted at once: it is the first to be read, whatever becomes of this run.
    private async Task<List<(KnownObject Known, Examined Examined)>> LookAgainAsync(
        VerificationReport draft, RunRecord record, List<KnownObject> suspects, Dictionary<string, ObjectVerification> readings, RecentEntries recent, CancellationToken cancellation)
    {
        var damaged = new List<(KnownObject, Examined)>();
        foreach (var suspect in suspects)
        {
            await using var held = await ObjectLocks.TakeAsync(scene.Locks, suspect.Id, cancellation);
            if (await recent.UpdateAsync(suspect, cancellation) is not { } one)
            {
                continue;   // destroyed since, or about to be
            }

            var examined = await _examination.RunAsync(one, cancellation);
            if (examined.State is ExaminedState.Sound)
            {
                await _register.NoteAsync([Pass(draft, record, one, examined, readings)], cancellation);
            }
            else
            {
                damaged.Add((one, examined));
                await _register.NoteAsync([readings[one.Id] = new ObjectVerification(one.Id, scene.Time.GetUtcNow(), Math.Max(examined.Head, one.Last?.Head ?? 0), IsSound: false)], cancellation);
            }
        }

        return damaged;
    }

    private async Task HealAsync(
        VerificationReport draft, RunRecord record, RunFolder folder, List<(KnownObject Known, Examined Examined)> damaged, Dictionary<string, ObjectVerification> readings, VerificationOrder order,
        RecentEntries recent, CancellationToken cancellation)
    {
        // Nobody filed what the audit does not know: there is nothing to put right. And where the audit is not sound, it vouches for nothing.
        KnownObject[] curable = [.. damaged.Where(one => one.Examined.Note != Examined.UnauditedVersion).Select(one => one.Known)];
        IReadOnlyDictionary<string, Examined> healed = new Dictionary<string, Examined>();
        bool isVouchedFor = record.Checks.All(check => check.Failed == 0);
        string? problem = !order.Heals ? "It was not asked for (--no-heal)." : !isVouchedFor ? "The audit is not sound: it vouches for nothing." : "The archive is not on a disk of this machine.";
        if (curable.Length > 0 && order.Heals && isVouchedFor && scene.Archive is OcflStorageRoot archive)
        {
            var healing = new ObjectHealing(scene, archive, folder, record, recent, order.ReserveBytes);
            healed = await healing.RunAsync(curable, cancellation);
            problem = healing.Problem;
        }

        foreach (var (one, examined) in damaged)
        {
            if (healed.TryGetValue(one.Id, out var now))
            {
                await _register.NoteAsync([Pass(draft, record, one, now, readings, $"healed: {examined.Note}")], cancellation);
                continue;
            }

            record.Add(
                Fixity.Id, one.Id, examined.State is ExaminedState.Unreadable ? ItemResult.Skipped : ItemResult.Failed, examined.Head > 0 ? new VersionNumber(examined.Head).Name : null, bytes: examined.Bytes,
                expected: examined.Expected, actual: examined.Actual, note: examined.Note, isDrawable: false);
        }

        string[] failed = [.. damaged.Where(one => one.Examined.State is ExaminedState.Damaged && !healed.ContainsKey(one.Known.Id)).Select(one => one.Known.Id)];
        Close(record, readings.Count, failed, [.. healed.Keys.Order(StringComparer.Ordinal)], problem);
    }

    private static void Close(RunRecord record, long planned, string[] failed, string[] healed, string? problem)
    {
        record.CloseListed(
            Fixity, planned, "They could not be read: what the archive lies on did not answer, or this account may not. They come first in the next run.",
            "Objects of the archive are damaged, missing, or not what was filed, and could not be put right." + (problem is null ? " No backup that was looked into has what they need." : $" {problem}")
            + " Do not let snapshots be forgotten. Find a copy ('docingest backup list', 'archive copy'), and look at the disk.",
            failed);
        if (healed.Length > 0)
        {
            record.Find(
                "damage-healed", "Objects of the archive were damaged, and were put right from a backup; items.jsonl says what was wrong with each file, and damaged/ of the data folder has the files as they were. Look at the disk: damage seldom comes alone.",
                healed);
        }
    }
}
