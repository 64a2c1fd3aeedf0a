using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sampling;
using DocIngest.Backup;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>A restore drill: restores from a backup into an empty folder, compares with what the audit says was taken in, opens documents, sees whether damage would be found, and reports.</summary>
/// <remarks>
/// <para>Every drill that begins has a number and a report, also one that comes to nothing. Only one at a time in a data folder.</para>
/// <para>Killed at any moment it leaves <c>drill/</c> with restored records, which the next drill removes, and a run that is recorded as aborted.</para>
/// </remarks>
/// <param name="scene">What it works with.</param>
public sealed class RestoreDrill(DrillScene scene)
{
    /// <summary>The job's name in the register of runs.</summary>
    public const string Job = "drill";

    /// <summary>The lock of drills.</summary>
    public const string LockName = "drill";

    /// <summary>Carries it out.</summary>
    /// <param name="order">What to do.</param>
    /// <param name="cancellation">Ends it: the report says that it was aborted.</param>
    /// <returns>The report, which is filed. What went wrong stands in it: nothing of that is thrown.</returns>
    /// <exception cref="LockHeldException">Another drill is going on. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded, or its report not filed.</exception>
    public async Task<SignedReport> RunAsync(DrillOrder order, CancellationToken cancellation)
    {
        using var alone = scene.Locks.TryAcquire(LockName) ?? throw new LockHeldException("Another drill is going on in this data folder.");
        var runs = new RunRegister(scene.Data, scene.Locks, scene.Audit, scene.Database, scene.Time);
        using var signer = await new ReportKey(scene.SystemObjects, scene.OpenKeys, scene.Audit, scene.Locks, scene.Time).OpenAsync(cancellation);   // before anything is done that could not be signed
        using var run = await runs.BeginAsync(Job, order.Trigger, cancellation);
        var draft = new DrillReport(scene, order, run.Run);
        var folder = DrillFolder.Make(scene, run.Run.Number);
        using (var lists = new DrillLists(folder.Files))
        {
            await TryAsync(draft, folder, lists, run.Run, order, cancellation);
            draft.Items = lists.Close();
        }

        draft.WipeOf(folder);
        var report = draft.Finish();
        var filing = new ReportFiling(new ReportStore(scene.SystemObjects), runs, scene.Locks, scene.Time);
        var filed = await filing.FileAsync(run, report, DrillLists.Of(report, folder.Files), signer);
        folder.Remove();
        return filed;
    }

