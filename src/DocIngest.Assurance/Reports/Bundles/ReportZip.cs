using System.IO.Compression;

namespace DocIngest.Assurance.Reports;

/// <summary>Puts the files of a report into one zip: the same files give the same bytes, on any machine and at any time.</summary>
/// <remarks>Nothing is packed: how the library packs may change with its version. Times are those of the oldest date that a zip knows.</remarks>
public static class ReportZip
{
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes it.</summary>
    /// <param name="target">Where to; not closed here.</param>
    /// <param name="names">Which files there are; others than those of <see cref="ReportFileNames.All"/> are refused.</param>
    /// <param name="open">Opens one.</param>
    /// <param name="cancellation">Gives up; what was written is no zip.</param>
    public static async Task WriteAsync(
        Stream target, IReadOnlyCollection<string> names, Func<string, Stream> open, CancellationToken cancellation = default)
    {
        if (names.Except(ReportFileNames.All).FirstOrDefault() is { } other)
        {
            throw new ArgumentException($"A report has no file {other}.", nameof(names));
        }

        await using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        foreach (string name in ReportFileNames.All.Where(names.Contains))
        {
            var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
            entry.LastWriteTime = NoTime;
            entry.ExternalAttributes = 0;   // otherwise the permissions of this system
            await using var content = open(name);
            await using var written = await entry.OpenAsync(cancellation);
            await content.CopyToAsync(written, cancellation);
        }
    }
}
