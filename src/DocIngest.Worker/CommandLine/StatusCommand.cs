using System.CommandLine;
using Dapper;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>status</c>: one screen; whether every dropped file is accounted for, and whether an alarm stands.</summary>
internal static class StatusCommand
{
    // A share that hangs must not hide the rest of the screen.
    private static readonly TimeSpan FoldersAnswerWithin = TimeSpan.FromSeconds(10);

    private sealed record Account(string Profile, long Dropped, long Filed, long Duplicate, long Quarantined, long Failed, long Pending)
    {
        public bool AddsUp => Dropped == Filed + Duplicate + Quarantined + Failed + Pending;
    }

    public static Command Create(CommandFactory commands) => commands.Create("status", "Show what was taken in, what waits and what is wrong.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        var looks = await LookAsync(workspace, context);   // before the ledger is read: what is claimed in between is counted there
        using var connection = workspace.Database.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);   // one state for all counts: they must add up
        var accounts = Accounts(connection, workspace.Options.Intake.Profiles.Select(profile => profile.Name));
        var folders = looks.Select(look => look.State(connection)).ToList();
        var total = new Account(
            "total", accounts.Sum(a => a.Dropped), accounts.Sum(a => a.Filed), accounts.Sum(a => a.Duplicate),
            accounts.Sum(a => a.Quarantined), accounts.Sum(a => a.Failed), accounts.Sum(a => a.Pending));
        var (jobs, alarms) = Jobs(workspace, AlarmTable.Standing(connection));
        var (receipts, _) = ReceiptTable.Totals(connection);
        var (quarantined, discarded) = QuarantineTable.Count(connection);
        long review = connection.ExecuteScalar<long>("SELECT count(*) FROM review WHERE confirmed_at IS NULL");
        long waitingForOcr = WaitingForOcr.Count(connection).Sum(profile => profile.Count);
        string service = ServiceState(workspace);
        long records = workspace.Catalog.Count();
        long free = workspace.Data.FreeBytes();
        var backups = await LookAtBackupsAsync(workspace, context);
        var archive = await LookAtArchiveAsync(workspace, context);
        var recovery = RecoveryState.Open(workspace.Data);
        bool addsUp = total.AddsUp && accounts.All(account => account.AddsUp);
        context.Output.Result(
            new
            {
                Data = workspace.DataPath,
                ThisProgram.Version,
                Service = service,
                Records = records,
                Total = total,
                Profiles = accounts,
                Receipts = receipts,
                AddsUp = addsUp,
                Folders = folders,
                Waiting = new { Files = folders.Sum(folder => folder.Waiting), Quarantine = quarantined, Review = review, Ocr = waitingForOcr },
                Discarded = discarded,
                FreeBytes = free,
                Alarms = alarms,
                Jobs = jobs.Select(JobCommands.ItemOf),
                Archive = archive,
                Recovery = recovery is null ? null : new { recovery.Stage, recovery.BackedUpAt, recovery.Snapshot, recovery.IsRestoring },
                Backup = new { backups.Repository, backups.Exists, backups.Keys, backups.Escrows, backups.OnlyKeyIsHere, backups.Problem },
            },
            words =>
            {
                words.WriteLine(
                    $"{workspace.DataPath}: service {service}, {records:N0} records, {free / (double)(1L << 30):N1} GiB free");
                words.WriteLine(
                    $"{"profile",-16} {"dropped",9} = {"filed",9} + {"duplicate",9} + {"quarantined",11} + {"failed",7} + {"pending",8}");
                foreach (var account in accounts.Append(total))
                {
                    words.WriteLine(
                        $"{account.Profile,-16} {account.Dropped,9:N0} = {account.Filed,9:N0} + {account.Duplicate,9:N0} + {account.Quarantined,11:N0}"
                        + $" + {account.Failed,7:N0} + {account.Pending,8:N0}{(account.AddsUp ? "" : "   DOES NOT ADD UP")}");
                }

                if (recovery is not null)
                {
                    words.WriteLine(recovery.IsRestoring
                        ? $"RECOVERING from the backup of {recovery.BackedUpAt:yyyy-MM-dd HH:mm}Z: not everything is there. Run the same 'docingest recover' again until it is."
                        : $"RECOVERED from the backup of {recovery.BackedUpAt:yyyy-MM-dd HH:mm}Z, not accepted yet: nothing is destroyed, forgotten or pruned.");
                }

                folders.ForEach(folder => Tell(words, folder));
                words.WriteLine(
                    $"{quarantined:N0} in quarantine{(discarded == 0 ? "" : $" ({discarded:N0} discarded by people)")}, {review:N0} for review, {(waitingForOcr == 0 ? "" : $"{waitingForOcr:N0} waiting for OCR, ")}{receipts:N0} receipts");
                words.WriteLine(alarms.Count == 0 ? "No alarms." : $"{alarms.Count} alarm(s):");
                foreach (var alarm in alarms)
                {
                    words.WriteLine($"  {alarm.Kind} {TerminalText.OneLine(alarm.Subject)} since {alarm.Since:yyyy-MM-dd HH:mm}Z: {alarm.Message}");
                }

                if (jobs.Count == 0)
                {
                    words.WriteLine("No jobs: nothing is backed up or verified by itself.");
                }

                foreach (var job in jobs)
                {
                    JobCommands.Tell(words, job);
                }

                words.WriteLine(InWords(backups));
                if (archive is not null)
                {
                    words.WriteLine(InWords(archive));
                }
            });
        if (backups.OnlyKeyIsHere && !context.Output.IsJson)
        {
            context.Output.ResultInRed(
                "THE ONLY KEY TO THE BACKUPS IS ON THIS MACHINE: with it both are lost. Make an escrow ('docingest backup key escrow') or a second password"
                + " ('docingest backup key add --generate FILE'), and take it away from here.");
        }
        else if (backups.OnlyKeyMayBeHere && !context.Output.IsJson)
        {
            context.Output.ResultInRed(
                "THE ONLY KEY TO THE BACKUPS MAY BE ON THIS MACHINE: there is no second password, and this account may not see whether an escrow was made."
                + " Look again as the account of the service.");
        }

