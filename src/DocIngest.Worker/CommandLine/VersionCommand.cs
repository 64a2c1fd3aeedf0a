using System.CommandLine;
using System.Runtime.InteropServices;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>version</c></summary>
internal static class VersionCommand
{
    public static Command Create(CommandFactory commands) => commands.Create(
        "version", "Print the program's version.", context =>
        {
            context.Output.Result(
                new { ThisProgram.Version, Runtime = RuntimeInformation.FrameworkDescription, System = RuntimeInformation.RuntimeIdentifier },
                words => words.WriteLine($"docingest {ThisProgram.Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})"));
            return Task.FromResult(ExitCode.Done);
        });
}
