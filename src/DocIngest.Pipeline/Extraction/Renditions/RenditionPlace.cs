using DocIngest.Storage;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>Where the searchable rendition of a document goes.</summary>
/// <param name="Folder">The data folder.</param>
/// <param name="Path">The file in it, below the staging folder. What lies there is overwritten.</param>
public sealed record RenditionPlace(IDurableFolder Folder, string Path);
