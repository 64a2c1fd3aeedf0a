using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.Extraction.Renditions;
using DocIngest.Storage;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Cuts;

/// <summary>Cuts pages with workers in their cell, into a staging folder in memory, and copies what comes to disk for others to read.</summary>
internal sealed class CutWorld : IAsyncDisposable
{
    private const string Shell = "/bin/sh";

    private readonly string _cells = Path.Combine(AppContext.BaseDirectory, "scratch", $"cells-{Guid.NewGuid():N}");
    private readonly RealWorkers _workers;
    private readonly IDurableFolder _folder = new MemoryVolume().FolderAt("");

    /// <summary>The machine's qpdf.</summary>
    public CutWorld()
    {
        Needs.Tool("qpdf");
        Needs.Tool("pdftotext");
        _workers = Workers(_ => RenditionWorld.Find("qpdf"));
        _folder.CreateFolder("staging");
    }

    /// <summary>A script in its place.</summary>
    public CutWorld(string script)
    {
        Needs.Linux();
        Needs.Tool("qpdf");
        _workers = Workers(folder => WriteScript(folder, script));
        _folder.CreateFolder("staging");
    }

    /// <summary>The part; not there where there is none.</summary>
    public string Output => Path.Combine(_workers.Folder, "part.pdf");

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(_workers.Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public async Task<CutOutcome> CutAsync(byte[] scan, FileFormat format, params int[] pages)
    {
        var cancellation = TestContext.Current.CancellationToken;
        string path = Write($"{Guid.NewGuid():N}.scan", scan);
        var outcome = await _workers.Pool.CutAsync(
            new CutRequest(new RecordIdSource(TimeProvider.System).Draw(), path, format, pages, new RenditionPlace(_folder, "staging/part")), cancellation);
        return await TakeAsync(outcome, cancellation);
    }

    public async Task<CutOutcome> CollateAsync(byte[] fronts, FileFormat frontsFormat, byte[] backs, FileFormat backsFormat, int sheets, BackOrder order)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var outcome = await _workers.Pool.CollateAsync(
            new CollationRequest(
                new RecordIdSource(TimeProvider.System).Draw(), Write($"{Guid.NewGuid():N}.scan", fronts), frontsFormat,
                Write($"{Guid.NewGuid():N}.scan", backs), backsFormat, sheets, order, new RenditionPlace(_folder, "staging/part")), cancellation);
        return await TakeAsync(outcome, cancellation);
    }

    private async Task<CutOutcome> TakeAsync(CutOutcome outcome, CancellationToken cancellation)
    {
        File.Delete(Output);
        if (_folder.Find("staging/part") is not null)
        {
            await using var from = _folder.OpenRead("staging/part");
            await using var to = File.Create(Output);
            await from.CopyToAsync(to, cancellation);
        }

        if (Directory.Exists(_cells))
        {
            Assert.DoesNotContain(Directory.EnumerateFiles(_cells, "*", SearchOption.AllDirectories), file => file.EndsWith(".pdf", StringComparison.Ordinal) || file.Contains("given", StringComparison.Ordinal));
        }

        return outcome;
    }

    /// <summary>The text of each page.</summary>
    public IEnumerable<string> PageTexts() => RenditionWorld.Run("pdftotext", Output, "-").Output.Split('\f')[..^1].Select(page => page.Trim());

    /// <summary>The images, decoded.</summary>
    public IReadOnlyList<MagickImage> Images()
    {
        string prefix = Path.Combine(_workers.Folder, "image");
        RenditionWorld.Run("pdfimages", "-png", Output, prefix);
        return [.. Directory.GetFiles(_workers.Folder, "image-*.png").Order(StringComparer.Ordinal).Select(file => new MagickImage(file))];
    }

    /// <summary>What the pages are labelled with.</summary>
    public string Labels() => LabelsOf(Output);

    /// <summary>What the pages of a PDF are labelled with.</summary>
    public static string LabelsOf(string pdf)
    {
        using var json = System.Text.Json.JsonDocument.Parse(RenditionWorld.Run("qpdf", "--json", "--json-key=pagelabels", "--json-key=pages", pdf).Output);
        int pages = json.RootElement.GetProperty("pages").GetArrayLength();
        var starts = json.RootElement.GetProperty("pagelabels").EnumerateArray()
            .ToDictionary(label => label.GetProperty("index").GetInt32(), label => label.GetProperty("label").TryGetProperty("/St", out var first) ? first.GetInt32() : 1);
        return string.Join(' ', Enumerable.Range(0, pages).Select(place =>
        {
            int from = starts.Keys.Where(start => start <= place).DefaultIfEmpty(-1).Max();
            return from < 0 ? place + 1 : starts[from] + place - from;
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await _workers.DisposeAsync();
        if (Directory.Exists(_cells))
        {
            Directory.Delete(_cells, recursive: true);
        }
    }

    // Programs that are not called here stand for those that the script needs: a worker may start only what it is told of.
    private RealWorkers Workers(Func<string, string> qpdf) => new(null, options => options with
    {
        WorkerCount = 1,
        Ocr = new OcrOptions
        {
            Programs = new OcrPrograms(Shell, null, qpdf(options.ReadableFolders[0]), RenditionWorld.Find("qpdf")),
            ScratchFolder = _cells,
            RenditionLimit = TimeSpan.FromSeconds(4),
        },
    });

    private static string WriteScript(string folder, string script)
    {
        string path = Path.Combine(folder, "qpdf");
        File.WriteAllText(path, $"#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'qpdf version 0'; exit 0; fi\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
