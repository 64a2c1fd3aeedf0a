using System.Diagnostics;
using DocIngest.Pipeline.Extraction.Child;

namespace DocIngest.Pipeline.Extraction.Windows;

/// <summary>On Windows the parent's job object is the cell; the worker itself has nothing to give up.</summary>
internal sealed class WindowsCell : WorkerCell
{
    /// <inheritdoc />
    public override string Confinement => "job";

    /// <inheritdoc />
    public override IReadOnlyList<string> Enforced => ["memory", "end-with-parent"];

    /// <inheritdoc />
    public override string HarmlessProgram => Path.Combine(Environment.SystemDirectory, "where.exe");

    /// <inheritdoc />
    public override void Enter(WorkerArguments arguments)
    {
        // The parent has put this process into its job.
    }

    /// <inheritdoc />
    public override void EndGroup() => Environment.FailFast(null);   // what it started ends with the job

    /// <inheritdoc />
    public override long PrivateBytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.PrivateMemorySize64;
    }

    /// <inheritdoc />
    public override CellFindings Probe(string? forbiddenFile)
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);

        // A job object forbids neither sockets nor files to be written; it cannot be left.
        return new CellFindings(CanOpenSocket: true, CanSignalParent: true, CanLeaveGroup: false, CanTruncate: true);
    }
}
