using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>The text of an archived record, for those who show it.</summary>
public static class ArchivedText
{
    /// <summary>Reads the text of the head; empty where it has none.</summary>
    /// <exception cref="DamagedObjectException">Content is missing.</exception>
    /// <exception cref="FixityException">Content does not match its digest.</exception>
    /// <exception cref="JsonException">No text of ours.</exception>
    public static DocumentText Read(IArchive archive, OcflObject found) => RecordDocuments.ReadText(archive, found);
}
