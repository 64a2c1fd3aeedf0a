using DocIngest.Pipeline.Extraction;

namespace DocIngest.Worker.CommandLine;

/// <summary>The hidden command of the processes that read documents.</summary>
internal static class ExtractWorkerCommand
{
    public const string Name = "extract-worker";

    public static int Run(string[] arguments) => ExtractWorkerProgram.Run(arguments);
}
