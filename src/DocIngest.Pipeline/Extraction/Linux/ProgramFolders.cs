namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>
/// What a program reads besides its own file: libraries and data of the prefix it was installed in, for example below <c>/opt</c> or <c>/usr/local</c>.
/// Narrow: whoever puts tesseract beside an archive must not open that to the programs that read hostile pages.
/// </summary>
internal static class ProgramFolders
{
    private const string Binaries = "bin";

    // Language models of tesseract, encodings of poppler: where their build scripts put them. Packages for a folder of their own have them beside the program.
    private static readonly string[] InPrefix = ["lib", "lib64", "share/tessdata", "share/tesseract-ocr", "share/poppler"];
    private static readonly string[] Beside = ["lib", "tessdata"];

    /// <summary>Paths that the programs may read, whether they exist or not.</summary>
    /// <param name="programs">Absolute paths; links are followed.</param>
    /// <param name="languageFolder">As <c>TESSDATA_PREFIX</c>; null or empty for none.</param>
    /// <param name="libraryPath">As <c>LD_LIBRARY_PATH</c>; null or empty for none.</param>
    public static IEnumerable<string> Of(IEnumerable<string> programs, string? languageFolder, string? libraryPath) =>
        programs.SelectMany(Of).Concat(Named(languageFolder)).Concat((libraryPath ?? "").Split(':').SelectMany(Named)).Distinct();

    private static IEnumerable<string> Of(string program)
    {
        string file = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
        string folder = Path.GetDirectoryName(file) ?? "/";
        var libraries = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.so*") : [];
        return [.. libraries, .. Beside.Select(name => Path.Combine(folder, name)), .. Prefix(folder)];
    }

    private static IEnumerable<string> Prefix(string folder) => Path.GetFileName(folder) == Binaries && Path.GetDirectoryName(folder) is { } prefix
        ? InPrefix.Select(name => Path.Combine(prefix, name))
        : [];

    // The root is no folder of anything: an empty entry, or a slash too much.
    private static IEnumerable<string> Named(string? folder) => Path.IsPathFullyQualified(folder ?? "") && Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder!)) is { Length: > 1 } full   // not null: an empty path is not qualified
        ? [full]
        : [];
}
