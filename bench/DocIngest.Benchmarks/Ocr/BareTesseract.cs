using System.Diagnostics;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>Tesseract as people call it: <c>-l eng --psm 3</c>, one thread.</summary>
internal static class BareTesseract
{
    /// <summary>Reads pages, two at a time.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAllAsync(IReadOnlyList<string> images)
    {
        var texts = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(images, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (image, stop) =>
            texts[image] = await ReadAsync(image, stop));
        return texts;
    }

    private static async Task<string> ReadAsync(string image, CancellationToken stop)
    {
        var start = new ProcessStartInfo("tesseract", [image, "-", "-l", "eng", "--psm", "3"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["OMP_THREAD_LIMIT"] = "1";
        using var process = Process.Start(start)!;   // never null without the shell
        var errors = process.StandardError.ReadToEndAsync(stop);
        string text = await process.StandardOutput.ReadToEndAsync(stop);
        await errors;
        await process.WaitForExitAsync(stop);
        return text;
    }

    public static string Version()
    {
        using var process = Process.Start(new ProcessStartInfo("tesseract", ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;   // as above
        return process.StandardOutput.ReadLine() ?? "tesseract";
    }
}
