using DocIngest.Benchmarks.Search;

// One question a sub-command. Each prints a Markdown table; the committed ones are in bench/results.
var benchmarks = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["search"] = SearchBenchmark.RunAsync,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine($"Usage: DocIngest.Benchmarks {string.Join('|', benchmarks.Keys.Order())} [options]");
    return 2;
}

return await benchmark(args[1..]);
