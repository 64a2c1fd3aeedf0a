using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Child.Renditions;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

/// <summary>Makes renditions as a worker does, and asks qpdf and poppler what they are.</summary>
internal sealed class RenditionWorld : IDisposable
{
    private static readonly string SearchPath = Environment.GetEnvironmentVariable("PATH") ?? "";

    private readonly Scratch _scratch = new();
    private int _count;

    public RenditionWorld()
    {
        Needs.Tool("qpdf");
        if (!Needs.Has("pdftotext") || !Needs.Has("pdftoppm") || !Needs.Has("pdfimages"))
        {
            Needs.Lacks("poppler", "poppler-utils is not installed.");
        }
    }

    /// <summary>The rendition made last.</summary>
    public string Output { get; private set; } = "";

    /// <summary>The original of it.</summary>
    public string Original { get; private set; } = "";

    public static PageText Page(int number, double width, double height, string text, params PageWord[] words) =>
        Page(number, width, height, 0, text, words);

    public static PageText Page(int number, double width, double height, double degrees, string text, params PageWord[] words) =>
        new(number, text, TextSource.Ocr, 90, Layout: new PageLayout(width, height, degrees, words));

    public static PageWord Word(string text, double left, double top, double width, double height) => new(text, [left, top, width, height], 90);

    public ReadingFate Make(byte[] original, FileFormat format, params PageText[] pages) => Make(original, format, long.MaxValue, pages);

    public ReadingFate Make(byte[] original, FileFormat format, long maxBytes, params PageText[] pages)
    {
        int number = ++_count;
        Original = _scratch.Write($"{number}.original", original);
        string text = _scratch.Write($"{number}.words", JsonSerializer.SerializeToUtf8Bytes(new DocumentText(pages), RecordJson.Instance.DocumentText));
        string name = $"{number}-rendition.pdf";
        Output = Path.Combine(_scratch.Folder, name);
        var request = new WorkerRequest(Original, format, 1000, 100_000_000, 1_000_000, 1_000_000);
        using var file = new FileStream(Original, FileMode.Open, FileAccess.Read);
        return new RenditionMaker(new ScratchFolder(_scratch.Folder)).Make(file, request, new RenditionTask(text, Find("qpdf"), name, maxBytes));
    }

    public static string Find(string program) => SearchPath.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).First(File.Exists);

    public string Write(string name, byte[] content) => _scratch.Write(name, content);

    public void DemandClean() => Assert.Equal(0, Run("qpdf", "--check", Output).Code);

    public string Text(params string[] options) => Run("pdftotext", [.. options, Output, "-"]).Output;

    /// <summary>Words and their boxes as a viewer selects them: left, top, right, bottom of the page as shown.</summary>
    public IReadOnlyList<(string Text, double Left, double Top, double Right, double Bottom)> Boxes(int page) =>
    [
        .. Regex.Matches(
                Run("pdftotext", "-bbox", "-cropbox", "-f", $"{page}", "-l", $"{page}", Output, "-").Output,
                "xMin=\"(?<l>[-0-9.]+)\" yMin=\"(?<t>[-0-9.]+)\" xMax=\"(?<r>[-0-9.]+)\" yMax=\"(?<b>[-0-9.]+)\">(?<w>[^<]*)<",
                RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(found => (found.Groups["w"].Value, Number(found, "l"), Number(found, "t"), Number(found, "r"), Number(found, "b"))),
    ];

    /// <summary>Pixels of all pages.</summary>
    public IReadOnlyList<byte[]> Render(string pdf, int dpi = 72)
    {
        string prefix = Path.Combine(_scratch.Folder, $"render{++_count}");
        Run("pdftoppm", "-cropbox", "-r", $"{dpi}", pdf, prefix);
        return [.. Directory.GetFiles(_scratch.Folder, $"render{_count}-*.ppm").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    /// <summary>The images in the PDF: as they lie there, or decoded with <c>-png</c>.</summary>
    public IReadOnlyList<string> Images(string how = "-all")
    {
        string prefix = Path.Combine(_scratch.Folder, $"image{++_count}");
        Run("pdfimages", how, Output, prefix);
        return [.. Directory.GetFiles(_scratch.Folder, $"image{_count}-*").Order(StringComparer.Ordinal)];
    }

    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("It did not start.");
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public void Dispose() => _scratch.Dispose();

    private static double Number(Match match, string name) => double.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);
}
