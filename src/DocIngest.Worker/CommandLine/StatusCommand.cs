using System.CommandLine;
using Dapper;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>status</c>: one screen, and whether every dropped file is accounted for.</summary>
internal static class StatusCommand
{
    private sealed record Account(string Profile, long Dropped, long Filed, long Duplicate, long Quarantined, long Failed, long Pending)
    {
        public bool AddsUp => Dropped == Filed + Duplicate + Quarantined + Failed + Pending;
    }

    public static Command Create(CommandFactory commands) => commands.Create("status", "Show what was taken in, what waits and what is wrong.", RunAsync);

    private static Task<int> RunAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        using var connection = workspace.Database.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);   // one state for all counts: they must add up
        var accounts = Accounts(connection);
        var total = new Account(
            "total", accounts.Sum(a => a.Dropped), accounts.Sum(a => a.Filed), accounts.Sum(a => a.Duplicate),
            accounts.Sum(a => a.Quarantined), accounts.Sum(a => a.Failed), accounts.Sum(a => a.Pending));
        var alarms = AlarmTable.Standing(connection);
        var (receipts, _) = ScanTable.ReceiptTotals(connection);
        long quarantined = connection.ExecuteScalar<long>("SELECT count(*) FROM quarantine WHERE decision IS NULL");
        long review = connection.ExecuteScalar<long>("SELECT count(*) FROM review WHERE confirmed_at IS NULL");
        bool serviceRuns = IsServiceRunning(workspace);
        long records = workspace.Catalog.Count();
        long free = workspace.Data.FreeBytes();
        bool addsUp = total.AddsUp && accounts.All(account => account.AddsUp);
        context.Output.Result(
            new
            {
                Data = workspace.DataPath,
                ThisProgram.Version,
                Service = serviceRuns ? "running" : "stopped",
                Records = records,
                Total = total,
                Profiles = accounts,
                Receipts = receipts,
                AddsUp = addsUp,
                Waiting = new { Quarantine = quarantined, Review = review },
                FreeBytes = free,
                Alarms = alarms,
            },
            words =>
            {
                words.WriteLine(
                    $"{workspace.DataPath}: service {(serviceRuns ? "running" : "stopped")}, {records:N0} records, {free / (double)(1L << 30):N1} GiB free");
                words.WriteLine(
                    $"{"profile",-16} {"dropped",9} = {"filed",9} + {"duplicate",9} + {"quarantined",11} + {"failed",7} + {"pending",8}");
                foreach (var account in accounts.Append(total))
                {
                    words.WriteLine(
                        $"{account.Profile,-16} {account.Dropped,9:N0} = {account.Filed,9:N0} + {account.Duplicate,9:N0} + {account.Quarantined,11:N0}"
                        + $" + {account.Failed,7:N0} + {account.Pending,8:N0}{(account.AddsUp ? "" : "   DOES NOT ADD UP")}");
                }

                words.WriteLine($"{quarantined:N0} in quarantine, {review:N0} for review, {receipts:N0} receipts");
                words.WriteLine(alarms.Count == 0 ? "No alarms." : $"{alarms.Count} alarm(s):");
                foreach (var alarm in alarms)
                {
                    words.WriteLine($"  {alarm.Kind} {alarm.Subject} since {alarm.Since:yyyy-MM-dd HH:mm}Z: {alarm.Message}");
                }
            });
        return Task.FromResult(addsUp ? ExitCode.Done : ExitCode.Findings);
    }

    // "Dropped" is counted anew from the rows; the rest comes from the running counts. That they agree is the check.
    private static List<Account> Accounts(System.Data.Common.DbConnection connection)
    {
        var dropped = connection.Query<(string Profile, long Count)>(
            "SELECT profile, count(*) FROM scan WHERE outcome IS NOT 'released' GROUP BY profile").ToDictionary(row => row.Profile, row => row.Count);
        var counts = ScanTable.Counts(connection).GroupBy(row => row.Profile).ToDictionary(
            rows => rows.Key, rows => rows.ToDictionary(row => row.Outcome, row => row.Count));
        return [.. dropped.Keys.Union(counts.Keys).Order(StringComparer.Ordinal).Select(profile =>
        {
            var by = counts.GetValueOrDefault(profile) ?? [];
            return new Account(
                profile, dropped.GetValueOrDefault(profile), by.GetValueOrDefault("filed") + by.GetValueOrDefault("versioned"),
                by.GetValueOrDefault("duplicate"), by.GetValueOrDefault("quarantined"), by.GetValueOrDefault("failed"), by.GetValueOrDefault("pending"));
        })];
    }

    private static bool IsServiceRunning(Workspace workspace)
    {
        using var held = workspace.Locks.TryAcquire("service");
        return held is null;
    }
}
