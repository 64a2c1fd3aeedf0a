using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace DocIngest.Benchmarks.Measuring;

/// <summary>A Markdown report: what was run and on what, then tables with the bar beside each figure.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    /// <param name="title">Its heading.</param>
    /// <param name="command">The sub-command.</param>
    /// <param name="args">Its options as given.</param>
    /// <param name="workFolder">On the disk that is measured.</param>
    public Report(string title, string command, string[] args, string workFolder)
    {
        var flushes = DiskFlush.Measure(workFolder);
        Line($"# {title}").Line();
        Line($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:N0} GB memory, {RuntimeInformation.FrameworkDescription}, load average before: {LoadAverage()}.");
        Line($"Disk: write of 4 KiB and fsync, median of {flushes.Count}: {flushes.Median():N2} ms, 95th percentile {flushes.Percentile(0.95):N2} ms.").Line();
        Line($"    dotnet run -c Release --project bench/DocIngest.Benchmarks -- {string.Join(' ', args.Prepend(command))}").Line();
    }

    /// <summary>Whether every bar was met so far.</summary>
    public bool AllPass { get; private set; } = true;

    public Report Line(FormattableString line)
    {
        _text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    public Report Line()
    {
        _text.AppendLine();
        return this;
    }

    public Report Table(params string[] columns)
    {
        _text.AppendLine($"| {string.Join(" | ", columns)} |");
        _text.AppendLine($"| --- |{string.Concat(Enumerable.Repeat(" ---: |", columns.Length - 1))}");
        return this;
    }

    public Report Row(params FormattableString[] cells)
    {
        _text.AppendLine($"| {string.Join(" | ", cells.Select(cell => cell.ToString(CultureInfo.InvariantCulture)))} |");
        return this;
    }

    /// <summary>The word beside a bar.</summary>
    public string Judge(bool pass)
    {
        AllPass &= pass;
        return pass ? "pass" : "**miss**";
    }

    /// <summary>Prints it.</summary>
    /// <returns>The exit code: 1 where a bar was missed.</returns>
    public int Print()
    {
        Console.Write(_text);
        return AllPass ? 0 : 1;
    }

    private static string LoadAverage() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(2)) : "unknown";
}
