using System.Diagnostics;
using DocIngest.Backup.Backups;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>
/// The alarms of backups in the ledger, where <c>status</c> finds them: one per kind, path and repository, until a run into the same
/// repository in which the path is well. A good backup elsewhere does not mend this one.
/// </summary>
internal static class BackupAlarmLedger
{
    // What no run has looked at for so long is not backed up any more: longer than the month that some backups have between them.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(32);

    private static readonly AlarmKind[] Kinds = [.. Enum.GetValues<BackupAlarmKind>().Select(KindOf)];

    /// <summary>Raises what a run found, and ends what stood of its paths and its repository before.</summary>
    /// <param name="database">Of the data folder.</param>
    /// <param name="repository">Where the run backed up to.</param>
    /// <param name="paths">What it was to back up.</param>
    /// <param name="alarms">What it found; of alarms that name no path, the repository is the subject.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellation">Ends the wait for the ledger; nothing was changed then.</param>
    public static async Task NoteAsync(
        SqliteDatabase database, string repository, IEnumerable<string> paths, IReadOnlyList<BackupAlarm> alarms, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = alarms.ToLookup(alarm => (Kind: KindOf(alarm.Kind), Subject: alarm.Source is { } path ? SubjectOf(path, repository) : repository));
        var looked = paths.Select(path => SubjectOf(path, repository)).Append(repository).ToHashSet(StringComparer.Ordinal);
        var over = Standing(database).Where(alarm => !found.Contains((alarm.Kind, alarm.Subject)) && (looked.Contains(alarm.Subject) || now - alarm.Last > Forgotten)).ToList();
        if (found.Count == 0 && over.Count == 0)
        {
            return;   // also where this account may not write
        }

        await database.WriteAsync(
            (_, transaction) =>
            {
                foreach (var alarm in found)
                {
                    AlarmTable.Raise(transaction, alarm.Key.Kind, alarm.Key.Subject, string.Join(' ', alarm.Select(cause => cause.Message)), now);
                }

                over.ForEach(alarm => AlarmTable.Resolve(transaction, alarm.Kind, alarm.Subject, now));
                return true;
            },
            cancellation);
    }

    private static string SubjectOf(string path, string repository) => $"{RawName.ToDisplay(path)} (to {repository})";

    private static IEnumerable<(AlarmKind Kind, string Subject, DateTimeOffset Last)> Standing(SqliteDatabase database)
    {
        using var connection = database.OpenReader();
        var all = AlarmTable.Standing(connection);
        return Kinds.SelectMany(kind => all.Where(alarm => alarm.Kind == kind.ToWord()).Select(alarm => (kind, alarm.Subject, alarm.Last)));
    }

    private static AlarmKind KindOf(BackupAlarmKind kind) => kind switch
    {
        BackupAlarmKind.SourceMissing => AlarmKind.BackupSourceMissing,
        BackupAlarmKind.SourceEmpty => AlarmKind.BackupSourceEmpty,
        BackupAlarmKind.SourceShrank => AlarmKind.BackupSourceShrank,
        BackupAlarmKind.RepositoryDamaged => AlarmKind.BackupRepositoryDamaged,
        _ => throw new UnreachableException(),
    };
}
