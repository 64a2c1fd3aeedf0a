using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Audit;

/// <summary>Closed days in the archive: one system object a year, <c>audit:YYYY</c>, with segment, checkpoint and signature of each day.</summary>
/// <param name="open">Opens the files of system objects.</param>
/// <param name="find">Finds system objects.</param>
internal sealed class AuditArchive(Func<SystemObjectName, OcflObject?> find, Func<OcflObject, string, Stream?> open)
{
    private const int FirstYear = 2025;   // no chain is older than this program

    /// <summary>In the archive of a data folder.</summary>
    public static AuditArchive In(SystemObjectStore objects) => new(objects.Find, objects.Open);

    /// <summary>Of an archive that is only read.</summary>
    public static AuditArchive In(IArchive archive) => new(
        name => archive.Find(name.ObjectId),
        (found, path) => found.FindFile(found.Head, path) is null ? null : archive.OpenContent(found, found.Head, path));

    /// <summary>The object of a year.</summary>
    public static SystemObjectName NameOf(int year) => new($"audit:{year}");

    /// <summary>The object of a year; null where there is none.</summary>
    public OcflObject? Year(int year) => find(NameOf(year));

    /// <summary>All there are, oldest first.</summary>
    /// <param name="thisYear">Where to end.</param>
    public IEnumerable<OcflObject> Years(int thisYear) =>
        Enumerable.Range(FirstYear, Math.Max(0, thisYear - FirstYear + 2)).Select(Year).OfType<OcflObject>();

    /// <summary>The days that an object holds, oldest first.</summary>
    public static IReadOnlyList<DateOnly> Days(OcflObject year) => AuditFiles.Checkpoints(year.ListVersion(year.Head).Select(file => file.LogicalPath));

    /// <summary>Opens a file of an object's head; null where it has none of that name.</summary>
    public Stream? Open(OcflObject year, string name) => open(year, name);

    /// <summary>Reads a small file of an object's head; null where it has none of that name.</summary>
    public byte[]? Read(OcflObject year, string name)
    {
        using var file = open(year, name);
        if (file is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The checkpoint of the newest day that is archived; null where there is none.</summary>
    public AuditCheckpoint? Last(int thisYear) =>
        Years(thisYear).LastOrDefault() is { } year && Days(year) is [.., var day] && Read(year, AuditFiles.CheckpointName(day)) is { } bytes
            ? AuditCheckpoint.Parse(bytes)
            : null;
}
