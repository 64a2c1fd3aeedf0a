using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>What was known of a record in each of its versions.</summary>
public static class RecordHistory
{
    /// <summary>All versions, oldest first, as the archive has them; empty where it has no such record.</summary>
    /// <exception cref="DamagedObjectException">The object, or what a version says of the record, cannot be read.</exception>
    /// <exception cref="FixityException">Content does not match its digest.</exception>
    public static IReadOnlyList<RecordDocument> Of(IArchive archive, RecordId id) =>
        archive.Find(id.ToString()) is { } found && RecordDocuments.IsRecord(found) ? Of(archive, found) : [];

    /// <inheritdoc cref="Of(IArchive, RecordId)" />
    internal static IReadOnlyList<RecordDocument> Of(IArchive archive, OcflObject found)
    {
        try
        {
            return
            [
                .. found.Versions
                    .Where(version => found.FindFile(version.Number, RecordDocuments.RecordFileName) is not null)
                    .DistinctBy(version => found.FindFile(version.Number, RecordDocuments.RecordFileName)!.Digest)   // '!': filtered above
                    .Select(version => RecordDocuments.ReadRecord(archive, found, version.Number)),
            ];
        }
        catch (JsonException)
        {
            throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, "A record.json cannot be read, or is of a newer program."));
        }
    }
}
