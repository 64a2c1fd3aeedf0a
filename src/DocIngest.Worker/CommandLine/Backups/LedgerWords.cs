using DocIngest.Backup.Restores;
using DocIngest.Storage;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What a restore tells of the destruction ledger beside an archive. On standard error: results are those of the snapshot.</summary>
internal static class LedgerWords
{
    /// <summary>Tells it. Not to be silenced where destroyed records may come back.</summary>
    public static void Tell(CommandOutput output, RestoredLedger ledger, bool isDryRun)
    {
        string place = TerminalText.OneLine(RawName.ToDisplay(ledger.DataFolder));
        if (ledger.Time is not { } time)
        {
            output.Error(
                $"warning: the repository has destruction ledgers, and none of the data folder that was restored to {place}. If that was moved since, records that were destroyed are in"
                + " the archive again: restore its ledger ('docingest backup list --tag destruction-ledger') before the service starts there.");
            return;
        }

        output.Remark(
            $"The destruction ledger of {time} {(isDryRun ? "would be" : "was")} put beside it in {place}: records destroyed since the snapshot are removed again when the service"
            + " starts or at 'retention replay'.");
        foreach (var problem in ledger.Problems)
        {
            output.Error(TerminalText.OneLine($"{RawName.ToDisplay(problem.Path)}: {problem.Message}"));
        }

        if (ledger.Problems.Count > 0)
        {
            output.Error($"{ledger.Problems.Count:N0} entries of the destruction ledger are not there: records that were destroyed may be in the archive again. Mend that before the service starts.");
        }

        if (ledger.SnapshotsUnread > 0)
        {
            output.Error($"warning: {ledger.SnapshotsUnread:N0} snapshots cannot be read. A newer destruction ledger may be among them.");
        }
    }

    /// <summary>The exit code of a restore, with what became of the ledgers.</summary>
    public static int ExitCodeWith(int restored, IReadOnlyList<RestoredLedger> ledgers) =>
        restored != ExitCode.Done ? restored
        : ledgers.Any(ledger => ledger.Problems.Any(problem => problem.Kind is RestoreProblemKind.Damaged)) ? ExitCode.Findings
        : ledgers.All(ledger => ledger.Problems.Count == 0) ? ExitCode.Done
        : ExitCode.Partial;
}