        return addsUp && alarms.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    private static async Task<IReadOnlyList<DropFolderLook>> LookAsync(Workspace workspace, CommandContext context)
    {
        try
        {
            return await Task.Run(workspace.LookIntoDropFolders, context.Cancellation)
                .WaitAsync(FoldersAnswerWithin, workspace.Time, context.Cancellation);
        }
        catch (TimeoutException)
        {
            context.Output.Error($"The drop folders do not answer within {FoldersAnswerWithin.TotalSeconds:N0} s: what waits in them is not counted. Is a share away?");
            return [];
        }
    }

    // Null for the folder in the data folder, which can protect nothing.
    private static async Task<ArchiveState?> LookAtArchiveAsync(Workspace workspace, CommandContext context)
    {
        if (workspace.Archive.Location is not { } location)
        {
            return null;
        }

        int? days = workspace.Archive.ImmutableFor is { } window ? (int)window.TotalDays : null;
        try
        {
            bool canProtect = await workspace.Archive.CanProtectAsync(context.Cancellation).WaitAsync(FoldersAnswerWithin, workspace.Time, context.Cancellation);
            return new ArchiveState(location.DisplayName, days, canProtect, Problem: null);
        }
        catch (TimeoutException)
        {
            return new ArchiveState(location.DisplayName, days, CanProtect: null, $"It does not answer within {FoldersAnswerWithin.TotalSeconds:N0} s.");
        }
        catch (Exception error) when (error is StorageException or CommandException)
        {
            return new ArchiveState(location.DisplayName, days, CanProtect: null, error.Message);
        }
    }

    private static string InWords(ArchiveState archive) => $"archive in {TerminalText.OneLine(RawName.ToDisplay(archive.Store))}: " + archive switch
    {
        { CanProtect: null } => $"unknown whether it can protect records. {TerminalText.OneLine(archive.Problem)}",
        { CanProtect: true, ImmutableDays: { } days } => $"what is archived is immutable there for {days} days at a time, renewed while retention runs",
        { CanProtect: true } => "it could keep records immutable (archive.immutability); nobody has asked for it",
        { ImmutableDays: not null } => "archive.immutability IS ASKED FOR, AND THE STORE HAS NONE: nothing is archived",
        _ => "nothing there keeps who has its key from deleting records (no version-level immutability)",
    };

