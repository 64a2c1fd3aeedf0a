namespace DocIngest.Worker.CommandLine;

/// <summary>The exit codes, a promise (DESIGN section 6).</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Findings = 1;
    public const int Usage = 2;
    public const int Partial = 3;
    public const int Busy = 4;
    public const int NotFound = 5;
    public const int EnvironmentFailed = 6;
    public const int Cancelled = 130;
}

/// <summary>A command cannot go on. The message is for the person who typed it.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
