using System.Diagnostics;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Backup;

/// <summary>Lets both programs do the same, one after the other, and puts the medians into one row.</summary>
internal sealed class SideBySide(WorkFolder work, Report report, int runs, Contender ours, Contender restic)
{
    private readonly string _empty = work[EmptyRepository.Name];
    private string _filled = "";

    /// <summary>The most memory this program took in any run.</summary>
    public long OurPeakBytes { get; private set; }

    /// <summary>Backs up into new repositories, and checks with restic that ours is whole.</summary>
    public async Task BackUpAsync(FormattableString name, string source, double bar)
    {
        Touch(source);
        string repository = "";
        await CompareAsync(
            name,
            bar,
            async contender =>
            {
                repository = Copy(_empty);
                return await contender.RunAsync(contender == ours ? ["run", source, "--repo", repository] : ["backup", source, "--repo", repository]);
            },
            () => Remove(repository));
        _filled = Copy(_empty);
        await ours.RunAsync("run", source, "--repo", _filled);
        await restic.RunAsync("check", "--read-data", "--repo", _filled);
    }

    /// <summary>Backs up the same files once more. Each into a repository of its own making: both know their hosts and parents.</summary>
    public async Task BackUpAgainAsync(FormattableString name, string source, double bar)
    {
        string resticFilled = Copy(_empty);
        await restic.RunAsync("backup", source, "--repo", resticFilled);
        await CompareAsync(
            name,
            bar,
            contender => contender == ours
                ? contender.RunAsync("run", source, "--repo", _filled)
                : contender.RunAsync("backup", source, "--repo", resticFilled),
            static () => { });
        Remove(resticFilled);
    }

    /// <summary>Reads everything in the repository that was filled last.</summary>
    public Task CheckAsync(FormattableString name, double bar) =>
        CompareAsync(name, bar, contender => contender.RunAsync("check", "--read-data", "--repo", _filled), static () => { });

    /// <summary>Restores the newest snapshot, and compares once with the source.</summary>
    public async Task RestoreAsync(FormattableString name, string source, double bar)
    {
        string target = "";
        bool isCompared = false;
        await CompareAsync(
            name,
            bar,
            contender => contender.RunAsync("restore", "latest", "--target", target = work.Fresh("target"), "--repo", _filled),
            () =>
            {
                if (!isCompared)
                    DemandEqual(source, target + source);
                isCompared = true;   // and left there: for half a minute after many files are removed, ext4 takes very long to make new ones
            });
    }

    private async Task CompareAsync(FormattableString name, double bar, Func<Contender, Task<TimedRun>> run, Action cleanUp)
    {
        var timed = new Dictionary<Contender, List<TimedRun>> { [ours] = [], [restic] = [] };
        for (int pair = 0; pair <= runs; pair++)
        {
            foreach (var contender in (Contender[])[ours, restic])
            {
                var one = await run(contender);
                cleanUp();
                if (pair > 0)
                    timed[contender].Add(one);
            }
        }

        double faster = Median(restic, one => one.Wall.TotalSeconds) / Median(ours, one => one.Wall.TotalSeconds);
        OurPeakBytes = Math.Max(OurPeakBytes, Peak(ours));
        report.Row(
            name,
            $"{Median(ours, one => one.Wall.TotalSeconds):N2}", $"{Median(ours, one => one.Cpu.TotalSeconds):N2}", $"{Peak(ours) / 1e6:N0}",
            $"{Median(restic, one => one.Wall.TotalSeconds):N2}", $"{Median(restic, one => one.Cpu.TotalSeconds):N2}", $"{Peak(restic) / 1e6:N0}",
            $"{faster:N2} x", $">= {bar:N1} x", $"{report.Judge(faster >= bar)}");

        double Median(Contender contender, Func<TimedRun, double> figure) => timed[contender].ConvertAll(one => figure(one)).Median();
        long Peak(Contender contender) => timed[contender].Max(one => one.PeakPssBytes);
    }

    private string Copy(string repository)
    {
        string copy = work.Fresh("repository");
        using var cp = Process.Start("cp", ["-a", repository, copy]);
        cp.WaitForExit();
        return cp.ExitCode == 0 ? copy : throw new InvalidOperationException("cp failed.");
    }

    private static void Remove(string repository)
    {
        if (repository.Length > 0)
            Directory.Delete(repository, recursive: true);
    }

    /// <summary>Reads all files once, so that they are in the page cache for whoever comes first.</summary>
    private static void Touch(string source)
    {
        using var tar = Process.Start(new ProcessStartInfo("sh", ["-c", "find \"$0\" -type f -exec cat {} + > /dev/null", source]) { UseShellExecute = false })!;   // never null without the shell
        tar.WaitForExit();
    }

    private static void DemandEqual(string source, string restored)
    {
        using var diff = Process.Start("diff", ["-r", source, restored]);
        diff.WaitForExit();
        if (diff.ExitCode != 0)
            throw new InvalidOperationException($"{restored} differs from {source}.");
    }
}
