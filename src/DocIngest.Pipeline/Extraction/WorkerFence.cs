using System.Diagnostics;

namespace DocIngest.Pipeline.Extraction;

/// <summary>The parent's hold on one worker and on whatever the worker may have started.</summary>
internal abstract class WorkerFence : IDisposable
{
    /// <summary>Makes the fence this platform has.</summary>
    /// <param name="heapLimitBytes">Managed memory of the worker; the fence allows for the runtime's own on top.</param>
    public static WorkerFence Create(long heapLimitBytes) =>
        OperatingSystem.IsWindows() ? new Windows.JobFence(heapLimitBytes) : new Linux.ProcessGroupFence();

    /// <summary>Puts a worker inside, as soon as it runs.</summary>
    public abstract void Enclose(Process worker);

    /// <summary>Ends the worker and all it started, at once. Safe to repeat, and after it has ended.</summary>
    public abstract void Kill(Process worker);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the platform's fence holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
