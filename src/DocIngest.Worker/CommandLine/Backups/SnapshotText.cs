using DocIngest.Backup;
using DocIngest.Backup.Snapshots;
using DocIngest.Storage;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Snapshots in words.</summary>
internal static class SnapshotText
{
    private const int ShortDigits = 8;   // restic's

    /// <summary>As much of an id as tells it from others.</summary>
    public static string ShortId(FileId id) => id.ToString()[..ShortDigits];

    /// <summary>A snapshot on one line. Names come from the repository: whoever wrote them, they move no cursor.</summary>
    public static string Line(FileId id, Snapshot snapshot) => TerminalText.OneLine(
        $"{ShortId(id)}  {snapshot.Time}  {snapshot.HostName}  {Size(snapshot.Summary)}{string.Join(' ', snapshot.Paths.Select(RawName.ToDisplay))}"
        + (snapshot.Tags.Count == 0 ? "" : $"  [{string.Join(", ", snapshot.Tags)}]"));

    private static string Size(SnapshotSummary? summary) =>
        summary is null ? "" : $"{summary.FilesProcessed:N0} files, {summary.BytesProcessed:N0} bytes  ";
}
