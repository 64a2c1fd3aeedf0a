using System.Text.Json.Nodes;
using DocIngest.Benchmarks.Measuring;
using DocIngest.TestKit.Servers;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>What an archive behind a blob server costs: the same files taken in with the archive on this disk, and in Azurite on this machine, by turns.</summary>
internal static class AzureBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--files", 300);
        int rounds = Arguments.Number(args, "--rounds", 3);
        if (!Azurite.IsInstalled)
        {
            await Console.Error.WriteLineAsync("Azurite is not installed: install Node.js with npm, and run 'npm ci --ignore-scripts' in tests/azurite.");
            return 6;
        }

        using var work = new WorkFolder(args, "ingest-azure");
        var report = new Report("Ingest with the archive in a blob server", "ingest-azure", args, work.Path);
        new TextPages().Write(work["ready"], count);
        var azurite = new Azurite();
        await azurite.InitializeAsync();
        await using (azurite)
        {
            var (onDisk, inAzurite) = (new List<double>(), new List<double>());
            bool isWhole = true;
            for (int round = 0; round < rounds; round++)
            {
                isWhole &= await MeasureAsync(work, $"disk-{round}", count, onDisk, store: null, azurite);
                isWhole &= await MeasureAsync(work, $"azurite-{round}", count, inAzurite, $"azure:{Azurite.NewContainer()}:/archive", azurite);
            }

            report.Line($"{count:N0} files of one page, `ingest` to its end, {rounds} rounds by turns; medians. Azurite runs on the same processors as the program, and answers in about a millisecond: what a real account adds is its latency.").Line();
            report.Table("archive", "records a second", "of the disk", "");
            report.Row($"on the disk", $"{count / Median(onDisk):N1}", $"1.00", $"");
            report.Row($"in Azurite", $"{count / Median(inAzurite):N1}", $"{Median(onDisk) / Median(inAzurite):N2}", $"");
            report.Row($"all filed in every round", $"{isWhole}", $"", $"{report.Judge(isWhole)}");
        }

        return report.Print();
    }

    private static async Task<bool> MeasureAsync(WorkFolder work, string name, int count, List<double> seconds, string? store, Azurite azurite)
    {
        string data = Directory.CreateDirectory(work[name]).FullName;
        var variables = new Dictionary<string, string>();
        if (store is not null)
        {
            Directory.CreateDirectory(Path.Combine(data, "config"));
            await File.WriteAllTextAsync(Path.Combine(data, "config", "docingest.json"), new JsonObject { ["archive"] = new JsonObject { ["store"] = store } }.ToJsonString());
            variables["AZURE_ACCOUNT_NAME"] = azurite.Account.Name;
            variables["AZURE_ACCOUNT_KEY"] = azurite.Account.Key ?? "";
            variables["DOCINGEST_AZURE_ENDPOINT"] = $"{azurite.Account.Endpoint}";
        }

        DiskFlush.Settle();
        var run = await ProgramUnderTest.IngestAsync(data, [work["ready"]], variables: variables);
        seconds.Add(run.Wall.TotalSeconds);
        return run.ExitCode == 0 && run.Lines.Count(line => line.Outcome == "filed") == count;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