    private async Task TryAsync(DrillReport draft, DrillFolder folder, DrillLists lists, Run run, DrillOrder order, CancellationToken cancellation)
    {
        try
        {
            await CarryOutAsync(draft, folder, lists, run, order, cancellation);
        }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): a drill that fails must leave a report that says so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            draft.Aborted = cancellation.IsCancellationRequested ? "It was cancelled." : ReasonOf(error);
        }
    }

    private async Task CarryOutAsync(DrillReport draft, DrillFolder folder, DrillLists lists, Run run, DrillOrder order, CancellationToken cancellation)
    {
        using var backup = await draft.Clock.MeasureAsync("fetch the key and open the repository", () => scene.OpenBackup(cancellation));
        draft.Backup = backup;
        var archive = await draft.Clock.MeasureAsync("find the newest backup", () => BackedUpArchive.FindAsync(backup.Repository, scene.DataPath, cancellation));
        draft.Archive = archive;
        var population = DrillPopulation.Take(scene.Data, archive.Time, cancellation);
        draft.Population = lists.Write(population);
        var sample = Draw(population, run, order, draft);
        draft.Sample = order.IsFull ? null : sample?.Reported;

        var record = new DrillRecord(lists.Items, order.IsFull ? AllOf(population) : NamesOf(sample?.Drawn ?? []), run.Number, scene.Time);
        draft.Record = record;
        var wanted = Wanted(population, sample, order);
        var options = order.IsFull ? archive.Whole() : archive.Only(wanted.Select(one => scene.Archive.PathOf(one.Key.ToString())));
        var result = await draft.Clock.MeasureAsync(
            "restore", () => new RestoreRun(backup.Repository, options, backup.Terms).RunAsync(archive.Id, folder.Target, null, cancellation), result => result.BytesRestored);
        draft.Restored = result;
        await JudgeAsync(draft, folder, population, wanted, sample, order, record, archive, cancellation);
    }

    private async Task JudgeAsync(
        DrillReport draft, DrillFolder folder, DrillPopulation population, List<KeyValuePair<RecordId, ExpectedRecord>> wanted, DrawnSample? sample, DrillOrder order, DrillRecord record,
        BackedUpArchive archive, CancellationToken cancellation)
    {
        string dataPath = Path.Combine([folder.Target, .. archive.DataFolder.Split('/')]);
        var data = scene.OpenFolder(dataPath);
        var root = OcflStorageRoot.Open(data, DataFolder.Archive, DataFolder.Staging);
        long read = await draft.Clock.MeasureAsync(
            "validate", () => RestoredStructure.RunAsync(scene.OpenFolder(Path.Combine(dataPath, DataFolder.Archive)), record, scene.Time, cancellation), bytes => bytes);
        var sound = await draft.Clock.MeasureAsync("compare with the audit", () => Task.Run(() => new RestoredRecords(root, record).Run(wanted, cancellation), cancellation), _ => read);
        if (order.IsFull)
        {
            var whole = new WholeArchive(root, population, record);
            whole.LookForAll();
            using var database = scene.OpenDatabase(folder.Catalog);
            await draft.Clock.MeasureAsync("make the catalog anew", () => whole.RebuildAsync(database, scene.Time, cancellation));
        }

        await OpenAsync(draft, dataPath, root, order.IsFull ? Some(sound, sample) : sound, record, cancellation);
        Canary.Run(data, root, sound, record, cancellation);
        await AuditedPopulation.RunAsync(scene, record, cancellation);
    }

    private async Task OpenAsync(DrillReport draft, string dataPath, OcflStorageRoot root, IReadOnlyList<RestoredOriginal> originals, DrillRecord record, CancellationToken cancellation)
    {
        await using var readers = scene.Readers(dataPath);
        var opened = new OpenedDocuments(root, readers, original => Path.Combine(dataPath, original.File.ContentPath), record);
        await draft.Clock.MeasureAsync("open documents", async () =>
        {
            await opened.RunAsync(originals, cancellation);
            return originals.Count;
        });
    }

    private static DrawnSample? Draw(DrillPopulation population, Run run, DrillOrder order, DrillReport draft)
    {
        if (population.Count == 0)
        {
            return null;   // nothing is checked: it fails
        }

        string nonce = order.Nonce ?? $"none-{draft.ReportId}";
        var seed = new SampleSeed(nonce, run.AuditHash);
        long size = SampleSize.For(population.Count, order.Confidence, order.DefectRate);
        return new DrawnSample(
            population.Draw(seed, size),
            new ReportedSample(size, nonce, run.AuditHash, seed.Hex, order.Confidence, order.DefectRate, ["the record that was filed first", "the record that was filed last"]));
    }

    private static List<KeyValuePair<RecordId, ExpectedRecord>> Wanted(DrillPopulation population, DrawnSample? sample, DrillOrder order) => order.IsFull
        ? [.. population.Records]
        : [.. (sample?.Drawn ?? []).Concat(population.Ends()).Distinct().Select(id => KeyValuePair.Create(id, population.Records[id]))];

    // Of all that was restored, as many are opened as a sample has.
    private static IReadOnlyList<RestoredOriginal> Some(IReadOnlyList<RestoredOriginal> sound, DrawnSample? sample)
    {
        var drawn = (sample?.Drawn ?? []).ToHashSet();
        return [.. sound.Where(original => drawn.Contains(original.Id))];
    }

    private static HashSet<string> NamesOf(IEnumerable<RecordId> ids) => [.. ids.Select(id => id.ToString())];

    private static HashSet<string> AllOf(DrillPopulation population) => NamesOf(population.Records.Keys);

    // Messages of our own say what to do. Those of others may quote what they read.
    private static string ReasonOf(Exception error) => error is StorageException or BackupException or ArchiveException or NoBackupException or ExtractionUnavailableException
        ? error.Message
        : string.Create(CultureInfo.InvariantCulture, $"It met an error of the program: {error.GetType().Name}.");

    private sealed record DrawnSample(IReadOnlyList<RecordId> Drawn, ReportedSample Reported);
}
