using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Verifications;

/// <summary>Puts damaged objects of the archive right from backups: the newest snapshot first, then those before it, until every file has the bytes that its digest names.</summary>
/// <remarks>What is restored goes to a folder of the run, and is believed nowhere: each file is held against the digest in an inventory that the audit vouches for. The damaged files are kept in <c>damaged/</c>.</remarks>
/// <param name="scene">What the run works with.</param>
/// <param name="archive">The archive, on a disk.</param>
/// <param name="folder">Where copies come to.</param>
/// <param name="record">Takes what was put right, file by file.</param>
/// <param name="recent">Asked under an object's lock what must be there now.</param>
/// <param name="reserveBytes">Free space that is left to scans.</param>
internal sealed class ObjectHealing(
    AssuranceScene scene, OcflStorageRoot archive, RunFolder folder, RunRecord record, RecentEntries recent, long reserveBytes)
{
    private const int AtOnce = 20;   // copies of as many lie there at once
    private const long LeastBytes = 256 << 20;
    private const int MostSnapshots = 60;   // two months of days: what is in none of these is in none

    private static readonly RunCheck Check = new(
        "healed", "Each damaged or missing file was put right with bytes from a backup that have its digest", CheckKind.RestoreCompare, "digests of the inventory that the audit names");

    private readonly ObjectExamination _examination = new(archive, scene.Time);
    private readonly Dictionary<string, List<ObjectCopy>> _copies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Examined> _healed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lacking = new(StringComparer.Ordinal);
    private long _files;

    /// <summary>Why copies could not be had, for a person; null where they could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Heals what can be healed.</summary>
    /// <param name="damaged">What is damaged.</param>
    /// <param name="cancellation">Leaves what is done.</param>
    /// <returns>Those that are as they were filed again, as they were found then.</returns>
    public async Task<IReadOnlyDictionary<string, Examined>> RunAsync(IReadOnlyList<KnownObject> damaged, CancellationToken cancellation)
    {
        scene.OpenFolder(Path.Combine(scene.DataPath, DataFolder.Damaged));   // for the owner alone, before anything comes into it
        try
        {
            using var backup = await scene.OpenBackup(cancellation);
            var snapshots = await BackedUpArchive.ListAsync(backup, scene.DataPath, scene.Time.GetUtcNow(), cancellation);
            foreach (var some in damaged.Chunk(AtOnce))
            {
                await HealAsync(backup, [.. snapshots.Take(MostSnapshots)], some, cancellation);
            }
        }
        catch (Exception error) when (error is NoBackupException or RunRefusedException or BackupException or StorageException && !cancellation.IsCancellationRequested)
        {
            Problem = error.Message;   // what was healed stands
        }

        if (_files > 0)
        {
            record.CloseListed(Check, _files, "", "Files of damaged objects are in no backup with the right bytes.", [.. _lacking.Except(_healed.Keys)]);
        }

        return _healed;
    }

    private async Task HealAsync(OpenedBackup backup, IReadOnlyList<BackedUpArchive> snapshots, KnownObject[] some, CancellationToken cancellation)
    {
        foreach (var snapshot in snapshots)
        {
            KnownObject[] open = [.. some.Where(one => !_healed.ContainsKey(one.Id))];
            if (open.Length == 0)
            {
                break;
            }

            if (scene.Data.FreeBytes() - reserveBytes < LeastBytes)
            {
                Problem = "There is too little space to restore copies beside the reserve for scans.";
                break;
            }

            await FromAsync(backup, snapshot, open, cancellation);
        }

        foreach (var snapshot in snapshots)
        {
            folder.RemoveTarget(snapshot.Id.ToString());
        }

        _copies.Clear();
    }

    private async Task FromAsync(OpenedBackup backup, BackedUpArchive snapshot, KnownObject[] open, CancellationToken cancellation)
    {
        string target = folder.TargetOf(snapshot.Id.ToString());
        try
        {
            await new RestoreRun(backup.Repository, snapshot.Only(open.Select(one => archive.PathOf(one.Id))), backup.Terms).RunAsync(snapshot.Id, target, null, cancellation);
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            Problem = error.Message;
            return;   // another snapshot may have it
        }

        var data = scene.OpenFolder(Path.Combine([target, .. snapshot.DataFolder.Split('/')]));
        foreach (var one in open.Where(one => data.Find(archive.PathOf(one.Id)) is not null))
        {
            await MendAsync(one, new ObjectCopy(data, archive.PathOf(one.Id)), cancellation);
        }
    }

    private async Task MendAsync(KnownObject damaged, ObjectCopy copy, CancellationToken cancellation)
    {
        var copies = _copies.TryGetValue(damaged.Id, out var known) ? known : _copies[damaged.Id] = [];
        copies.Add(copy);
        await using var held = await ObjectLocks.TakeAsync(scene.Locks, damaged.Id, cancellation);
        if (await recent.UpdateAsync(damaged, cancellation) is not { } one)
        {
            return;   // destroyed since
        }

        await scene.Audit.AppendAsync([EntryOf(one)], cancellation);   // first: nothing is changed in the archive unseen
        string kept = string.Create(CultureInfo.InvariantCulture, $"{DataFolder.DamagedOf(one.Id)}/{scene.Time.GetUtcNow():yyyyMMdd'T'HHmmssfff}");
        try
        {
            Note(one, await archive.MendAsync(one.Id, one.Expected?.Inventory is { } inventory ? new Sha512Digest(inventory) : null, copies, folder.WorkPath, path => $"{kept}/{path}", cancellation));
        }
        catch (StorageException error) when (error is not StorageFullException)
        {
            Problem = error.Message;   // of this object: the others have disks of their own, perhaps
            return;
        }

        if (await _examination.RunAsync(one, cancellation) is { State: ExaminedState.Sound } sound)
        {
            _healed[one.Id] = sound;
        }
    }

    private void Note(KnownObject one, MendReport report)
    {
        foreach (var file in report.Files)
        {
            record.Add(Check.Id, one.Id, ItemResult.Passed, path: file.Path, bytes: file.Bytes, expected: file.Digest.Hex, actual: file.Damage?.Digest.Hex, note: NoteOf(file), isDrawable: false);
            _files++;
        }

        _lacking.Remove(one.Id);
        if (report.Lacking.Count > 0)
        {
            _lacking.Add(one.Id);
        }
    }

    private AuditEvent EntryOf(KnownObject one) => scene.Audit.Origin.Event(
        AuditType.Archive, "mend", AuditAction.Update, RecordId.TryParse(one.Id, out _) ? [new AuditEntity(AuditEntity.Record, one.Id)] : []);

    private static string NoteOf(MendedFile file) => file.Damage is { } damage
        ? string.Create(CultureInfo.InvariantCulture, $"was {damage.Bytes} bytes, {damage.DifferingBytes} of them others, the first at {damage.FirstDifference}")
        : "was missing, or could not be read";
}
