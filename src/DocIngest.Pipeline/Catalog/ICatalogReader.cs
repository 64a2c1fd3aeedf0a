using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>Answers from the catalog. Each call sees one state; no call waits for a writer.</summary>
public interface ICatalogReader
{
    /// <summary>Lists records, newest first unless the query asks for ranks.</summary>
    /// <returns>A stream that reads as it is enumerated and holds a read transaction meanwhile: enumerate it once, to its end or dispose it.</returns>
    /// <exception cref="QueryTextException">The text cannot be searched for. Thrown at once, not during enumeration.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative limit. Thrown at once.</exception>
    /// <exception cref="OperationCanceledException">Cancelled during enumeration, also within one long step.</exception>
    IEnumerable<FoundRecord> Find(FindQuery query, CancellationToken cancellation);

    /// <summary>The head version of a record; null where the catalog has none of this id.</summary>
    ShownRecord? Show(RecordId id);

    /// <summary>All versions of a record, ascending; empty where the catalog has none of this id.</summary>
    IReadOnlyList<RecordVersion> History(RecordId id);

    /// <summary>The head version's text, pages divided by U+000C, as it is searched; null where the catalog has none of this id.</summary>
    /// <remarks>The archive's <c>text.json</c> is the document; U+E000 reads as U+FFFD here (docs/formats/catalog.md).</remarks>
    string? Text(RecordId id);

    /// <summary>Records whose head version holds these bytes, newest first.</summary>
    IReadOnlyList<RecordId> WithContent(Sha512Digest content);

    /// <summary>Records that carry a document key, newest first.</summary>
    IReadOnlyList<RecordId> WithDocumentKey(string profile, string documentKey);

    /// <summary>Records in the catalog.</summary>
    long Count();
}
