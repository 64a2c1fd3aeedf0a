using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>A document whose first page is to be shown small.</summary>
/// <param name="Id">For logs.</param>
/// <param name="Format">What it was recognised as.</param>
/// <param name="CopyOriginal">Writes its bytes.</param>
/// <param name="LongerSide">Pixels.</param>
public sealed record ThumbnailRequest(RecordId Id, FileFormat Format, Func<Stream, Task> CopyOriginal, int LongerSide);
