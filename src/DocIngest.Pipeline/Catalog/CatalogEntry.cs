using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>All the catalog knows of one record, and nothing that its OCFL object does not hold: I3.</summary>
/// <param name="Record">The head version's <c>record.json</c>.</param>
/// <param name="Text">The head version's <c>text.json</c>; <see cref="DocumentText.Empty"/> where there is none.</param>
/// <param name="Versions">All versions, ascending and without gaps; the last is the head. Never empty.</param>
public sealed record CatalogEntry(RecordDocument Record, DocumentText Text, IReadOnlyList<RecordVersion> Versions)
{
    /// <summary>Number of the head version.</summary>
    public int Head => Versions[^1].Number;
}

/// <summary>One version of a record, from its OCFL inventory.</summary>
/// <param name="Number">From 1; OCFL's <c>vN</c>.</param>
/// <param name="Created">The version's <c>created</c>.</param>
/// <param name="Message">From the reason list.</param>
/// <param name="UserName">Who made it.</param>
/// <param name="UserAddress">Where the inventory gives one.</param>
/// <param name="Content">Digest of the version's original.</param>
public sealed record RecordVersion(
    int Number,
    DateTimeOffset Created,
    string Message,
    string UserName,
    string? UserAddress,
    Sha512Digest Content);
