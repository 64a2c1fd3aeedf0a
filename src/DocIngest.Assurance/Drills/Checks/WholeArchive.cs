using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;

namespace DocIngest.Assurance.Drills;

/// <summary>What only a full restore can tell: whether everything is there, and whether it can be worked with.</summary>
/// <param name="restored">The restored archive.</param>
/// <param name="population">What must be there.</param>
/// <param name="record">Takes the results.</param>
internal sealed class WholeArchive(IArchive restored, RecordPopulation population, RunRecord record)
{
    private static readonly RunCheck Complete = new(
        "complete", "Every record that was filed before the backup and was not destroyed is there", CheckKind.Completeness, "the audit's entries of intake, less those of destruction");

    private static readonly RunCheck Gone = new("destroyed", "No record that had been destroyed before the backup is in it", CheckKind.Destroyed, "the audit and the destruction ledger");

    private static readonly RunCheck Rebuilt = new(
        "catalog", "The catalog is made anew from the restored archive, and has as many records as are to be there, or more", CheckKind.Completeness, "the audit's entries of intake, less those of destruction");

    /// <summary>Tells of what is missing, and looks for what was destroyed.</summary>
    /// <param name="missing">Records that are not there.</param>
    public void LookForAll(IReadOnlyList<string> missing)
    {
        record.CloseCounted(
            Complete, population.Count - missing.Count, missing.Count,
            "Records are not in the backup. Do not let snapshots be forgotten; compare with the archive, and look for them in earlier snapshots.", missing);
        if (population.Destroyed.Count > 0)
        {
            string[] back = [.. population.Destroyed.Where(IsThere).Select(id => id.ToString())];
            record.CloseCounted(Gone, population.Destroyed.Count - back.Length, back.Length, "Records that were destroyed are in a backup that was made later.", back);
        }
    }

    /// <summary>Makes the catalog anew.</summary>
    public async Task<long> RebuildAsync(SqliteDatabase database, TimeProvider time, CancellationToken cancellation)
    {
        var damaged = new List<string>();
        var summary = await new CatalogFromArchive(database, restored, time).RebuildAsync(damage => damaged.Add(damage.Code), progress: null, static _ => Task.CompletedTask, cancellation);
        long lacking = Math.Max(damaged.Count, population.Count - summary.Records);
        record.CloseCounted(
            Rebuilt, summary.Records, Math.Max(0, lacking),
            $"Records of the restored archive are not in the catalog that was made from it ({string.Join(", ", damaged.Distinct().Order(StringComparer.Ordinal).DefaultIfEmpty("missing"))}).", []);
        return summary.Records;
    }

    private bool IsThere(RecordId id)
    {
        try
        {
            return restored.Find(id.ToString()) is not null;
        }
        catch (DamagedObjectException)
        {
            return true;   // something of it is
        }
    }
}
