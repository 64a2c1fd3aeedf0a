using System.Diagnostics;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>The language packs tesseract has here. It is asked when the first page is to be read, and again until it has answered; no document takes part.</summary>
internal sealed class OcrLanguages(OcrOptions options, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private Task<IReadOnlySet<string>>? _asking;   // under _gate

    /// <summary>Those of a profile's languages that are installed.</summary>
    /// <param name="wanted">Empty: the default ones.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Those that are installed, and those that are not.</returns>
    public async Task<(IReadOnlyList<string> Usable, IReadOnlyList<string> Missing)> SortAsync(IReadOnlyList<string> wanted, CancellationToken cancellation)
    {
        var installed = await InstalledAsync(cancellation);
        var languages = LanguagePacks.Of(wanted.Count > 0 ? wanted : options.Languages);
        return ([.. languages.Where(installed.Contains)], [.. languages.Where(language => !installed.Contains(language))]);
    }

    private async Task<IReadOnlySet<string>> InstalledAsync(CancellationToken cancellation)
    {
        Task<IReadOnlySet<string>> asking;
        lock (_gate)
        {
            if (_asking is null or { IsFaulted: true } or { IsCompletedSuccessfully: true, Result.Count: 0 })   // it may just have been too busy to answer
            {
                _asking = AskAsync();
            }

            asking = _asking;
        }

        return await asking.WaitAsync(cancellation);
    }

    private async Task<IReadOnlySet<string>> AskAsync()
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(options.Programs.Tesseract, ["--list-langs"])
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        options.Programs.Describe(process.StartInfo.Environment);
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        try
        {
            process.Start();
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await errors;
            await process.WaitForExitAsync(limit.Token);
            return output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).ToHashSet();   // the first line is a heading
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException)
        {
            return new HashSet<string>();   // it does not start: then it has no languages, and pages wait
        }
        catch (OperationCanceledException)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
            {
                // It has ended meanwhile, or will when its pipes close.
            }

            return new HashSet<string>();
        }
    }
}
