using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Assurance.Sampling;
using DocIngest.Assurance.Sources;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>A restore drill: restores from a backup into an empty folder, compares with what the audit says was taken in, opens documents, sees whether damage would be found, and reports.</summary>
/// <remarks>
/// Every drill that begins has a number and a report, also one that comes to nothing. Only one at a time in a data folder. What a drill that was killed leaves: <see cref="AssuranceRun"/>.
/// </remarks>
/// <param name="scene">What it works with.</param>
public sealed class RestoreDrill(DrillScene scene)
{
    /// <summary>The job's name in the register of runs.</summary>
    public const string Job = "drill";

    private const long LeastBytes = 64 << 20;   // lists, and a catalog of few records

    /// <summary>Carries it out.</summary>
    /// <param name="order">What to do.</param>
    /// <param name="cancellation">Ends it: the report says that it was aborted.</param>
    /// <returns>The report, which is filed, and what kept the drill from being carried through. Nothing of that is thrown.</returns>
    /// <exception cref="LockHeldException">Another drill is going on. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded, or its report not filed.</exception>
    public Task<(SignedReport Report, Exception? Error)> RunAsync(DrillOrder order, CancellationToken cancellation) => new AssuranceRun(scene, Job, RunKind.Drill).RunAsync(
        order, run => new DrillReport(scene, order, run), (draft, record, folder, lists, run) => CarryOutAsync(draft, record, folder, lists, run, order, cancellation), cancellation);

    private async Task CarryOutAsync(DrillReport draft, RunRecord record, RunFolder folder, RunLists lists, Run run, DrillOrder order, CancellationToken cancellation)
    {
        using var backup = await draft.Clock.MeasureAsync("fetch the key and open the repository", () => scene.OpenBackup(cancellation));
        draft.Backup = backup;
        var archive = await draft.Clock.MeasureAsync("find the newest backup", () => BackedUpArchive.FindAsync(backup, scene.DataPath, run.StartedAt, cancellation));
        draft.Archive = archive;
        var population = RecordPopulation.Take(scene.Data, archive.Time, cancellation);
        draft.Population = lists.Write(population);
        draft.Judge(archive, population);
        var sample = Draw(population, run, order, draft);
        draft.Draw(sample?.Drawn ?? [], order.IsFull ? null : sample?.Reported);

        var asked = new Asked(population, Wanted(population, sample, order), RestoredRegisters.Expected(population.Intake));
        DemandSpace(archive, order, asked);
        var options = order.IsFull ? archive.Whole() : archive.Only(asked.Records.Select(one => one.Key.ToString()).Concat(asked.Registers).Select(scene.Archive.PathOf));
        var result = await draft.Clock.MeasureAsync(
            "restore", () => new RestoreRun(backup.Repository, options, backup.Terms).RunAsync(archive.Id, folder.Target, null, cancellation), result => result.BytesRestored);
        draft.Judge(result);
        await JudgeAsync(draft, record, folder, asked, Path.Combine([folder.Target, .. archive.DataFolder.Split('/')]), order.IsFull, cancellation);
    }

    private async Task JudgeAsync(DrillReport draft, RunRecord record, RunFolder folder, Asked asked, string dataPath, bool isFull, CancellationToken cancellation)
    {
        var data = scene.OpenFolder(dataPath);
        var root = OcflStorageRoot.Open(data, DataFolder.Archive, DataFolder.Staging);
        long read = await draft.Clock.MeasureAsync(
            "validate", () => RestoredStructure.RunAsync(scene.OpenFolder(Path.Combine(dataPath, DataFolder.Archive)), record, scene.Time, cancellation), bytes => bytes);
        var records = new RestoredRecords(data, root, record);
        var sound = await draft.Clock.MeasureAsync(
            "compare with the audit", () => Task.Run(() => records.Run(asked.Records, id => !isFull || draft.IsToBeOpened(id), cancellation), cancellation), _ => read);
        RestoredRegisters.Run(root, asked.Registers, record);
        if (isFull)
        {
            var whole = new WholeArchive(root, asked.Population, record);
            whole.LookForAll(records.Missing);
            using var database = scene.OpenDatabase(folder.Catalog);
            await draft.Clock.MeasureAsync("make the catalog anew", () => whole.RebuildAsync(database, scene.Time, cancellation));
        }

        await using (var readers = scene.Readers(dataPath))
        {
            var opened = new OpenedDocuments(root, readers, file => Path.Combine(dataPath, file.ContentPath), record);
            draft.NotOpenable = await draft.Clock.MeasureAsync("open documents", () => opened.RunAsync(sound, cancellation));
        }

        await Canary.RunAsync(data, root, found => scene.OpenFolder(Path.Combine(dataPath, found.Path)), sound, record, scene.Time, cancellation);
        await AuditedPopulation.RunAsync(scene.Data, scene.Locks, scene.Archive, scene.Time, record, cancellation);
    }

    // A drill must not take the space that scans need.
    private void DemandSpace(BackedUpArchive archive, DrillOrder order, Asked asked)
    {
        double part = asked.Population.Count == 0 ? 1 : (double)asked.Records.Count / asked.Population.Count;   // 1 of a full drill
        long needed = (long)((archive.Snapshot.Summary?.BytesProcessed ?? 0) * part) + LeastBytes;
        if (scene.Data.FreeBytes() - order.ReserveBytes < needed)
        {
            throw new RunRefusedException(string.Create(
                CultureInfo.InvariantCulture,
                $"There is too little space for it: {needed >> 20:N0} MiB would be restored, and {Math.Max(0, scene.Data.FreeBytes() - order.ReserveBytes) >> 20:N0} MiB are free above the reserve for scans."));
        }
    }

    private static DrawnSample? Draw(RecordPopulation population, Run run, DrillOrder order, DrillReport draft)
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

    private static IReadOnlyCollection<KeyValuePair<RecordId, ExpectedRecord>> Wanted(RecordPopulation population, DrawnSample? sample, DrillOrder order) => order.IsFull
        ? population.Records
        : [.. (sample?.Drawn ?? []).Concat(population.Ends()).Distinct().Select(id => KeyValuePair.Create(id, population.Records[id]))];

    /// <summary>What must be in the backup, and is looked at.</summary>
    private sealed record Asked(RecordPopulation Population, IReadOnlyCollection<KeyValuePair<RecordId, ExpectedRecord>> Records, IReadOnlyList<string> Registers);

    private sealed record DrawnSample(IReadOnlyList<RecordId> Drawn, ReportedSample Reported);
}
