using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
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
        var stock = new ArchiveStock(scene, _register);
        var population = RecordPopulation.Take(scene.Data, run.StartedAt, cancellation);
        var walked = order.ReadsAll || stock.IsWalkDue(run.StartedAt) ? await stock.WalkAsync(population, run.StartedAt, cancellation) : null;
        var objects = stock.Take(population);
        var due = order.ReadsAll ? objects : ReadingOrder.Choose(objects, run.StartedAt, order.Within, SinceLast(run, order.Within));
        due = [.. objects.Where(one => walked?.Missing.Contains(one.Id) is true).Union(due)];   // what is not there comes first of all
        var readings = new Dictionary<string, ObjectVerification>(StringComparer.Ordinal);
        var suspects = await ReadAsync(draft, record, due, readings, order, cancellation);
        var damaged = await LookAgainAsync(draft, record, suspects, readings, cancellation);
        await HealAsync(draft, record, folder, damaged, readings, order, cancellation);
        if (walked is not null)
        {
            stock.Tell(walked, record, IsStillExpected);
        }

        draft.Excluded = population.ToReported().Excluded;
        draft.Objects = [.. objects.Select(one => readings.TryGetValue(one.Id, out var now) ? one with { Last = now } : one)];
    }

    private TimeSpan SinceLast(Run run, TimeSpan within) => LastRun.Before(scene, run) is { } last ? run.StartedAt - last.StartedAt : within;

    // What is as it should be is noted at once; what is not comes back, to be looked at under its lock.
    private async Task<List<KnownObject>> ReadAsync(
        VerificationReport draft, RunRecord record, IReadOnlyList<KnownObject> due, Dictionary<string, ObjectVerification> readings, VerificationOrder order, CancellationToken cancellation)
    {
        var suspects = new List<KnownObject>();
        var noted = new List<ObjectVerification>();
        long began = scene.Time.GetTimestamp();
        draft.IsThrough = true;
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
            if (noted.Count >= NotedAtOnce)
            {
                await _register.NoteAsync(noted, cancellation);
                noted.Clear();
            }
        }

        await _register.NoteAsync(noted, cancellation);
        return suspects;
    }

    private ObjectVerification Pass(VerificationReport draft, RunRecord record, KnownObject one, Examined examined, Dictionary<string, ObjectVerification> readings, string? note = null)
    {
        draft.Undigested += examined.Note is null ? 0 : 1;
        record.Add(
            Fixity.Id, one.Id, ItemResult.Passed, new VersionNumber(examined.Head).Name, bytes: examined.Bytes, expected: examined.Expected, actual: examined.Actual, note: note ?? examined.Note, isDrawable: false);
        return readings[one.Id] = new ObjectVerification(one.Id, scene.Time.GetUtcNow(), examined.Head, IsSound: true);
    }

    // A version, or a destruction, may have come between the audit that was read and the object: both have their entries before the object changes.
    private async Task<List<(KnownObject Known, Examined Examined)>> LookAgainAsync(
        VerificationReport draft, RunRecord record, List<KnownObject> suspects, Dictionary<string, ObjectVerification> readings, CancellationToken cancellation)
    {
        var damaged = new List<(KnownObject, Examined)>();
        if (suspects.Count == 0)
        {
            return damaged;
        }

        await scene.Audit.DrainAsync(scene.Database, cancellation);
        var population = RecordPopulation.Take(scene.Data, scene.Time.GetUtcNow(), cancellation);
        foreach (var suspect in suspects)
        {
            await using var held = await ObjectLocks.TakeAsync(scene.Locks, suspect.Id, cancellation);
            ExpectedRecord? expected = null;
            if (RecordId.TryParse(suspect.Id, out var id) && !population.Records.TryGetValue(id, out expected))
            {
                continue;   // destroyed meanwhile, or about to be
            }

            var one = suspect with { Expected = expected };
            var examined = await _examination.RunAsync(one, cancellation);
            if (examined.State is ExaminedState.Sound)
            {
                await _register.NoteAsync([Pass(draft, record, one, examined, readings)], cancellation);
            }
            else
            {
                damaged.Add((one, examined));
            }
        }

        return damaged;
    }

    private async Task HealAsync(
        VerificationReport draft, RunRecord record, RunFolder folder, List<(KnownObject Known, Examined Examined)> damaged, Dictionary<string, ObjectVerification> readings, VerificationOrder order, CancellationToken cancellation)
    {
        KnownObject[] curable = [.. damaged.Where(one => one.Examined.State is ExaminedState.Damaged).Select(one => one.Known)];
        IReadOnlySet<string> healed = new HashSet<string>();
        string? problem = order.Heals ? "The archive is not on a disk of this machine." : "It was not asked for (--no-heal).";
        if (curable.Length > 0 && order.Heals && scene.Archive is OcflStorageRoot archive)
        {
            var healing = new ObjectHealing(scene, archive, folder, record, IsStillExpected);
            healed = await healing.RunAsync(curable, cancellation);
            problem = healing.Problem;
        }

        var noted = new List<ObjectVerification>();
        foreach (var (one, examined) in damaged)
        {
            if (healed.Contains(one.Id))
            {
                noted.Add(Pass(draft, record, one, await _examination.RunAsync(one, cancellation), readings, $"healed: {examined.Note}"));
                continue;
            }

            bool isUnreadable = examined.State is ExaminedState.Unreadable;
            record.Add(
                Fixity.Id, one.Id, isUnreadable ? ItemResult.Skipped : ItemResult.Failed, examined.Head > 0 ? new VersionNumber(examined.Head).Name : null, bytes: examined.Bytes,
                expected: examined.Expected, actual: examined.Actual, note: examined.Note, isDrawable: false);
            if (!isUnreadable)
            {
                noted.Add(readings[one.Id] = new ObjectVerification(one.Id, scene.Time.GetUtcNow(), examined.Head, IsSound: false));
            }
        }

        await _register.NoteAsync(noted, cancellation);
        Close(record, readings.Count + damaged.Count(one => one.Examined.State is ExaminedState.Unreadable), curable, healed, problem);
    }

    private static void Close(RunRecord record, long planned, KnownObject[] curable, IReadOnlySet<string> healed, string? problem)
    {
        record.CloseListed(
            Fixity, planned, "They could not be read: what the archive lies on did not answer, or this account may not. Nothing is known of them; they come first in the next run.",
            "Objects of the archive are damaged, missing, or not what was filed, and could not be put right." + (problem is null ? " No backup that was looked into has what they need." : $" {problem}")
            + " Do not let snapshots be forgotten. Find a copy ('docingest backup list', 'archive copy'), and look at the disk.",
            [.. curable.Where(one => !healed.Contains(one.Id)).Select(one => one.Id)]);
        if (healed.Count > 0)
        {
            record.Find(
                "damage-healed", "Objects of the archive were damaged, and were put right from a backup; items.jsonl says what was wrong with each file, and damaged/ of the data folder has the files as they were. Look at the disk: damage seldom comes alone.",
                [.. healed.Order(StringComparer.Ordinal)]);
        }
    }

    private bool IsStillExpected(string objectId) =>
        !RecordId.TryParse(objectId, out var id) || RecordPopulation.Take(scene.Data, scene.Time.GetUtcNow(), CancellationToken.None).Records.ContainsKey(id);
}
