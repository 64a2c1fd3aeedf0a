using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine.Recovery;

/// <summary>What a recovery came to, for whoever stands before the machine.</summary>
internal static class RecoveryWords
{
    private const int MostListed = 20;

    // A backup is recorded when it is made, and cannot hold that.
    private const int OfBackupItself = 1;

    public static void Write(TextWriter words, RecoveryOutcome outcome)
    {
        words.WriteLine(TerminalText.OneLine($"Backup of {outcome.BackedUpAt:yyyy-MM-dd HH:mm:ss}Z, host {outcome.Host}, snapshot {outcome.Snapshot[..8]}, in {outcome.DataFolder}."));
        words.WriteLine(outcome.Ledger.Time is { } time ? $"Destruction ledger of {time}." : "No destruction ledger.");
        if (outcome.Result == RecoveryOutcome.Stopped)
        {
            WriteStopped(words, outcome);
            return;
        }

        WriteCounts(words, outcome);
        foreach (string finding in outcome.Findings)
        {
            words.WriteLine(TerminalText.OneLine($"FINDING: {finding}"));
        }

        foreach (var problem in outcome.Files?.Problems.Take(MostListed) ?? [])
        {
            words.WriteLine(TerminalText.OneLine($"  {problem.Kind}: {problem.Path}: {problem.Message}"));
        }

        words.WriteLine(outcome.Findings.Count == 0 ? "EVERYTHING THAT THE BACKUP HAS IS THERE." : $"{outcome.Findings.Count} FINDING(S): NOT EVERYTHING IS THERE, OR NOT EVERYTHING IS KNOWN.");
        words.WriteLine(
            $"""
            Next:
              1. Look at some records: docingest --data {outcome.DataFolder} find
              2. Start the service (docingest --data {outcome.DataFolder} run). It takes in scans and deletes nothing.
              3. A person, with an account of their own: docingest --data {outcome.DataFolder} recover accept{(outcome.Findings.Count == 0 ? "" : $" --with-findings {outcome.Findings.Count}")}
            """);
    }

    private static void WriteStopped(TextWriter words, RecoveryOutcome outcome)
    {
        foreach (string finding in outcome.Findings)
        {
            words.WriteLine($"STOPPED: {finding}");
        }

        words.WriteLine("No record was restored. Look for another repository, or another copy of this one, that has the ledger (snapshots with the tag destruction-ledger).");
        words.WriteLine($"If there is none, two people must accept that records may come back which were destroyed ({outcome.Ledger.AcceptedWithout.Count} of {RecoveryRecords.PeopleWithoutLedger} have). Each, with an account of their own:");
        words.WriteLine($"    docingest --data {outcome.DataFolder} recover accept-without-ledger");
        words.WriteLine("Then run the same 'docingest recover' again.");
    }

    private static void WriteCounts(TextWriter words, RecoveryOutcome outcome)
    {
        if (outcome.Files is { } files)
        {
            words.WriteLine($"{files.Restored:N0} files restored ({files.BytesRestored:N0} bytes), {files.Equal:N0} were there already, {files.NotRestored:N0} are not there.");
        }

        if (outcome.Records is { } records)
        {
            words.WriteLine($"Of {records.Filed:N0} records that the audit says were filed, {records.Present:N0} are there, {records.Destroyed:N0} were destroyed and stay so, {records.Missing.Count:N0} are missing, {records.Damaged.Count:N0} damaged.");
            foreach (string one in records.Missing.Select(id => $"missing: {id}").Concat(records.Damaged.Select(id => $"damaged: {id}")).Take(MostListed))
            {
                words.WriteLine($"  {one}");
            }
        }

        words.WriteLine($"{outcome.CatalogRecords:N0} records can be searched.{(outcome.HoldsPutBack ? " Holds that are newer than the backup were put back." : "")}{(outcome.RemovedAgain > 0 ? $" {outcome.RemovedAgain:N0} destroyed records were taken out again." : "")}");
        if (outcome.LostAuditEntries > OfBackupItself)
        {
            words.WriteLine($"LOST: {outcome.LostAuditEntries - OfBackupItself:N0} entries that the audit had after the backup. What was filed, seen or decided then is not here: ask the people, and scan again what is on paper.");
        }

        if (outcome.Keys is { } keys)
        {
            words.WriteLine($"New keys, since the former are gone: reports {keys.Reports}; destructions {keys.Destruction}. Give auditors the first, on paper.");
        }

        foreach (string path in outcome.Elsewhere)
        {
            words.WriteLine(TerminalText.OneLine($"Not in the data folder, and not restored: {path} ('docingest backup restore --include')."));
        }

        words.WriteLine($"Single records after {outcome.SecondsToFirstRecord:0.0} s, all after {outcome.SecondsToAll:0.0} s of this call.");
    }
}
