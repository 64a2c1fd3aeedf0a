using System.Diagnostics;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Backup;

/// <summary>How long do backup, check and restore take beside restic, on the same files, the same disk and the same repository?</summary>
internal static class BackupBenchmark
{
    private const long IncompressibleBytes = 1_200_000_000;
    private const long TextBytes = 1_000_000_000;
    private const int SmallFiles = 50_000;
    private const long MemoryBarBytes = 300_000_000;

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = Arguments.Number(args, "--runs", 3);
        string restic = Arguments.Text(args, "--restic", "restic");
        using var work = new WorkFolder(args, "backup");
        var report = new Report("Backup, check and restore beside restic", "backup", args, work.Path);
        report.Line($"{await VersionAsync(restic)}.").Line();
        string password = await EmptyRepository.CreateAsync(work, restic);
        var bench = new SideBySide(work, report, runs, Contender.Ours(work["data"], password), Contender.Restic(restic, password));

        report.Line($"Each pair in turn, {runs} pairs after one that is dropped; medians. Both open the repository with the same key file, that of a generated password (scrypt N=32768, r=8, p=1); the files to back up are in the page cache.");
        report.Line($"Each backup goes into a repository of its own that was empty before. Memory: proportional set size, every 100 ms, the most of all runs.").Line();
        report.Table("what", "docingest, s", "CPU s", "MB", "restic, s", "CPU s", "MB", "faster", "bar", "");

        int files = DataSets.WriteIncompressible(work["incompressible"], IncompressibleBytes);
        await bench.BackUpAsync($"(a) backup, 1.2 GB in {files} incompressible files", work["incompressible"], 2.0);
        await bench.BackUpAgainAsync($"(d) unchanged second backup of these", work["incompressible"], 1.0);
        await bench.CheckAsync($"(e) check --read-data", 1.5);
        await bench.RestoreAsync($"(f) restore", work["incompressible"], 1.5);
        DataSets.WriteText(work["text"], TextBytes);
        await bench.BackUpAsync($"(b) backup, 1 GB of text", work["text"], 1.5);
        DataSets.WriteSmall(work["small"], SmallFiles);
        await bench.BackUpAsync($"(c) backup, {SmallFiles:N0} small files", work["small"], 1.5);
        await bench.BackUpAgainAsync($"(d) unchanged second backup of these", work["small"], 1.0);

        report.Line();
        report.Table("what", "figure", "bar", "");
        report.Row($"most memory of docingest, MB", $"{bench.OurPeakBytes / 1e6:N0}", $"<= {MemoryBarBytes / 1e6:N0}", $"{report.Judge(bench.OurPeakBytes <= MemoryBarBytes)}");
        return report.Print();
    }

    private static async Task<string> VersionAsync(string restic)
    {
        using var process = Process.Start(new ProcessStartInfo(restic, ["version"]) { RedirectStandardOutput = true, UseShellExecute = false })!;   // never null without the shell
        string version = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return version.Trim();
    }
}
