namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>A worker's own side of its confinement: what it gives up before it reads anything.</summary>
internal abstract class WorkerCell
{
    /// <summary>The cell of this platform.</summary>
    public static WorkerCell Create() =>
        OperatingSystem.IsWindows() ? new Windows.WindowsCell() : new Linux.LinuxCell();

    /// <summary>"landlock", "job" or "none".</summary>
    public abstract string Confinement { get; }

    /// <summary>What is enforced on this process now.</summary>
    public abstract IReadOnlyList<string> Enforced { get; }

    /// <summary>Enters the cell. May replace the process by a fresh image of the same program and then does not return.</summary>
    /// <exception cref="InvalidOperationException">The process could not be replaced: half confined, it must not read anything.</exception>
    public abstract void Enter(WorkerArguments arguments);

    /// <summary>Ends this process and all it started, at once.</summary>
    public abstract void EndGroup();

    /// <summary>Memory that is this process' alone.</summary>
    public abstract long PrivateBytes();

    /// <summary>Tries what confinement forbids beyond opening files. Leaves <paramref name="forbiddenFile"/> as it is.</summary>
    public abstract CellFindings Probe(string? forbiddenFile);

    /// <summary>A program that every system has.</summary>
    public abstract string HarmlessProgram { get; }
}

/// <summary>What a process could do in its cell.</summary>
/// <param name="CanOpenSocket">Of any kind.</param>
/// <param name="CanSignalParent">By any call.</param>
/// <param name="CanLeaveGroup">What leaves the group outlives its end.</param>
/// <param name="CanTruncate">A file it may not open, by its path.</param>
internal sealed record CellFindings(bool CanOpenSocket, bool CanSignalParent, bool CanLeaveGroup, bool CanTruncate);
