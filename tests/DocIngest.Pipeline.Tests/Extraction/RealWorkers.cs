using System.Diagnostics;
using System.Runtime.CompilerServices;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>A pool over the product's own program.</summary>
internal sealed class RealWorkers : IAsyncDisposable
{
    private readonly Scratch _scratch = new();
    private readonly RecordIdSource _ids = new(TimeProvider.System);

    /// <param name="folder">What workers may read beside the scratch folder.</param>
    /// <param name="adjust">Limits of the test.</param>
    public RealWorkers(string? folder = null, Func<ExtractionOptions, ExtractionOptions>? adjust = null)
    {
        var options = new ExtractionOptions
        {
            WorkerExecutable = Program(),
            WorkerArguments = ["extract-worker"],
            ReadableFolders = folder is null ? [_scratch.Folder] : [_scratch.Folder, folder],
        };
        Pool = new ExtractionWorkerPool(adjust?.Invoke(options) ?? options, TimeProvider.System, Logger);
    }

    public ExtractionWorkerPool Pool { get; }

    public RecordingLogger Logger { get; } = new();

    public string Folder => _scratch.Folder;

    public Task<ExtractionResult> ReadAsync(byte[] content, FileFormat format, CancellationToken cancellation = default) =>
        ReadAsync(_scratch.Write($"{Guid.NewGuid():N}.scan", content), format, cancellation);

    public Task<ExtractionResult> ReadAsync(string path, FileFormat format, CancellationToken cancellation = default) =>
        Pool.ExtractAsync(new ExtractionRequest(_ids.Draw(), path, format), cancellation);

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        _scratch.Dispose();
    }

    /// <summary>The worker program of this build. Skips where it has not been built, unless <c>DOCINGEST_REQUIRE</c> names <c>worker</c>.</summary>
    public static string Program([CallerFilePath] string thisFile = "")
    {
        string configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.OrdinalIgnoreCase)
            || AppContext.BaseDirectory.Contains("\\Release\\", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        string name = OperatingSystem.IsWindows() ? "docingest.exe" : "docingest";
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));   // a source file lies in a folder
        string program = Path.Combine(root, "src", "DocIngest.Worker", "bin", configuration, "net10.0", name);
        if (!File.Exists(program))
        {
            Needs.Lacks("worker", "The worker program has not been built: build DocIngest.Worker first.");
        }

        return program;
    }

    /// <summary>Runs the program to its end, or starts it with its streams in our hands.</summary>
    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program(), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("It did not start.");
    }
}
