using DocIngest.Archive;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Recovery;

/// <summary>Holds a recovered archive against the audit and the destruction ledger: what was filed is there, or was destroyed.</summary>
/// <param name="data">The recovered data folder.</param>
/// <param name="archive">Its archive.</param>
/// <param name="locks">Of the data folder.</param>
/// <param name="backedUpAt">When the backup began.</param>
/// <param name="time">The clock.</param>
public sealed class RecoveredRecords(IDurableFolder data, IArchive archive, INamedLocks locks, DateTimeOffset backedUpAt, TimeProvider time)
{
    private static readonly RunCheck Complete = new(
        "complete", "Every record that was filed before the backup is there, or was destroyed", CheckKind.Completeness, "the audit's entries of intake, and the destruction ledger");

    private static readonly RunCheck Gone = new("destroyed", "No record that was destroyed has come back", CheckKind.Destroyed, "the destruction ledger");

    /// <summary>The records that the ledger says were destroyed.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read: nobody knows what must not come back.</exception>
    public static IReadOnlySet<RecordId> Destroyed(IDurableFolder data) =>
        new DestructionLedger(data).Done().SelectMany(end => end.Records).Where(record => record.Destroyed).Select(record => record.Id).ToHashSet();

    /// <summary>Reads and compares everything.</summary>
    /// <param name="rootFolder">The archive's own folder.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DamagedObjectException">The ledger cannot be read.</exception>
    public async Task<RecoveredCount> CompareAsync(IDurableFolder rootFolder, CancellationToken cancellation)
    {
        using var items = new ReportItemsWriter(Stream.Null);
        var record = new RunRecord(items, static _ => false, 0, time);
        var intake = IntakeRecords.Read(data, backedUpAt, cancellation);
        var destroyed = Destroyed(data);
        var kept = new DestructionLedger(data).Done().SelectMany(end => end.Records).Where(one => !one.Destroyed).Select(one => one.Id).ToHashSet();
        var there = archive.WhichAreThere([.. intake.Filed.Keys.Concat(destroyed).Distinct().Select(id => id.ToString())]);
        bool IsThere(RecordId id) => there.Contains(id.ToString());

        // What the audit says was about to go, and the ledger not that it went, may be there or not.
        var expected = intake.Filed.Where(one => !destroyed.Contains(one.Key) && (IsThere(one.Key) || kept.Contains(one.Key) || !intake.Destroyed.ContainsKey(one.Key))).ToList();
        await RestoredStructure.RunAsync(rootFolder, record, time, cancellation);
        var records = new RestoredRecords(data, archive, record);
        await Task.Run(() => records.Run(expected, static _ => false, cancellation), cancellation);
        RestoredRegisters.Run(archive, RestoredRegisters.Expected(intake), record);
        long gone = intake.Filed.Count - expected.Count;
        record.CloseCounted(
            Complete, intake.Filed.Count - records.Missing.Count, records.Missing.Count, "Records that were filed before the backup are not in it. Look for them in earlier snapshots before anything is forgotten.", records.Missing);
        if (destroyed.Count > 0)
        {
            string[] back = [.. destroyed.Where(IsThere).Select(id => id.ToString())];
            record.CloseCounted(Gone, destroyed.Count - back.Length, back.Length, "Records that were destroyed are in the recovered archive.", back);
        }

        if (intake.Filed.Count == 0)
        {
            record.Find("nothing-compared", "The audit in the backup names no record that was filed before it: whether all records are there cannot be said.", []);
        }

        await AuditedPopulation.RunAsync(data, locks, archive, time, record, cancellation);
        return new RecoveredCount(
            intake.Filed.Count, expected.Count - records.Missing.Count - records.Damaged.Count, gone, [.. Undecided().Where(IsThereNow).Select(id => id.ToString())],
            records.Missing, records.Damaged, intake.LaterCount, record.Checks, record.Findings);
    }

    // Of a destruction that the disaster stopped: by what is known they stay.
    private IEnumerable<RecordId> Undecided()
    {
        var ledger = new DestructionLedger(data);
        var ended = ledger.Done().Select(end => end.ProposalSha512).ToHashSet(StringComparer.Ordinal);
        return ledger.Begun().Where(begun => !ended.Contains(begun.ProposalSha512)).SelectMany(begun => begun.Records);
    }

    private bool IsThereNow(RecordId id) => archive.IsThere(id.ToString());
}

/// <summary>What the comparison came to: <c>Filed</c> = <c>Present</c> + <c>Destroyed</c> + what is missing or damaged.</summary>
/// <param name="Filed">Records that the audit says were filed before the backup.</param>
/// <param name="Present">Of these, those that are there as they were filed.</param>
/// <param name="Destroyed">Of these, those that were destroyed and are not there.</param>
/// <param name="Undecided">Records whose destruction had begun, and of which nobody knows what became: they are there.</param>
/// <param name="Missing">Of the filed, those that are not there and were not destroyed.</param>
/// <param name="Damaged">Of the filed, those that are not there whole, or not as they were filed.</param>
/// <param name="Later">Records and versions that the audit in the backup names, and that were made after the backup had begun: they may be there or not.</param>
/// <param name="Checks">What was checked.</param>
/// <param name="Findings">What a person must see to.</param>
public sealed record RecoveredCount(
    long Filed, long Present, long Destroyed, IReadOnlyList<string> Undecided, IReadOnlyList<string> Missing, IReadOnlyList<string> Damaged, long Later, IReadOnlyList<ReportedCheck> Checks, IReadOnlyList<ReportedFinding> Findings);
