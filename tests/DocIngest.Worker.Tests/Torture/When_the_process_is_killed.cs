using System.Diagnostics;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Torture;

/// <summary>SIGKILL at moments that the program chooses by its progress and chance within it, again and again; then a run to the end.</summary>
public sealed class When_the_process_is_killed(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DOCINGEST_LONG") is { Length: > 0 };
    private static readonly int Kills = IsLong ? 100 : 5;
    private const int Files = 300;
    private const int MostLinesBeforeKill = 48;
    private const int Quarantining = 3;

    [Fact]
    public async Task An_ingest_killed_again_and_again_loses_and_doubles_nothing()
    {
        Needs.Linux();
        using var site = new IntakeSite();
        await TortureAsync(site, new Random(20260101), () => site.Start("ingest", site.Drop, "--move", "--json"),
            (program, enough) => program.LinesPrinted >= enough || (enough == 0 && HasStaged(site)));
    }

    [Fact]
    public async Task A_service_killed_again_and_again_loses_and_doubles_nothing()
    {
        Needs.Linux();
        using var site = new IntakeSite();
        int left = 0;
        await TortureAsync(
            site,
            new Random(20260102),
            () =>
            {
                left = FilesIn(site.Drop);
                return site.Start("run");
            },
            (_, enough) => left - FilesIn(site.Drop) >= enough && (enough > 0 || HasStaged(site)));
    }

    private async Task TortureAsync(IntakeSite site, Random chance, Func<RunningProgram> start, Func<RunningProgram, int, bool> isMoment)
    {
        site.Profile["documentKeyPattern"] = "^(?<key>K[0-9]+)_";
        var batch = new ScanBatch();
        int hits = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            TopUp(site, batch);
            using var program = start();
            int enough = kill == 1 ? 0 : chance.Next(MostLinesBeforeKill);
            await Until.IsTrue(() => program.HasExited || isMoment(program, enough), () => $"kill {kill} at {enough}: {program.ErrorsSoFar}");
            Spin(TimeSpan.FromMicroseconds(chance.Next(60_000)));
            bool atWork = !program.HasExited;
            await program.KillAsync();
            bool isHit = atWork && FilesIn(site.Drop) > 0;
            hits += isHit ? 1 : 0;
            await DemandNobodyIsLeftAsync(site);
            DemandNothingLost(site, batch, $"kill {kill} after {enough}");
        }

        await RunToTheEndAsync(site, batch);
        output.WriteLine($"{hits} of {Kills} kills hit while work was in progress; {batch.Count} files.");
        Assert.True(hits * 2 > Kills, $"only {hits} of {Kills} kills hit while work was in progress");
    }

    private static async Task RunToTheEndAsync(IntakeSite site, ScanBatch batch)
    {
        var last = await site.RunAsync("ingest", site.Drop, "--move", "--json");
        Assert.True(last.ExitCode is 0 or Quarantining, $"exit {last.ExitCode}\n{last.Errors}");
        Assert.Empty(site.Dropped());
        DemandNothingLost(site, batch, "the last run");

        // I2: each content exactly once, each key one record with its versions in the order of their claims.
        var archived = site.Archived();
        Assert.Equal(batch.Documents.Order(), archived.Select(original => original.Sha512).Order());
        Assert.Equal(batch.Others.Order(), site.Quarantined().Order());
        Assert.Equal(batch.Records, (await site.StatusAsync()).GetProperty("records").GetInt32());
        foreach (var versions in batch.Keyed.Values)
        {
            var places = versions.ConvertAll(digest => archived.Single(original => original.Sha512 == digest).Path);
            Assert.Single(places.Select(ObjectRootOf).Distinct());
            Assert.Equal(versions.Select((_, index) => $"v{index + 1}"), places.Select(VersionOf));
        }

        await site.DemandInOrderAsync(batch.Count);
    }

    // I1
    private static void DemandNothingLost(IntakeSite site, ScanBatch batch, string after)
    {
        var held = site.Dropped().Concat(site.Archived().Select(original => original.Sha512)).Concat(site.Quarantined()).ToHashSet();
        var lost = batch.All.Where(digest => !held.Contains(digest)).ToList();
        Assert.True(lost.Count == 0, $"{after}: {lost.Count} files are nowhere");
    }

    // The workers find the end of their standard input and end themselves.
    private static Task DemandNobodyIsLeftAsync(IntakeSite site) =>
        Until.IsTrue(() => ProcessesOf(site.Data).Count == 0, () => $"workers to end: {string.Join(", ", ProcessesOf(site.Data))}");

    private static List<string> ProcessesOf(string data)
    {
        var found = new List<string>();
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText($"{process}/cmdline") is var line && line.Contains(data, StringComparison.Ordinal))
                {
                    found.Add(line.Replace('\0', ' '));
                }
            }
            catch (IOException)
            {
                // It ended between the listing and the reading.
            }
        }

        return found;
    }

    private static void TopUp(IntakeSite site, ScanBatch batch)
    {
        int missing = batch.Count == 0 ? Files : FilesIn(site.Drop) < Files / 3 ? Files / 2 : 0;
        foreach (var (name, content) in batch.Take(missing))
        {
            site.Put(name, content);
        }
    }

    private static int FilesIn(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Count();

    private static bool HasStaged(IntakeSite site) =>
        Directory.Exists(Path.Combine(site.Data, "staging")) && Directory.EnumerateDirectories(Path.Combine(site.Data, "staging")).Any();

    private static string VersionOf(string path) => path.Split('/')[^3];

    private static string ObjectRootOf(string path) => path[..path.IndexOf($"/{VersionOf(path)}/", StringComparison.Ordinal)];

    // A moment within a step, finer than any condition can be: no waiting for something to happen.
    private static void Spin(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Thread.SpinWait(50);
        }
    }
}
