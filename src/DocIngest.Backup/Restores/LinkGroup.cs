namespace DocIngest.Backup.Restores;

/// <summary>The names of one file. The first that is restored is written; the others become links to it.</summary>
internal sealed class LinkGroup
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Queue<RestoreFile> _waiting = [];
    private bool _isLed;
    private RestoreFile? _first;
    private TargetIdentity _identity;

    private ulong _met;   // the walk's

    /// <summary>Counts a name that is met; true for the last one there was when it was backed up.</summary>
    internal bool IsLast(ulong linkCount) => ++_met >= linkCount;

    /// <summary>A name comes.</summary>
    /// <param name="file">The name.</param>
    /// <param name="batch">Takes the name where it is to be read, or waits.</param>
    /// <param name="first">The name that is there already; null where there is none yet.</param>
    /// <returns>What to do with it.</returns>
    internal LinkTurn Join(RestoreFile file, RestoreBatch batch, out (RestoreFile File, TargetIdentity Identity)? first)
    {
        lock (_gate)
        {
            first = _first is null ? null : (_first, _identity);
            if (_first is not null)
                return LinkTurn.Link;
            if (_isLed)
            {
                batch.AddWaiting(file);   // before anybody comes back to it
                _waiting.Enqueue(file);
                return LinkTurn.Wait;
            }

            batch.Add(file);
            _isLed = true;
            return LinkTurn.Lead;
        }
    }

    /// <summary>The leading name is done.</summary>
    /// <param name="file">The name.</param>
    /// <param name="identity">What it leads to; null where it was not restored.</param>
    /// <returns>A name that waits: to be linked where there is something to link to, else to lead. Null where none does.</returns>
    internal RestoreFile? Settle(RestoreFile file, TargetIdentity? identity)
    {
        lock (_gate)
        {
            if (identity is { } known && _first is null)
                (_first, _identity) = (file, known);
            _isLed = _waiting.TryDequeue(out var next);
            return next;
        }
    }

    /// <summary>The name that is there.</summary>
    internal (RestoreFile File, TargetIdentity Identity)? First
    {
        get
        {
            lock (_gate)
                return _first is null ? null : (_first, _identity);
        }
    }
}

/// <summary>What is to be done with a name of a file.</summary>
internal enum LinkTurn
{
    /// <summary>Restore it with the batch: the others wait for it.</summary>
    Lead,

    /// <summary>Nothing: who leads comes back to it.</summary>
    Wait,

    /// <summary>Link it.</summary>
    Link,
}
