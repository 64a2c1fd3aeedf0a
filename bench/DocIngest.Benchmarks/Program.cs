using DocIngest.Benchmarks.Backup;
using DocIngest.Benchmarks.BadInput;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Layers;
using DocIngest.Benchmarks.Ocr;
using DocIngest.Benchmarks.Renditions;
using DocIngest.Benchmarks.Retention;
using DocIngest.Benchmarks.Search;
using DocIngest.Benchmarks.Validation;

// One question a sub-command. Each prints a Markdown table; the committed ones are in bench/results.
var benchmarks = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["backup"] = BackupBenchmark.RunAsync,
    ["backup-memory"] = BackupMemoryBenchmark.RunAsync,
    ["bad-input"] = BadInputBenchmark.RunAsync,
    ["flood"] = FloodBenchmark.RunAsync,
    ["identity"] = IdentityBenchmark.RunAsync,
    ["ingest-azure"] = AzureBenchmark.RunAsync,
    ["ingest-pages"] = PagesBenchmark.RunAsync,
    ["ingest-pdfs"] = PdfsBenchmark.RunAsync,
    ["latency"] = LatencyBenchmark.RunAsync,
    ["letter-trigrams"] = LetterTrigramsMaking.RunAsync,
    ["ocr-accuracy"] = AccuracyBenchmark.RunAsync,
    ["ocr-speed"] = SpeedBenchmark.RunAsync,
    ["outcomes"] = OutcomesCheck.RunAsync,
    ["renditions"] = RenditionsCheck.RunAsync,
    ["retention-plan"] = RetentionPlanBenchmark.RunAsync,
    ["search"] = SearchBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["stats"] = StatsBenchmark.RunAsync,
    ["text-layers"] = TextLayersBenchmark.RunAsync,
    ["validate"] = ValidateBenchmark.RunAsync,
};

if (args is [BareLoop.Name, ..])
{
    return BareLoop.Run(args[1..]);   // started by ingest-pdfs, not by people
}

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine($"Usage: DocIngest.Benchmarks {string.Join('|', benchmarks.Keys.Order())} [options]");
    return 2;
}

return await benchmark(args[1..]);
