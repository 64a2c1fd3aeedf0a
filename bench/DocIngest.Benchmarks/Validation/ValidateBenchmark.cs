using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Storage;

namespace DocIngest.Benchmarks.Validation;

/// <summary>How long does <c>archive validate</c> take beside <c>sha512sum</c> on all cores over the same files?</summary>
internal static class ValidateBenchmark
{
    private const double Bar = 1.2;
    private const int ObjectsAGroup = 64;

    // Scans: most of some hundred kilobytes, some of many megabytes.
    private const int MedianBytes = 400_000;
    private const int MostBytes = 40_000_000;

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = Arguments.Number(args, "--runs", 5);
        long totalBytes = Arguments.Number(args, "--megabytes", 2000) * 1_000_000L;
        using var work = new WorkFolder(args, "validate");
        var report = new Report("Validation beside sha512sum", "validate", args, work.Path);
        var (objects, bytes) = await WriteArchiveAsync(work["data"], totalBytes);
        string archive = work["data/archive"];
        DiskFlush.Settle();
        report.Line($"An archive of {objects:N0} objects with {bytes:N0} bytes of content, in the page cache. In turn, {runs} rounds after one that is dropped; medians. sha512sum: `find … -print0 | xargs -0 -n 16 -P {Environment.ProcessorCount}` over the files of content.").Line();

        string data = work["data"];
        string find = $"find '{archive}' -path '*/content/*' -type f -print0 | xargs -0 -n 16 -P {Environment.ProcessorCount} sha512sum > /dev/null";
        var ours = new List<double>();
        var quick = new List<double>();
        var theirs = new List<double>();
        for (int round = 0; round <= runs; round++)
        {
            double sums = Time(new ProcessStartInfo("sh", ["-c", find]));
            double full = Time(ProgramUnderTest.Start(data, ["archive", "validate", "--json"]));
            double structure = Time(ProgramUnderTest.Start(data, ["archive", "validate", "--no-fixity", "--json"]));
            if (round > 0)
            {
                theirs.Add(sums);
                ours.Add(full);
                quick.Add(structure);
            }
        }

        double ratio = ours.Median() / theirs.Median();
        report.Table("what", "median, s", "MB a second", "times sha512sum", "bar", "");
        report.Row($"sha512sum", $"{theirs.Median():N2}", $"{bytes / 1e6 / theirs.Median():N0}", $"1", $"-", $"");
        report.Row($"archive validate", $"{ours.Median():N2}", $"{bytes / 1e6 / ours.Median():N0}", $"{ratio:N2}", $"<= {Bar:N1}", $"{report.Judge(ratio <= Bar)}");
        report.Row($"archive validate --no-fixity", $"{quick.Median():N2}", $"-", $"{quick.Median() / theirs.Median():N2}", $"-", $"");
        return report.Print();
    }

    private static double Time(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;   // never null without the shell
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"{start.FileName}: exit {process.ExitCode}\n{output}");
    }

    private static async Task<(int Objects, long Bytes)> WriteArchiveAsync(string data, long totalBytes)
    {
        using var volumes = new LocalVolumes();
        var root = await OcflStorageRoot.OpenOrCreateAsync(volumes.OpenOrCreate(data), "archive", "staging");
        var random = new Random(8);
        var group = new List<StagedVersion>();
        long written = 0;
        int objects = 0;
        while (written < totalBytes)
        {
            byte[] content = new byte[(int)Math.Min(MedianBytes * Math.Exp(1.3 * Normal(random)), MostBytes)];
            random.NextBytes(content);
            group.Add(Stage(root, objects++, content));
            written += content.Length;
            if (group.Count == ObjectsAGroup || written >= totalBytes)
            {
                await CommitAsync(root, group);
            }
        }

        return (objects, written);
    }

    private static StagedVersion Stage(OcflStorageRoot root, int number, byte[] content)
    {
        var staged = root.StageNewObject($"urn:uuid:{new Guid(SHA256.HashData(BitConverter.GetBytes(number))[..16])}", number.ToString(CultureInfo.InvariantCulture));
        staged.AddContent("original.pdf", content);
        staged.AddContent("record.json", Encoding.UTF8.GetBytes($$"""{"number":{{number}}}"""));
        staged.Seal(new VersionInfo
        {
            Created = DateTimeOffset.UnixEpoch, Message = "filed", UserName = "bench", UserAddress = "urn:docingest:bench",
        });
        return staged;
    }

    private static async Task CommitAsync(OcflStorageRoot root, List<StagedVersion> group)
    {
        foreach (var result in await root.CommitGroupAsync(group))
        {
            if (result is not CommitResult.Committed)
            {
                throw new InvalidOperationException($"An object was not committed: {result.GetType().Name}.");
            }
        }

        group.Clear();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
