using System.Diagnostics;

namespace DocIngest.Backup.Checks;

/// <summary>Chooses the packs that a check reads.</summary>
/// <param name="index">The packs.</param>
/// <param name="files">Which of them are there.</param>
/// <param name="verified">When each was last read.</param>
/// <param name="now">The moment.</param>
internal sealed class PackChoice(CheckedIndex index, PackListCheck files, IReadOnlyDictionary<FileId, PackVerification> verified, DateTimeOffset now)
{
    private const int FewestDue = 4;   // that a run by hand reads something, however short ago the last one was

    private IEnumerable<int> Present => Enumerable.Range(0, index.PackCount).Where(pack => files.File(pack) is not null);

    /// <summary>The numbers of the packs to read, in the order to read them.</summary>
    internal IReadOnlyList<int> Choose(PackReading reading) => reading switch
    {
        PackReading.Nothing => [],
        PackReading.Everything => [.. OldestFirst()],
        PackReading.Part part => [.. OldestFirst().Where(pack => part.Has(index.Blobs.Pack(pack)))],
        PackReading.OldestFirst(var budget) => [.. Within(OldestFirst(), budget)],
        PackReading.Due due => [.. Within(Due(due), due.MostBytes ?? long.MaxValue)],
        _ => throw new UnreachableException(),
    };

    /// <summary>Never read ones first, and those that were damaged: they are the likeliest to be damaged now.</summary>
    private IEnumerable<int> OldestFirst() => Present.OrderBy(pack => Last(index.Blobs.Pack(pack))).ThenBy(pack => index.Blobs.Pack(pack));

    private DateTimeOffset Last(FileId pack) => verified.TryGetValue(pack, out var last) && last.IsSound && last.Time <= now + VerificationAge.ClocksDiffer ? last.Time : DateTimeOffset.MinValue;

    private IEnumerable<int> Due(PackReading.Due due)
    {
        var ordered = OldestFirst().ToList();
        int unread = ordered.TakeWhile(pack => Last(index.Blobs.Pack(pack)) == DateTimeOffset.MinValue).Count();
        int share = unread + (int)Math.Max(FewestDue, due.Pace.Share(ordered.Count));
        return ordered.TakeWhile((pack, place) => place < share || due.Pace.CannotWait(now - Last(index.Blobs.Pack(pack))));
    }

    private IEnumerable<int> Within(IEnumerable<int> packs, long budget)
    {
        bool isFirst = true;
        foreach (int pack in packs)
        {
            budget -= files.File(pack)?.SizeBytes ?? 0;
            if (budget < 0 && !isFirst)
                yield break;
            isFirst = false;
            yield return pack;
        }
    }
}