    /// <summary>An archive in Azure.</summary>
    /// <param name="Store">Its name.</param>
    /// <param name="ImmutableDays">As configured; null for not at all.</param>
    /// <param name="CanProtect">Whether its container has version-level immutability; null where that cannot be told.</param>
    /// <param name="Problem">Why it cannot.</param>
    private sealed record ArchiveState(string Store, int? ImmutableDays, bool? CanProtect, string? Problem);

    private static async Task<KeySafety> LookAtBackupsAsync(Workspace workspace, CommandContext context)
    {
        using var access = new RepositoryAccess(new RepositoryChoice(null, null, null), workspace.DataPath, workspace.Options);
        try
        {
            return await Task.Run(() => KeySafety.LookAsync(access, context.Cancellation), context.Cancellation)
                .WaitAsync(FoldersAnswerWithin, workspace.Time, context.Cancellation);
        }
        catch (TimeoutException)
        {
            return KeySafety.Unknown(access, $"It does not answer within {FoldersAnswerWithin.TotalSeconds:N0} s.");
        }
    }

    private static string InWords(KeySafety backups) => backups switch
    {
        { Exists: false } => "No backups yet: 'docingest backup run' makes one.",
        { Exists: null } => $"backups in {backups.Repository}: unknown. {TerminalText.OneLine(backups.Problem)}",
        _ => $"backups in {backups.Repository}: {backups.Keys} key(s), {backups.Escrows?.ToString() ?? "unknown"} escrow(s)",
    };

    private static void Tell(TextWriter words, DropFolderState folder)
    {
        string oldest = folder.OldestSince is { } since ? $", oldest since {since:yyyy-MM-dd HH:mm}Z" : "";
        string leftAlone = folder.LeftAlone == 0 ? "" : $"; {folder.LeftAlone:N0} left alone by the masks of the profile";
        string problem = folder.Problem is null ? "" : $"   {TerminalText.OneLine(folder.Problem)}";
        words.WriteLine($"{folder.Profile,-16} {folder.Waiting,9:N0} waiting in {TerminalText.OneLine(RawName.ToDisplay(folder.Folder))}{oldest}{leftAlone}{problem}");
    }

    // "Dropped" is counted anew from the rows; the rest comes from the running counts. That they agree is the check.
    private static List<Account> Accounts(System.Data.Common.DbConnection connection, IEnumerable<string> configured)
    {
        var dropped = connection.Query<(string Profile, long Count)>(
            "SELECT profile, count(*) FROM scan WHERE outcome IS NOT 'released' GROUP BY profile").ToDictionary(row => row.Profile, row => row.Count);
        var counts = ScanTable.Counts(connection).GroupBy(row => row.Profile).ToDictionary(
            rows => rows.Key, rows => rows.ToDictionary(row => row.Outcome, row => row.Count));
        return [.. dropped.Keys.Union(counts.Keys).Union(configured).Order(StringComparer.Ordinal).Select(profile =>
        {
            var by = counts.GetValueOrDefault(profile) ?? [];
            return new Account(
                profile, dropped.GetValueOrDefault(profile), by.GetValueOrDefault("filed") + by.GetValueOrDefault("versioned"),
                by.GetValueOrDefault("duplicate"), by.GetValueOrDefault("quarantined"), by.GetValueOrDefault("failed"), by.GetValueOrDefault("pending"));
        })];
    }

    // A service that is off raises no alarm: what would stand if it were on is told here.
    private static (IReadOnlyList<JobState> Jobs, IReadOnlyList<Alarm> Alarms) Jobs(Workspace workspace, IReadOnlyList<Alarm> standing)
    {
        var jobs = JobCommands.AlarmsOf(workspace).StatesOf(workspace.Options.Jobs);
        var unsaid = JobAlarms.Due(jobs).Where(due => !standing.Any(alarm => alarm.Kind == due.Kind.ToWord() && alarm.Subject == due.Job))
            .Select(due => new Alarm(due.Kind.ToWord(), due.Job, due.Since, due.Since, 1, due.Message));
        return (jobs, [.. standing, .. unsaid]);
    }

    private static string ServiceState(Workspace workspace)
    {
        try
        {
            using var held = workspace.Locks.TryAcquire("service");
            return held is null ? "running" : "stopped";
        }
        catch (Exception error) when (error is StorageException or IOException or UnauthorizedAccessException)
        {
            return "unknown";   // who may only read cannot try the lock
        }
    }
}
