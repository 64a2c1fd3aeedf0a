using System.Diagnostics;

namespace DocIngest.Assurance.Tests;

/// <summary>Runs what a person would enter.</summary>
internal static class Shell
{
    /// <returns>The exit code of the first command of a pipe that failed, and what all of them printed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string folder, string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"set -o pipefail; {{ {command}\n}} 2>&1"]) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = folder };
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("No shell.");
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (shell.ExitCode, output);
    }
}
