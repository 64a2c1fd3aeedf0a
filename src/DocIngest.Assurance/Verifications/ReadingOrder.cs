using DocIngest.Backup.Checks;

namespace DocIngest.Assurance.Verifications;

/// <summary>Which objects are to be read now, and in which order: so that all are within their time, whenever it is run.</summary>
internal static class ReadingOrder
{
    private const int Fewest = 100;   // that a run by hand reads something, however short ago the last one was

    /// <summary>Chooses.</summary>
    /// <param name="objects">All there are.</param>
    /// <param name="now">The moment.</param>
    /// <param name="pace">How much is due.</param>
    /// <returns>
    /// First what was damaged when it was read last: it stays an alarm until it is read again. Then what was never read as it is now, the newest first: what has just been written is the likeliest to be wrong, and the easiest to get again. Then what was not read for longest: as much of all as the time since the last run is of
    /// the time there is, so that every day reads its share; and whatever would be too old by the time of the next run.
    /// </returns>
    public static IReadOnlyList<KnownObject> Choose(IReadOnlyCollection<KnownObject> objects, DateTimeOffset now, ReadingPace pace)
    {
        long share = Math.Max(Fewest, pace.Share(objects.Count));
        var unread = objects.Where(one => one.ReadAt is null).OrderByDescending(one => one.WasDamaged).ThenByDescending(one => one.Expected?.Since ?? DateTimeOffset.MaxValue).ThenBy(one => one.Id, StringComparer.Ordinal);
        var oldest = objects.Select(one => (One: one, At: one.ReadAt)).Where(read => read.At is not null).OrderBy(read => read.At).ThenBy(read => read.One.Id, StringComparer.Ordinal);
        return [.. unread, .. oldest.TakeWhile((read, place) => place < share || pace.CannotWait(now - read.At.GetValueOrDefault())).Select(read => read.One)];
    }
}
