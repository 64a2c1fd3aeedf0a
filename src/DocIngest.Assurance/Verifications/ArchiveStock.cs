using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Verification;

namespace DocIngest.Assurance.Verifications;

/// <summary>Which objects there must be: records as the audit has them, and whatever else was met when the archive was walked through.</summary>
/// <param name="scene">What the run works with.</param>
/// <param name="register">When what was read.</param>
internal sealed class ArchiveStock(AssuranceScene scene, VerificationRegister register)
{
    private static readonly RunCheck Complete = new(
        "complete", "Every record that was filed and not destroyed is there", CheckKind.Completeness, "the audit's entries of intake, less those of destruction");

    private static readonly RunCheck Known = new(
        "known", "Every record that is there was filed, and was not destroyed", CheckKind.Completeness, "the audit's entries of intake and of destruction");

    /// <summary>Whether it is time to walk through the archive again.</summary>
    public bool IsWalkDue(DateTimeOffset now) => register.LastWalk() is not { } last || now - last >= VerificationRegister.WalkEvery || last > now;

    /// <summary>All objects that must be there, with their last readings.</summary>
    public IReadOnlyList<KnownObject> Take(RecordPopulation population)
    {
        var readings = register.All();
        return
        [
            .. readings.Values.Where(one => !RecordId.TryParse(one.Object, out _)).Select(one => new KnownObject(one.Object, null, one)),
            .. population.Records.Select(record => record.Key.ToString() is var id ? new KnownObject(id, record.Value, readings.GetValueOrDefault(id)) : throw new System.Diagnostics.UnreachableException()),
        ];
    }

    /// <summary>Goes through the whole archive, and finds what is missing and what should not be there. No content is read.</summary>
    /// <param name="population">The records that must be there, as of the beginning of the run.</param>
    /// <param name="at">When the run began: what was made since is left out.</param>
    /// <param name="cancellation">Heeded between objects.</param>
    public async Task<WalkedArchive> WalkAsync(RecordPopulation population, DateTimeOffset at, CancellationToken cancellation)
    {
        var missing = population.Records.Keys.ToHashSet();
        var (others, foreign) = (new List<string>(), new List<string>());
        foreach (var listing in scene.Archive.EnumerateObjects())
        {
            cancellation.ThrowIfCancellationRequested();
            if (listing is not ObjectListing.Readable { Object: var found })
            {
                continue;   // of a record: it is missing, looked at below, and read; of nothing that is known: 'archive validate' tells
            }

            if (!RecordId.TryParse(found.Id, out var id))
            {
                others.Add(found.Id);
            }
            else if (!missing.Remove(id) && !population.Records.ContainsKey(id) && found.Versions[0].Created < at)
            {
                foreign.Add(found.Id);
            }
        }

        await register.WalkedAsync(others, Forgotten(population, others), at, cancellation);
        return new WalkedArchive(
            population.Count, missing.Select(id => id.ToString()).Where(id => !scene.Archive.IsThere(id)).ToHashSet(StringComparer.Ordinal),
            [.. foreign.Except(await FiledMeanwhileAsync(at, cancellation))]);
    }

    /// <summary>Tells what the walk found, once what could be put right was.</summary>
    public void Tell(WalkedArchive walked, RunRecord record, Func<string, bool> stillExpected)
    {
        string[] gone = [.. walked.Missing.Where(id => !scene.Archive.IsThere(id) && stillExpected(id)).Order(StringComparer.Ordinal)];
        record.CloseCounted(Complete, walked.Expected - gone.Length, gone.Length, "Records are not in the archive. Whatever took them out was not this program.", gone);
        record.CloseCounted(
            Known, walked.Expected - gone.Length, walked.Foreign.Count,
            "The archive has records that the audit does not know, or knows to be destroyed. A restored archive has them until the destruction ledger is replayed ('retention replay'); else somebody put them there.", walked.Foreign);
    }

    // Versions bear the time at which they were sealed, and their entries may come later.
    private async Task<IEnumerable<string>> FiledMeanwhileAsync(DateTimeOffset at, CancellationToken cancellation)
    {
        await scene.Audit.DrainAsync(scene.Database, cancellation);
        return IntakeRecords.Read(scene.Data, scene.Time.GetUtcNow(), cancellation).Filed.Where(record => record.Value.Since >= at.AddMinutes(-1)).Select(record => record.Key.ToString());
    }

    private string[] Forgotten(RecordPopulation population, List<string> others)
    {
        var there = others.ToHashSet(StringComparer.Ordinal);
        return [.. register.All().Keys.Where(id => RecordId.TryParse(id, out var record) ? !population.Records.ContainsKey(record) : !there.Contains(id))];
    }
}

/// <summary>What walking through the archive has shown.</summary>
/// <param name="Expected">How many records must be there.</param>
/// <param name="Missing">Those that were not.</param>
/// <param name="Foreign">Those that were there, and should not be.</param>
internal sealed record WalkedArchive(int Expected, IReadOnlySet<string> Missing, IReadOnlyList<string> Foreign);
