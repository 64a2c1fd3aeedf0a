using System.Globalization;
using System.Text;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
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
    private const int MaxReasonBytes = 4096;
    private const string NumberLine = "Number for your administrator: ";

    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);

    private readonly ReceiptLog _receipts = new(folder, "receipts-", new ReceiptCsv(), profile.Name);

    // Under the lock of this folder's files.
    private readonly Dictionary<string, long> _counts = [];   // of today, by outcome
    private DateTimeOffset _countedDay;
    private long _countedTo;
    private string? _lastStatus;
    private IReadOnlySet<RecordId>? _reasonsOf;    // the scans whose reasons stood in the folder at the last look

    /// <summary>The feedback folders of all profiles that have one.</summary>
    public static IReadOnlyDictionary<string, FeedbackFolder> AllOf(IngestEnvironment environment, Alarms alarms) =>
        environment.Options.Profiles.Where(profile => profile.FeedbackFolder is not null).ToDictionary(
            profile => profile.Name,
            profile => new FeedbackFolder(
                environment, alarms,
                environment.OpenFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(profile.FeedbackFolder ?? "", environment.DataPath))), environment.Locks, profile));

    /// <summary>Writes receipts, reasons and the status after a group.</summary>
    public Task TellAsync(CancellationToken stopping) => TellAsync(looksAgain: false, stopping);

    /// <summary>The same in quiet times and trouble; also puts right what others did in the folder.</summary>
    public Task LookAfterAsync(CancellationToken stopping) => TellAsync(looksAgain: true, stopping);

    /// <summary>Makes the folder tell nothing more of some scans than the ledger does now. Safe to repeat.</summary>
    /// <param name="scans">The scans.</param>
    /// <param name="receipts">Their receipts, of this profile, as the ledger has them.</param>
    /// <param name="cancellation">Leaves what is done.</param>
    /// <exception cref="StorageException">The folder does not answer.</exception>
    public async Task ForgetAsync(IReadOnlySet<RecordId> scans, IReadOnlyList<Receipt> receipts, CancellationToken cancellation)
    {
        using var held = await locks.AcquireAsync($"feedback-{profile.Name}", LockPatience, cancellation);
        await _receipts.RewriteAsync(environment.Database, receipts, cancellation);
        if (folder.Find(RejectedFolder) is not { Kind: EntryKind.Folder })
        {
            return;
        }

        foreach (var entry in folder.List(RejectedFolder).Where(entry => TryReadNumber(entry) is { } id && scans.Contains(id)).ToList())
        {
            folder.Delete($"{RejectedFolder}/{entry.Name}");
        }

        await folder.FlushAsync(cancellation);
    }

    private async Task TellAsync(bool looksAgain, CancellationToken stopping)
    {
        try
        {
            using var held = await locks.AcquireAsync($"feedback-{profile.Name}", LockPatience, stopping);
            folder.CreateFolder(RejectedFolder);
            _receipts.CatchUp(environment.Database);
            using var connection = environment.Database.OpenReader();
            var refused = FindRefused(connection);
            if (looksAgain || _reasonsOf is null || !_reasonsOf.SetEquals(refused.Keys))
            {
                _reasonsOf = null;   // until all is written: what a failure leaves is looked for again
                WriteReasons(connection, refused);
                _reasonsOf = refused.Keys.ToHashSet();
            }

            WriteStatus(connection, refused.Count);
            await alarms.ResolveAsync(AlarmKind.FeedbackFailing, profile.Name, stopping);
        }
        catch (StorageException error)
        {
            await alarms.RaiseAsync(
                AlarmKind.FeedbackFailing, profile.Name, $"The feedback folder cannot be written. Filing goes on. {error.Message}", stopping,
                whereCatalogFails: true);
        }
    }

    // From the ledger alone, so that nothing is lost while the folder is away, and what a person has decided goes.
    private Dictionary<RecordId, ScanRow> FindRefused(SqliteConnection connection)
    {
        var refused = new Dictionary<RecordId, ScanRow>();
        foreach (var id in RefusedScans.Of(connection, profile.Name))
        {
            if (ScanTable.Find(connection, id) is { } scan && (scan.Outcome != ScanOutcome.Failed || FileStands(scan.Claim)))
            {
                refused[id] = scan;
            }
        }

        return refused;
    }

    // A failed scan's file was left to the people: when they have taken it away or scanned it anew, it needs nobody.
    private bool FileStands(Claim claim)
    {
        try
        {
            string place = DropFolder.FolderOf(claim.SourcePath);
            return environment.OpenFolder(place.Length == 0 ? "/" : place).Find(claim.RawFileName)?.Stamp == claim.Stamp;
        }
        catch (StorageException)
        {
            return true;   // the share may only be unmounted
        }
    }

    private void WriteReasons(SqliteConnection connection, Dictionary<RecordId, ScanRow> refused)
    {
        var missing = refused.Values.ToDictionary(scan => ReasonNameOf(scan.Claim));
        foreach (var entry in folder.List(RejectedFolder).ToList())
        {
            if (!missing.Remove(entry.Name) && IsOver(connection, entry))
            {
                folder.Delete($"{RejectedFolder}/{entry.Name}");
            }
        }

        foreach (var (name, scan) in missing)
        {
            string reason = scan.Reason ?? "It could not be taken in. It is tried again when the service starts anew.";
            WriteWhole($"{RejectedFolder}/{name}", $"{scan.Claim.FileName}\r\n\r\n{reason}\r\n\r\n{NumberLine}{scan.Claim.Id}\r\n");
        }
    }

    // The number in the file says whose it is; one that is not of this profile's ledger is not ours to remove.
    private bool IsOver(SqliteConnection connection, FolderEntry entry) =>
        TryReadNumber(entry) is { } id && ScanTable.Find(connection, id) is { Outcome: not null } scan && scan.Claim.Profile == profile.Name;

    // Null for a file that is none of ours.
    private RecordId? TryReadNumber(FolderEntry entry)
    {
        if (entry.Kind != EntryKind.File || entry.Stamp.SizeBytes > MaxReasonBytes || !entry.Name.EndsWith(".txt", StringComparison.Ordinal))
        {
            return null;
        }

        using var reader = new StreamReader(folder.OpenRead($"{RejectedFolder}/{entry.Name}"));
        string text = reader.ReadToEnd();
        int at = text.LastIndexOf(NumberLine, StringComparison.Ordinal);
        return at >= 0 && RecordId.TryParse(text[(at + NumberLine.Length)..].Trim(), out var id) ? id : null;
    }

    private static string ReasonNameOf(Claim claim) => $"{Shorten(claim.RawFileName)}.{claim.Id.ToBareString()[^8..]}.txt";

    private void WriteStatus(SqliteConnection connection, int refused)
    {
        var now = environment.Time.GetLocalNow();
        CountReceipts(connection, new DateTimeOffset(now.Date, now.Offset));
        long filed = Count(ScanOutcome.Filed) + Count(ScanOutcome.Versioned) + Count(ScanOutcome.Duplicate);
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

        long last = ReceiptTable.Last(connection);
        foreach (var (outcome, count) in ReceiptTable.Count(connection, profile.Name, midnight, _countedTo, last))
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
