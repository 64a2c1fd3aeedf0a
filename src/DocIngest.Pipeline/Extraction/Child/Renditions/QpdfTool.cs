using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>What qpdf is asked beside what it is asked to make.</summary>
internal static class QpdfTool
{
    // All that "--check" does, which packs what it has unpacked with zlib, to throw it away: of a scan in JPEG that takes nine tenths of its time.
    // Nothing here is linearized, which would be its other question.
    private static readonly string[] WholeWalk = ["--decode-level=all", "--compression-level=0", "--coalesce-contents", "--normalize-content=y"];

    private static readonly ConcurrentDictionary<string, ToolVersion> Known = new();

    /// <summary>Its version; nothing where there is none.</summary>
    public static IReadOnlyList<ToolVersion> Of(string? program) => program is null ? [] : [Known.GetOrAdd(program, Ask)];

    /// <summary>Whether it walks through a whole file, decodes each stream that <c>--check</c> decodes, and finds nothing wrong.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It does not start.</exception>
    public static bool IsClean(string program, string file) => ProgramCall.Run(program, [.. WholeWalk, file, "-"], static _ => { }) == 0;

    private static ToolVersion Ask(string program)
    {
        string? first = OcrTools.Lines(program, "--version").FirstOrDefault();
        return new ToolVersion("qpdf", first?.Split(' ').LastOrDefault() ?? "unknown");   // "qpdf version 11.3.0"
    }
}
