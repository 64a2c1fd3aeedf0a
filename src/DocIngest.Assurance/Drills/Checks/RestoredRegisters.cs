using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether the registers are in the backup, without which nobody would know after a disaster what is held, who may decide, and what was decided.</summary>
internal static class RestoredRegisters
{
    private static readonly RunCheck Check = new(
        "registers", "The registers of holds, people and dispositions are there, where the audit says that something was entered", CheckKind.Holds, "the audit's entries");

    private static readonly (string Type, SystemObjectName Name)[] All =
        [(AuditType.Hold, HoldRegister.Name), (AuditType.Person, PeopleRegister.Name), (AuditType.Disposition, DispositionRegister.Name)];

    /// <summary>Those that must be there.</summary>
    public static IReadOnlyList<string> Expected(IntakeRecords intake) => [.. All.Where(one => intake.HasRegister(one.Type)).Select(one => one.Name.ObjectId)];

    /// <summary>Looks. Where nothing is expected there is no such check.</summary>
    public static void Run(IArchive restored, IReadOnlyList<string> expected, RunRecord record)
    {
        if (expected.Count == 0)
        {
            return;
        }

        string[] missing = [.. expected.Where(id => !IsReadable(restored, id))];
        record.CloseCounted(
            Check, expected.Count - missing.Length, missing.Length,
            "A register is not in the backup. After a recovery from it nobody would know what is held, or who may decide. Look into the archive ('docingest archive validate') and into earlier snapshots.", missing);
    }

    private static bool IsReadable(IArchive restored, string id)
    {
        try
        {
            return restored.Find(id) is { } found && restored.Verify(id, found.Head, CancellationToken.None).IsSound;
        }
        catch (DamagedObjectException)
        {
            return false;
        }
    }
}
