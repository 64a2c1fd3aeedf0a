using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;

namespace DocIngest.Benchmarks.Search;

/// <summary>
/// How long does a search take over a million records? Newest first, 20 or 50 results with snippets, through
/// <see cref="SqliteCatalog"/> as the command line uses it: a connection from the pool for each query.
/// </summary>
internal static class SearchBenchmark
{
    private const int BatchRecords = 50_000;
    private const int WarmUpPerKind = 10;
    private const int GroupCommits = 200;
    private const int GroupRecords = 50;
    private const double BarMilliseconds = 50;

    private sealed record Kind(string Name, Func<SyntheticRecords, Random, FindQuery> Draw)
    {
        public List<double> Milliseconds { get; } = [];

        // What it would take with a core to itself: tells a slow search from a busy machine.
        public List<double> CpuMilliseconds { get; } = [];

        public long Results { get; set; }
    }

    public static async Task<int> RunAsync(string[] args)
    {
        int count = int.Parse(Option(args, "--records", "1000000"), CultureInfo.InvariantCulture);
        int each = int.Parse(Option(args, "--queries", "300"), CultureInfo.InvariantCulture);
        string folder = Option(args, "--folder", Path.Combine("artifacts", "search"));
        string file = Path.Combine(folder, $"catalog-{count}.db");
        var report = new StringBuilder();
        var records = new SyntheticRecords(count);

        Directory.CreateDirectory(folder);
        if (!File.Exists(file + ".built"))
        {
            await BuildAsync(file, records, count);
        }

        using var database = SqliteDatabase.Open(file);
        var catalog = new SqliteCatalog(database);
        if (catalog.Count() < count)
        {
            throw new InvalidOperationException($"{file} is incomplete: remove it.");
        }

        report.AppendLine(File.ReadAllText(file + ".built").TrimEnd());
        report.AppendLine(CultureInfo.InvariantCulture, $"Database: {new FileInfo(file).Length / 1e6:N0} MB.");
        if (args.Contains("--whole"))
        {
            var clock = Stopwatch.StartNew();
            await new CatalogMaintenance(database, TimeProvider.System).RunAsync(TimeSpan.FromHours(1), whole: true, CancellationToken.None);
            report.AppendLine(CultureInfo.InvariantCulture, $"Index merged to one segment in {clock.Elapsed.TotalSeconds:N0} s, in steps of 2 MB.");
        }

        if (args.Contains("--commits"))
        {
            await MeasureCommitsAsync(database, catalog, report, count);
        }

        bool met = Measure(catalog, records, each, report, args);
        Console.Write(report);
        return met ? 0 : 1;
    }

