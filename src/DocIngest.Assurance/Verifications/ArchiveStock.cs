using System.Globalization;
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
/// <param name="recent">What the audit says since the run began.</param>
internal sealed class ArchiveStock(AssuranceScene scene, VerificationRegister register, RecentEntries recent)
{
    private static readonly RunCheck Complete = new(
        "complete", "Every record that was filed and not destroyed is there", CheckKind.Completeness, "the audit's entries of intake, less those of destruction");

    private static readonly RunCheck Known = new(
        "known", "Every record that is there was filed, and was not destroyed", CheckKind.Completeness, "the audit's entries of intake and of destruction");

    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(10);

    /// <summary>Whether it is time to walk through the archive again.</summary>
    public bool IsWalkDue(DateTimeOffset now) => register.LastWalk() is not { } last || now - last >= VerificationRegister.WalkEvery || last > now;

    /// <summary>All objects that must be there, with their last readings.</summary>
    /// <param name="population">The records.</param>
    /// <param name="now">A reading of a clock that was ahead says nothing: it counts as never.</param>
    public IReadOnlyList<KnownObject> Take(RecordPopulation population, DateTimeOffset now)
    {
        var readings = register.All().ToDictionary(one => one.Key, one => one.Value.Time > now + ClocksDiffer ? one.Value with { Time = DateTimeOffset.UnixEpoch, IsSound = false } : one.Value, StringComparer.Ordinal);
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
        var (others, foreign, unreadable) = (new HashSet<string>(StringComparer.Ordinal), new List<string>(), new List<string>());
        foreach (var listing in scene.Archive.EnumerateObjects())
        {
            cancellation.ThrowIfCancellationRequested();
            if (listing is not ObjectListing.Readable { Object: var found })
            {
                unreadable.Add(listing is ObjectListing.Unreadable damaged ? damaged.Damage.Finding.Path : "");
            }
            else if (!RecordId.TryParse(found.Id, out var id))
            {
                others.Add(found.Id);
            }
            else if (!missing.Remove(id) && !population.Records.ContainsKey(id) && found.Versions[0].Created < at)
            {
                foreign.Add(found.Id);
            }
        }

        var known = missing.Select(id => id.ToString()).Concat(register.All().Keys.Where(id => !RecordId.TryParse(id, out _) && !others.Contains(id))).ToHashSet(StringComparer.Ordinal);
        string[] places = [.. known.Select(scene.Archive.PathOf)];
        return new WalkedArchive(
            population.Count, known, foreign.Count == 0 ? foreign : [.. foreign.Except(await recent.FiledAsync(cancellation))], others,
            unreadable.Count(path => !places.Any(place => path == place || path.StartsWith(place + "/", StringComparison.Ordinal))));
    }

    /// <summary>Tells what the walk found, once what could be put right was, and notes that it was done.</summary>
    public async Task TellAsync(WalkedArchive walked, RecordPopulation population, RunRecord record, DateTimeOffset at, CancellationToken cancellation)
    {
        var gone = new List<string>();
        foreach (string id in walked.NotRead.Where(id => !scene.Archive.IsThere(id)).Order(StringComparer.Ordinal))
        {
            if (RecordId.TryParse(id, out var missing) && await recent.UpdateAsync(new KnownObject(id, population.Records[missing], null), cancellation) is not null)
            {
                gone.Add(id);
            }
        }

        record.CloseCounted(Complete, walked.Expected - gone.Count, gone.Count, "Records are not in the archive. Whatever took them out was not this program.", gone);
        record.CloseCounted(
            Known, walked.Expected - gone.Count, walked.Foreign.Count,
            "The archive has records that the audit does not know, or knows to be destroyed. A restored archive has them until the destruction ledger is replayed ('retention replay'); else somebody put them there.", walked.Foreign);
        if (walked.StrangePlaces > 0)
        {
            record.Find(
                "unreadable-place", string.Create(CultureInfo.InvariantCulture, $"{walked.StrangePlaces:N0} folders of the archive hold no object that can be read, and none that is known: 'docingest archive validate' says which."), []);
        }

        await register.WalkedAsync([.. register.All().Keys.Where(id => RecordId.TryParse(id, out var one) && !population.Records.ContainsKey(one))], at, cancellation);
    }
}

/// <summary>What walking through the archive has shown.</summary>
/// <param name="Expected">How many records must be there.</param>
/// <param name="NotRead">Records that must be there, and other objects that were there once, which were not met, or cannot be read: they are examined.</param>
/// <param name="Foreign">Records that were there, and should not be.</param>
/// <param name="Others">Objects that are no records.</param>
/// <param name="StrangePlaces">Folders that hold no object that can be read, and none that is known.</param>
internal sealed record WalkedArchive(int Expected, IReadOnlySet<string> NotRead, IReadOnlyList<string> Foreign, IReadOnlyCollection<string> Others, int StrangePlaces);
