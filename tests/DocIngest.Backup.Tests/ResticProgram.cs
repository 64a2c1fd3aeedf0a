using System.Diagnostics;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests;

/// <summary>The real restic, on a repository in a folder.</summary>
internal sealed class ResticProgram(string repository, string password)
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs a command that must succeed, and returns what it says.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await TryAsync(arguments);
        Assert.True(code == 0, $"restic {string.Join(' ', arguments)} ended with {code}:\n{output}");
        return output;
    }

    /// <summary>How restic is started, with its output redirected and nothing of whoever runs the tests.</summary>
    public static ProcessStartInfo Describe(string repository, string password, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("restic", ["--no-cache", "--repo", repository, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["RESTIC_PASSWORD"] = password;
        start.Environment["HOME"] = repository;   // no cache, no configuration
        return start;
    }

    /// <summary>Runs a command, and returns how it ended and what it said on both streams.</summary>
    public async Task<(int Code, string Output)> TryAsync(params string[] arguments)
    {
        Needs.Tool("restic");
        using var process = Process.Start(Describe(repository, password, arguments)) ?? throw new InvalidOperationException("restic did not start.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(LongestRun);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(stop.Token);
            var errors = process.StandardError.ReadToEndAsync(stop.Token);
            string said = await output + await errors;
            await process.WaitForExitAsync(stop.Token);
            return (process.ExitCode, said);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