    private static async Task BuildAsync(string file, SyntheticRecords records, int count)
    {
        foreach (string old in Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*"))
        {
            File.Delete(old);
        }

        var clock = Stopwatch.StartNew();
        using var database = SqliteDatabase.Open(file);
        var rebuild = new CatalogRebuild(database, new CatalogRebuildOptions { BatchRecords = BatchRecords, BatchCharacters = long.MaxValue });
        var progress = new Progress<long>(read => Console.Error.WriteLine($"{read:N0} records, {clock.Elapsed.TotalSeconds:N0} s"));
        await rebuild.RunAsync(DrawAhead(records, count), progress, CancellationToken.None);
        var built = clock.Elapsed;
        new CatalogMaintenance(database, TimeProvider.System).TryEmptyLog();
        await File.WriteAllTextAsync(file + ".built", FormattableString.Invariant(
            $"{count:N0} records, built in {built.TotalSeconds:N0} s ({count / built.TotalSeconds:N0} records a second, in archive order, by the rebuild of `catalog rebuild`).\n"));
    }

    // The archive gives records in the order of their hashed folders: as good as none.
    private static async IAsyncEnumerable<CatalogEntry> DrawAhead(SyntheticRecords records, int count)
    {
        const int Stride = 7_368_787;   // prime: visits every number once
        var channel = Channel.CreateBounded<CatalogEntry>(10_000);
        var drawing = Task.Run(async () =>
        {
            for (long at = 0; at < count; at++)
            {
                await channel.Writer.WriteAsync(records.Draw((int)(at * Stride % count)));
            }

            channel.Writer.Complete();
        });
        await foreach (var entry in channel.Reader.ReadAllAsync())
        {
            yield return entry;
        }

        await drawing;
    }

    private static bool Measure(SqliteCatalog catalog, SyntheticRecords records, int each, StringBuilder report, string[] args)
    {
        string only = Option(args, "--only", "");
        Kind[] kinds = [.. Kinds(args.Contains("--rank")).Where(kind => kind.Name.Contains(only, StringComparison.Ordinal))];
        var random = new Random(7);
        var plan = new List<(Kind Kind, FindQuery Query)>();
        for (int round = 0; round < WarmUpPerKind + each; round++)
        {
            int limit = round % 2 == 0 ? 20 : 50;
            var queries = kinds.Select(kind => (kind, kind.Draw(records, random) with { Limit = limit })).ToArray();
            random.Shuffle(queries);
            plan.AddRange(queries);
        }

        for (int at = 0; at < plan.Count; at++)
        {
            var (kind, query) = plan[at];
            var cpu = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            int results = catalog.Find(query, CancellationToken.None).Count();
            double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (at >= kinds.Length * WarmUpPerKind)
            {
                kind.Milliseconds.Add(milliseconds);
                kind.CpuMilliseconds.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
                kind.Results += results;
            }
        }

        report.AppendLine().AppendLine("| kind | queries | results each | median ms | p95 ms | p99 ms | CPU median ms | CPU p95 ms |").AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var kind in kinds)
        {
            AppendRow(report, kind.Name, kind.Milliseconds, kind.CpuMilliseconds, kind.Results);
        }

        List<double> all = [.. kinds.SelectMany(kind => kind.Milliseconds)];
        AppendRow(report, "**all**", all, [.. kinds.SelectMany(kind => kind.CpuMilliseconds)], kinds.Sum(kind => kind.Results));
        return Percentile(all, 0.95) <= BarMilliseconds;
    }

    private static IEnumerable<Kind> Kinds(bool rank)
    {
        yield return new("rare word", (_, random) => Words($"{SyntheticRecords.RarePrefix}{random.Next(SyntheticRecords.RareWords)}"));
        yield return new("word of middling frequency", (records, random) => Words(records.Word(random.Next(300, 5_000))));
        yield return new("common word (30 % of records)", (_, random) => Words(random.Next(2) == 0 ? SyntheticRecords.Common : SyntheticRecords.OtherCommon));
        yield return new("two common words", (_, _) => Words($"{SyntheticRecords.Common} {SyntheticRecords.OtherCommon}"));
        yield return new("two words, common and middling", (records, random) => Words($"{SyntheticRecords.Common} {records.Word(random.Next(300, 5_000))}"));
        yield return new("two words, middling", (records, random) => Words($"{records.Word(random.Next(100, 1_000))} {records.Word(random.Next(100, 1_000))}"));
        yield return new("two common words that meet in five records", (_, _) => Words($"{SyntheticRecords.Left} {SyntheticRecords.Right}"));
        yield return new("phrase (5 % of records)", (_, _) => Words($"\"{SyntheticRecords.Phrase}\""));
        yield return new("phrase of any two words", (records, random) => Words($"\"{records.PhraseOf(random.Next(100_000))}\""));
        yield return new("common word and patient", (_, random) => Words(SyntheticRecords.Common) with { Fields = [Patient(random)] });
        yield return new("common word and ward", (_, random) => Words(SyntheticRecords.Common) with { Fields = [Ward(random)] });
        yield return new("common word, class, one month", (_, random) => Within(Words(SyntheticRecords.Common) with { RecordClass = Class(random) }, random, 1.0 / 72));
        yield return new("middling word, class, two years", (records, random) => Within(Words(records.Word(random.Next(300, 5_000))) with { RecordClass = Class(random) }, random, 1.0 / 3));
        yield return new("patient only", (_, random) => new() { Fields = [Patient(random)] });
        yield return new("ward only", (_, random) => new() { Fields = [Ward(random)] });
        yield return new("ward and class", (_, random) => new() { Fields = [Ward(random)], RecordClass = Class(random) });
        yield return new("patient and ward", (_, random) => new() { Fields = [Patient(random), Ward(random)] });
        yield return new("class only", (_, random) => new() { RecordClass = Class(random) });
        yield return new("one week only", (_, random) => Within(new(), random, 1.0 / 312));
        yield return new("prefix, 3 letters", (records, random) => Words(records.Word(random.Next(2_000))[..3] + "*"));
        yield return new("prefix, 5 letters", (records, random) => Words(Prefix(records, random, 5)));
        yield return new("prefix, common word", (_, _) => Words("befun*"));
        yield return new("word that is nowhere", (_, random) => Words($"nirgends{random.Next(1_000)}"));
        yield return new("common word and one that is nowhere", (_, random) => Words($"{SyntheticRecords.Common} nirgends{random.Next(1_000)}"));
        yield return new("name with diacritics", (_, random) => Words(SyntheticRecords.Names[random.Next(SyntheticRecords.Names.Length)]));
        yield return new("O'Brien", (_, random) => Words(SyntheticRecords.Apostrophes[random.Next(SyntheticRecords.Apostrophes.Length)]));
        yield return new("2024-01-15 (any date)", (_, random) => Words($"{SyntheticRecords.DateOf(random.NextDouble()):yyyy-MM-dd}"));
        yield return new("nothing: the newest", (_, _) => new());
        if (rank)
        {
            yield return new("ranked: middling word", (records, random) => Words(records.Word(random.Next(300, 5_000))) with { Rank = true });
            yield return new("ranked: common word", (_, _) => Words(SyntheticRecords.Common) with { Rank = true });
        }
    }

