using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Assurance.Reports;

/// <summary>Reports in the archive: an object <c>urn:docingest:report:UUID</c> for each, which is never changed.</summary>
/// <param name="objects">The archive's objects that are no records.</param>
public sealed class ReportStore(SystemObjectStore objects)
{
    private const string Message = "Report filed";

    /// <summary>Files a report. Again: nothing changes.</summary>
    /// <param name="report">The report with its small files.</param>
    /// <param name="lists">Its lists by name (<see cref="ReportFileNames.Items"/>, <see cref="ReportFileNames.Population"/>): each is opened once, read and disposed.</param>
    /// <param name="cancellation">Heeded until it is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task FileAsync(SignedReport report, IReadOnlyDictionary<string, Func<Stream>> lists, CancellationToken cancellation) => await objects.ChangeAsync(
        NameOf(report.Report.ReportId),
        found => found is not null ? null : new SystemObjectChange(
            Message, report.Files.ToDictionary(file => PathOf(file.Key), file => (ReadOnlyMemory<byte>)file.Value, StringComparer.Ordinal))
        {
            Streams = lists.ToDictionary(list => PathOf(list.Key), list => list.Value, StringComparer.Ordinal),
        },
        cancellation);

    /// <summary>Reads a report with the digest of its <c>report.json</c>; null where there is none of this id.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be read, or is of a newer program.</exception>
    /// <exception cref="FixityException">It is not what was filed.</exception>
    public (AssuranceReport Report, string Sha512)? Find(Guid id)
    {
        if (objects.Find(NameOf(id)) is not { } found)
        {
            return null;
        }

        using var file = objects.Open(found, PathOf(ReportFileNames.Report));
        byte[] bytes = file is null || file.Length > ReportJson.LargestBytes ? [] : ReadAll(file);
        return ReportJson.Read(bytes) is { } report
            ? (report, Convert.ToHexStringLower(SHA512.HashData(bytes)))
            : throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, "The report cannot be read, or is of a newer program."));
    }

    /// <summary>Writes a report as its zip.</summary>
    /// <returns>False where there is none of this id; nothing was written.</returns>
    /// <inheritdoc cref="Find" path="/exception" />
    public async Task<bool> WriteZipAsync(Guid id, Stream target, CancellationToken cancellation)
    {
        if (objects.Find(NameOf(id)) is not { } found)
        {
            return false;
        }

        string[] names = [.. ReportFileNames.All.Where(name => found.FindFile(found.Head, PathOf(name)) is not null)];
        await ReportZip.WriteAsync(target, names, name => objects.Open(found, PathOf(name)) ?? Stream.Null, cancellation);
        return true;
    }

    // To its end, where the archive's digest is compared.
    private static byte[] ReadAll(Stream file)
    {
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static SystemObjectName NameOf(Guid id) => new($"report:{id}");

    // Logical paths of system objects are lower case.
    private static string PathOf(string name) => name.ToLowerInvariant();
}
