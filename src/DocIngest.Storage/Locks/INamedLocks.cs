namespace DocIngest.Storage;

/// <summary>Locks by name. One holder at a time, counting holders in this process too; not re-entrant.</summary>
/// <remarks>Names are single path elements of <c>[A-Za-z0-9._-]</c>, not starting with a dot (<see cref="ArgumentException"/>).</remarks>
/// <exception cref="StorageUnavailableException">Any member: the place where the locks live does not answer.</exception>
public interface INamedLocks
{
    /// <summary>Takes a lock if nobody holds it. Disposing gives it up, and so does the death of the process.</summary>
    /// <returns>Null while another holds it.</returns>
    IDisposable? TryAcquire(string name);

    /// <summary>As <see cref="TryAcquire"/>, for a name that is not used again: nothing is left of the lock when it is given up.</summary>
    /// <remarks>A dead holder may leave it behind; whoever takes and gives it up so removes it.</remarks>
    IDisposable? TryAcquireTemporary(string name);

    /// <summary>Takes a lock, waiting for its holder up to <paramref name="timeout"/>.</summary>
    /// <exception cref="LockHeldException">Still held after <paramref name="timeout"/>.</exception>
    Task<IDisposable> AcquireAsync(string name, TimeSpan timeout, CancellationToken cancellation);
}
