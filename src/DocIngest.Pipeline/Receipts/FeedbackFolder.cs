using System.Globalization;
using System.Text;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Receipts;

/// <summary>
/// What the people at the scanner see, in a folder they can open: STATUS.txt, a daily receipt list, and a plain reason for each
/// file that was refused (DESIGN 4, Receipt). Failing to write it never holds up filing.
/// </summary>
internal sealed class FeedbackFolder(
    IngestEnvironment environment, Alarms alarms, IDurableFolder folder, INamedLocks locks, ProfileOptions profile)
{
    private const string StatusName = "STATUS.txt";
    private const string RejectedFolder = "rejected";
    private const int MaxNameBytes = 200;   // leaves room for an ending within the 255 bytes of a name

    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);

    private readonly ReceiptLog _receipts = new(folder, "receipts-", new ReceiptCsv(), profile.Name);

    // Under the lock of this folder's files.
    private readonly Dictionary<string, long> _counts = [];   // of today, by outcome
    private DateTimeOffset _countedDay;
    private long _countedTo;
    private string? _lastStatus;

    /// <summary>Writes reasons, receipts and the status after a group.</summary>
    public async Task TellAsync(IReadOnlyList<FiledScan> group, CancellationToken stopping)
    {
        try
        {
            using var held = await locks.AcquireAsync($"feedback-{profile.Name}", LockPatience, stopping);
            folder.CreateFolder(RejectedFolder);
            foreach (var filed in group.Where(filed => filed.Closing.Outcome is ScanOutcome.Quarantined or ScanOutcome.Failed))
            {
                WriteReason(filed);
            }

            _receipts.CatchUp(environment.Database);
            WriteStatus();
            await alarms.ResolveAsync(AlarmKind.FeedbackFailing, profile.Name, stopping);
        }
        catch (StorageException error)
        {
            await alarms.RaiseAsync(
                AlarmKind.FeedbackFailing, profile.Name, $"The feedback folder cannot be written. Filing goes on. {error.Message}", stopping,
                whereCatalogFails: true);
        }
    }

    /// <summary>Writes the status alone; for quiet times and trouble.</summary>
    public Task TellStatusAsync(CancellationToken stopping) => TellAsync([], stopping);

    private void WriteReason(FiledScan filed)
    {
        var claim = filed.Scan.Claim;
        string name = Shorten(claim.RawFileName);
        string path = $"{RejectedFolder}/{name}.{claim.Id.ToBareString()[^8..]}.txt";
        if (folder.Find(path) is null)
        {
            WriteWhole(path, $"{claim.FileName}\r\n\r\n{filed.Closing.Reason}\r\n\r\nNumber for your administrator: {claim.Id}\r\n");
        }
    }

    private void WriteStatus()
    {
        using var connection = environment.Database.OpenReader();
        var now = environment.Time.GetLocalNow();
        CountReceipts(connection, new DateTimeOffset(now.Date, now.Offset));
        long filed = Count(ScanOutcome.Filed) + Count(ScanOutcome.Versioned) + Count(ScanOutcome.Duplicate);
        long refused = Count(ScanOutcome.Quarantined) + Count(ScanOutcome.Failed);
        var standing = AlarmTable.Standing(connection);
        string state = standing.Any(alarm => alarm.Kind == AlarmKind.DiskReserve.ToWord()) ? "STOP: disk full"
            : standing.Any(alarm => alarm.Kind == AlarmKind.StorageFailing.ToWord()) ? "STOP: the archive cannot be written"
            : "keep scanning";
        string words = refused == 0 ? $"{filed} filed; {state}" : $"{filed} filed, {refused} need you (see {RejectedFolder}); {state}";
        if (words != _lastStatus || folder.Find(StatusName) is null)
        {
            WriteWhole(StatusName, now.ToString("HH:mm", CultureInfo.InvariantCulture) + ": " + words + "\r\n");
            _lastStatus = words;
        }

        long Count(ScanOutcome outcome) => _counts.GetValueOrDefault(outcome.ToWord());
    }

    // Only receipts that are new since the last call: a day may have 100,000 of them, and this runs after each group.
    private void CountReceipts(SqliteConnection connection, DateTimeOffset midnight)
    {
        if (midnight != _countedDay)
        {
            _counts.Clear();
            (_countedDay, _countedTo) = (midnight, 0);
        }

        long last = ScanTable.LastReceipt(connection);
        foreach (var (outcome, count) in ScanTable.CountReceipts(connection, profile.Name, midnight, _countedTo, last))
        {
            _counts[outcome] = _counts.GetValueOrDefault(outcome) + count;
        }

        _countedTo = last;
    }

    private void WriteWhole(string path, string text)
    {
        string part = path + ".part";
        folder.Delete(part);
        using (var file = folder.Create(part))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        folder.Replace(part, path);
    }

    private static string Shorten(string rawName)
    {
        byte[] bytes = RawName.ToBytes(rawName);
        return bytes.Length <= MaxNameBytes ? rawName : RawName.FromBytes(bytes.AsSpan(0, MaxNameBytes));
    }
}
