using DocIngest.Archive;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>A searchable rendition in the scan's staging folder.</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="Digest">Computed while it was written.</param>
/// <param name="SizeBytes">Bytes written.</param>
public sealed record RenditionFile(string Path, Sha512Digest Digest, long SizeBytes);
