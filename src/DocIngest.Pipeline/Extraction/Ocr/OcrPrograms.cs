namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>The programs that OCR calls, as absolute paths.</summary>
/// <param name="Tesseract">Reads a page.</param>
/// <param name="PdfToPpm">Renders a page of a PDF; null: only pages that are one image can be read.</param>
/// <param name="Qpdf">Lays text under the pages of a PDF; null: no searchable renditions of PDFs.</param>
/// <param name="ZbarImg">Reads bar codes; null: none are read.</param>
public sealed record OcrPrograms(string Tesseract, string? PdfToPpm, string? Qpdf, string? ZbarImg)
{
    /// <summary>The variable of <see cref="LanguageFolder"/>.</summary>
    internal const string LanguageFolderVariable = "TESSDATA_PREFIX";

    /// <summary>The variable of <see cref="LibraryPath"/>.</summary>
    internal const string LibraryPathVariable = "LD_LIBRARY_PATH";

    /// <summary>The folder of tesseract's language packs, as <c>TESSDATA_PREFIX</c> names it; null: where it looks itself.</summary>
    public string? LanguageFolder { get; init; }

    /// <summary>Where their libraries are looked for first, as <c>LD_LIBRARY_PATH</c> names them; null: only where the system has its own.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>All of them.</summary>
    public IEnumerable<string> All => new[] { Tesseract, PdfToPpm, Qpdf, ZbarImg }.OfType<string>();

    /// <summary>Finds those that this process would start, with what its environment says of them.</summary>
    /// <returns>Null without tesseract: then pages wait.</returns>
    public static OcrPrograms? Find() => Find(Environment.GetEnvironmentVariable("PATH") ?? "") is { } found
        ? found with { LanguageFolder = Variable(LanguageFolderVariable), LibraryPath = Variable(LibraryPathVariable) }
        : null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>Says in the environment of a process how these programs find what is theirs.</summary>
    internal void Describe(IDictionary<string, string?> environment)
    {
        environment[LanguageFolderVariable] = LanguageFolder;
        environment[LibraryPathVariable] = LibraryPath;
    }

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