    private static FindQuery Words(string text) => new() { Text = text };

    private static FieldValue Patient(Random random) => new("patient", SyntheticRecords.Patient(random.Next(SyntheticRecords.Patients)));

    private static FieldValue Ward(Random random) => new("ward", SyntheticRecords.Ward(random.Next(SyntheticRecords.Wards)));

    private static string Class(Random random) => SyntheticRecords.Classes[random.Next(SyntheticRecords.Classes.Length)];

    private static string Prefix(SyntheticRecords records, Random random, int length)
    {
        string word = records.Word(random.Next(5_000));
        return word.Length > length ? word[..length] + "*" : Prefix(records, random, length);
    }

    private static FindQuery Within(FindQuery query, Random random, double share)
    {
        double from = random.NextDouble() * (1 - share);
        return query with { From = SyntheticRecords.DateOf(from), To = SyntheticRecords.DateOf(from + share) };
    }

    // What a full index costs the intake: groups of new records through the live path, and the longest wait.
    private static async Task MeasureCommitsAsync(SqliteDatabase database, SqliteCatalog catalog, StringBuilder report, int count)
    {
        var later = new SyntheticRecords(count * 2);
        var milliseconds = new List<double>();
        for (int group = 0; group < GroupCommits; group++)
        {
            CatalogEntry[] entries = [.. Enumerable.Range(count + (group * GroupRecords), GroupRecords).Select(later.Draw)];
            long started = Stopwatch.GetTimestamp();
            await database.WriteAsync((_, transaction) =>
            {
                catalog.Put(transaction, entries);
                return true;
            }, CancellationToken.None);
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        report.AppendLine(CultureInfo.InvariantCulture,
            $"{GroupCommits} group commits of {GroupRecords} records into it: median {Percentile(milliseconds, 0.5):N0} ms, p95 {Percentile(milliseconds, 0.95):N0} ms, longest {milliseconds.Max():N0} ms.");
    }

    private static void AppendRow(StringBuilder report, string name, List<double> milliseconds, List<double> cpu, long results) =>
        report.AppendLine(CultureInfo.InvariantCulture,
            $"| {name} | {milliseconds.Count} | {(double)results / milliseconds.Count:N1} | {Percentile(milliseconds, 0.5):N1} | {Percentile(milliseconds, 0.95):N1} | {Percentile(milliseconds, 0.99):N1} | {Percentile(cpu, 0.5):N1} | {Percentile(cpu, 0.95):N1} |");

    private static double Percentile(List<double> values, double share) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, (int)Math.Ceiling(values.Count * share) - 1));

    private static string Option(string[] args, string name, string otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
}
