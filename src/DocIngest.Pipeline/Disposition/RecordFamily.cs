using DocIngest.Archive;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Disposition;

/// <summary>A record and those that show the same sheets: a hold that covers one covers all.</summary>
public static class RecordFamily
{
    private const int MostMembers = 10_000;   // pages of the largest scan; an archive of other origin could refer in circles

    /// <summary>The holds that cover a record, or one that shows the same sheets.</summary>
    /// <inheritdoc cref="Of" path="/exception" />
    public static IReadOnlyList<Hold> HoldsOf(IArchive archive, OcflObject found, HoldsInForce inForce) =>
        inForce.Any ? [.. Of(archive, found).SelectMany(inForce.Of).DistinctBy(hold => hold.Number)] : [];

    /// <summary>All versions of the record, and of each that it leads to: its whole scan, its documents, what took its place and whose place it took.</summary>
    /// <exception cref="DamagedObjectException">One of them cannot be read: nobody can say whether a hold covers it.</exception>
    /// <exception cref="FixityException">As above.</exception>
    private static IEnumerable<IReadOnlyList<RecordDocument>> Of(IArchive archive, OcflObject found)
    {
        var known = new HashSet<RecordId> { RecordId.Parse(found.Id) };
        var waiting = new Queue<IReadOnlyList<RecordDocument>>([RecordHistory.Of(archive, found)]);
        while (waiting.TryDequeue(out var versions))
        {
            yield return versions;
            foreach (var relative in versions.SelectMany(HoldsInForce.FamilyOf).ToList())
            {
                if (known.Count >= MostMembers)
                {
                    throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, "More records belong to it than can be: nobody can say whether a hold covers it."));
                }

                if (known.Add(relative) && RecordHistory.Of(archive, relative) is { Count: > 0 } theirs)
                {
                    waiting.Enqueue(theirs);
                }
            }
        }
    }
}
