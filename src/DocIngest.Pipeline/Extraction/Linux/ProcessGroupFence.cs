using System.Diagnostics;

namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>The worker makes itself the leader of a session and process group of its own; its group is killed as one.</summary>
internal sealed class ProcessGroupFence : WorkerFence
{
    private int _killed;

    /// <inheritdoc />
    public override void Enclose(Process worker)
    {
        // Nothing to do from here: the worker calls setsid before it reads anything.
    }

    /// <inheritdoc />
    public override void Kill(Process worker)
    {
        // Once only: long after the group is gone its number may belong to somebody else.
        if (Interlocked.Exchange(ref _killed, 1) != 0)
        {
            return;
        }

        // The group first: while it has members, also after its leader has ended, nobody else can have its number.
        LinuxNative.Kill(-worker.Id, LinuxNative.SigKill);
        try
        {
            worker.Kill();   // where it did not live to see its own setsid
        }
        catch (InvalidOperationException)
        {
            // It has ended: that is all that was wanted.
        }
    }
}
