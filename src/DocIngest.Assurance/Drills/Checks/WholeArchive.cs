using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Filing;

namespace DocIngest.Assurance.Drills;

/// <summary>What only a full restore can tell: whether everything is there, and whether it can be worked with.</summary>
/// <param name="restored">The restored archive.</param>
/// <param name="population">What must be there.</param>
/// <param name="record">Takes the results.</param>
internal sealed class WholeArchive(IArchive restored, DrillPopulation population, DrillRecord record)
{
    private static readonly DrillCheck Complete = new(
        "complete", "Every record that was filed before the backup and was not destroyed is there", CheckKind.Completeness, "the audit's entries of intake, less the destruction ledger");

    private static readonly DrillCheck Gone = new("destroyed", "No record that had been destroyed before the backup is in it", CheckKind.Destroyed, "the destruction ledger");

    private static readonly DrillCheck Rebuilt = new("catalog", "The catalog is made anew from the restored archive, and has every record of it", CheckKind.Completeness, "the objects of the restored archive");

    /// <summary>Looks for each record.</summary>
    public void LookForAll()
    {
        string[] missing = [.. population.Records.Keys.Select(id => id.ToString()).Where(id => !restored.IsThere(id))];
        record.CloseCounted(
            Complete, population.Count - missing.Length, missing.Length,
            "Records are not in the backup. Do not let snapshots be forgotten; compare with the archive, and look for them in earlier snapshots.", missing);
        if (population.Destroyed.Count > 0)
        {
            string[] back = [.. population.Destroyed.Select(id => id.ToString()).Where(restored.IsThere)];
            record.CloseCounted(Gone, population.Destroyed.Count - back.Length, back.Length, "Records that were destroyed are in a backup that was made later.", back);
        }
    }

    /// <summary>Makes the catalog anew.</summary>
    public async Task<long> RebuildAsync(SqliteDatabase database, TimeProvider time, CancellationToken cancellation)
    {
        var damaged = new List<string>();
        var summary = await new CatalogFromArchive(database, restored, time).RebuildAsync(damage => damaged.Add(damage.Code), progress: null, static _ => Task.CompletedTask, cancellation);
        record.CloseCounted(
            Rebuilt, summary.Records, damaged.Count, $"Objects of the restored archive cannot be read into a catalog ({string.Join(", ", damaged.Distinct().Order(StringComparer.Ordinal))}).", []);
        return summary.Records;
    }
}
