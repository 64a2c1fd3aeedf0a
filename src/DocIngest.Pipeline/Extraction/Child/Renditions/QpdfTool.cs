using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Which qpdf took part.</summary>
internal static class QpdfTool
{
    private static readonly ConcurrentDictionary<string, ToolVersion> Known = new();

    /// <summary>Its version; nothing where there is none.</summary>
    public static IReadOnlyList<ToolVersion> Of(string? program) => program is null ? [] : [Known.GetOrAdd(program, Ask)];

    private static ToolVersion Ask(string program)
    {
        string? first = OcrTools.Lines(program, "--version").FirstOrDefault();
        return new ToolVersion("qpdf", first?.Split(' ').LastOrDefault() ?? "unknown");   // "qpdf version 11.3.0"
    }
}
