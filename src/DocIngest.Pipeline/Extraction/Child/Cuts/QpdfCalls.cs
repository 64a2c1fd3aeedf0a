using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Pdf;

namespace DocIngest.Pipeline.Extraction.Child.Cuts;

/// <summary>Calls of qpdf that make a PDF out of pages of others, and look at what it made.</summary>
internal static class QpdfCalls
{
    /// <summary>The exit code of a call that wrote its file and found something odd.</summary>
    public const int Warnings = 3;

    /// <summary>How a file begins that takes over pages and nothing else: what hangs on the catalog of the others stays behind.</summary>
    public static IReadOnlyList<string> FromNothing { get; } =
        ["--no-warn", "--decode-level=none", "--object-streams=generate", "--deterministic-id", "--remove-unreferenced-resources=yes", "--empty"];

    /// <summary>Runs it.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">It does not start.</exception>
    public static int Run(string qpdf, IEnumerable<string> arguments) => ProgramCall.Run(qpdf, arguments, static _ => { });

    /// <summary>Whether it finds nothing odd in a file.</summary>
    public static bool IsClean(string qpdf, string file) => Run(qpdf, ["--check", file]) == 0;

    /// <summary>Counts pages by two readers that do not know each other.</summary>
    /// <returns>-1 where they disagree.</returns>
    public static int CountPages(string qpdf, string path)
    {
        string counted = "";
        int code = ProgramCall.Run(qpdf, ["--show-npages", path], stream =>
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            char[] start = new char[32];
            counted = new string(start, 0, reader.ReadBlock(start));
        });
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        using var mapped = MappedFile.Map(file);
        using var document = PdfReader.Open(mapped);
        return code == 0 && int.TryParse(counted.Trim(), out int pages) && pages == document.NumberOfPages ? pages : -1;
    }
}
