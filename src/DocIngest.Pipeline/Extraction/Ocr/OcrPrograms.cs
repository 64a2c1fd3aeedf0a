namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>The programs that OCR calls, as absolute paths.</summary>
/// <param name="Tesseract">Reads a page.</param>
/// <param name="PdfToPpm">Renders a page of a PDF; null: only pages that are one image can be read.</param>
/// <param name="Qpdf">Lays text under the pages of a PDF; null: no searchable renditions of PDFs.</param>
/// <param name="ZbarImg">Reads bar codes; null: none are read.</param>
public sealed record OcrPrograms(string Tesseract, string? PdfToPpm, string? Qpdf, string? ZbarImg)
{
    /// <summary>All of them.</summary>
    public IEnumerable<string> All => new[] { Tesseract, PdfToPpm, Qpdf, ZbarImg }.OfType<string>();

    /// <summary>Looks along a search path, as <c>PATH</c>.</summary>
    /// <returns>Null without tesseract: then pages wait.</returns>
    public static OcrPrograms? Find(string searchPath)
    {
        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        string[] folders = searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Locate("tesseract") is { } tesseract
            ? new OcrPrograms(tesseract, Locate("pdftoppm"), Locate("qpdf"), Locate("zbarimg"))
            : null;

        string? Locate(string name) => folders.Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, name + suffix)).FirstOrDefault(File.Exists);
    }
}
