using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>A pool whose workers are shell scripts of the test: they can do what a captured or broken worker might.</summary>
internal sealed class FakeWorkers : IAsyncDisposable
{
    public const string Hello = """{"hello":{"protocol":8,"confinement":"none","enforced":[],"tools":[{"name":"Fake","version":"1"}]}}""";
    public const string Result = """{"result":{"fate":"Read","metadata":{},"tools":[],"privateBytes":1}}""";

    public const string Begun = """{"begun":true}""";
    public const string Unopened = """{"result":{"fate":"Unopened","metadata":{},"tools":[],"privateBytes":1}}""";

    private readonly Scratch _scratch = new();
    private readonly RecordIdSource _ids = new(TimeProvider.System);

    /// <param name="afterHello">What the script does behind its greeting; <c>$D</c> is a folder that outlives the process.</param>
    /// <param name="adjust">Limits of the test.</param>
    /// <param name="hello">What it says first.</param>
    public FakeWorkers(string afterHello, Func<ExtractionOptions, ExtractionOptions>? adjust = null, string? hello = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The misbehaving workers are shell scripts.");
        string script = $"D='{_scratch.Folder}'\n{hello ?? Say(Hello)}\n{afterHello}\n";
        var options = new ExtractionOptions
        {
            WorkerExecutable = "/usr/bin/setsid",   // a group of its own, as the real one makes itself
            WorkerArguments = ["/bin/sh", _scratch.Write("worker.sh", script)],
            ReadableFolders = [_scratch.Folder],
            WorkerCount = 2,
        };
        Options = adjust?.Invoke(options) ?? options;
        Pool = new ExtractionWorkerPool(Options, TimeProvider.System, Logger);
    }

    public ExtractionOptions Options { get; }

    public ExtractionWorkerPool Pool { get; }

    public RecordingLogger Logger { get; } = new();

    public string Folder => _scratch.Folder;

    /// <summary>A script line that says a line.</summary>
    public static string Say(string json) => $"echo '{json}'";

    public static string Opened(int pages) => Say($$$"""{"opened":{"pages":{{{pages}}}}}""");

    public static string Page(int number, string text = "words", string fate = "Text") =>
        Say($$$"""{"page":{"number":{{{number}}},"fate":"{{{fate}}}","text":"{{{text}}}","source":"layer"}}""");

    /// <summary>The body of a worker that does a thing for each request.</summary>
    public static string ForEach(params string[] lines) => $"while read request; do\n{string.Join('\n', lines)}\ndone";

    public Task<ExtractionResult> ReadAsync(CancellationToken cancellation = default) => ReadAsync("scan.pdf", cancellation);

    public Task<ExtractionResult> ReadAsync(string file, CancellationToken cancellation) =>
        Pool.ExtractAsync(new ExtractionRequest(_ids.Draw(), Path.Combine(Folder, file), FileFormat.Pdf), cancellation);

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        _scratch.Dispose();
    }
}
