using System.Globalization;
using DocIngest.Archive;
using DocIngest.Pipeline.Formats;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>The originals among a version's files: <c>original.*</c>, or the fronts as <c>original-1.*</c> and the backs as <c>original-2.*</c>.</summary>
public static class ArchivedOriginal
{
    private const string Word = "original";

    /// <summary>The original; the fronts where there are two.</summary>
    /// <returns>Null where the version has none.</returns>
    public static ArchivedFile? Of(OcflObject record, VersionNumber version) => All(record, version).FirstOrDefault();

    /// <summary>All of them, the fronts first.</summary>
    public static IEnumerable<ArchivedFile> All(OcflObject record, VersionNumber version)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.ListVersion(version).Where(file => Is(file.LogicalPath)).OrderBy(file => file.LogicalPath, StringComparer.Ordinal);
    }

    /// <summary>Whether a file of a version is an original.</summary>
    public static bool Is(string logicalPath)
    {
        ArgumentNullException.ThrowIfNull(logicalPath);
        return logicalPath.StartsWith(Word + ".", StringComparison.Ordinal) || logicalPath.StartsWith(Word + "-", StringComparison.Ordinal);
    }

    /// <summary>The name of an original.</summary>
    /// <param name="format">Its format; null for what is no known kind of document.</param>
    /// <param name="number">1 for fronts, 2 for backs; null for the only one.</param>
    internal static string NameOf(FileFormat? format, int? number = null) =>
        $"{Word}{(number is { } at ? string.Create(CultureInfo.InvariantCulture, $"-{at}") : "")}.{format?.Extension() ?? "bin"}";

    /// <summary>Copies the original out of the archive, into which extraction workers must not reach. What is copied is what its digest says.</summary>
    /// <param name="environment">Archive and data folder.</param>
    /// <param name="record">The record.</param>
    /// <param name="version">Which of its originals.</param>
    /// <param name="target">A new file in the data folder, below staging.</param>
    /// <param name="cancellation">Leaves a part of it.</param>
    /// <exception cref="DamagedObjectException">The version has none, or its file is missing.</exception>
    /// <exception cref="FixityException">Its content does not match its digest. What was copied must not be used.</exception>
    /// <exception cref="StorageException">Staging cannot be used.</exception>
    internal static Task CopyOutAsync(
        IngestEnvironment environment, OcflObject record, VersionNumber version, string target, CancellationToken cancellation) =>
        CopyOutAsync(environment, record, version, Of(record, version)?.LogicalPath ?? throw None(record), target, cancellation);

    /// <summary>The same for one of two.</summary>
    /// <param name="logicalPath">Its name in the version.</param>
    /// <inheritdoc cref="CopyOutAsync(IngestEnvironment, OcflObject, VersionNumber, string, CancellationToken)" />
    internal static async Task CopyOutAsync(
        IngestEnvironment environment, OcflObject record, VersionNumber version, string logicalPath, string target, CancellationToken cancellation)
    {
        if (record.FindFile(version, logicalPath) is null)
        {
            throw None(record);
        }

        await using var content = environment.Archive.OpenContent(record, version, logicalPath);
        await using var copy = environment.Data.Create(target);
        await content.CopyToAsync(copy, cancellation);
    }

    private static DamagedObjectException None(OcflObject record) => new(new Finding(FindingCodes.ObjectMissing, record.Path, "Its version has no original."));
}
