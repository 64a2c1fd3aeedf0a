namespace DocIngest.Storage;

/// <summary>Files still being written, in a numbered slot of <c>~part</c> that one process holds by a lock.</summary>
/// <remarks>Who gets a slot's lock knows that its former holder is gone, and deletes what that left. So nobody needs to guess by age.</remarks>
/// <param name="work">Where <c>~part</c> is made, ending in a slash; empty for beside the blobs.</param>
internal sealed class BlobParts(IDurableFolder folder, INamedLocks locks, string work) : IDisposable
{
    private readonly string _root = $"{work}~part";

    private readonly Lock _gate = new();

    // Under _gate.
    private IDisposable? _slot;
    private string _slotFolder = "";
    private long _last;
    private bool _closed;

    /// <summary>Writes a part; it is complete, not yet flushed.</summary>
    internal async Task<string> WriteAsync(Stream content, CancellationToken cancellation)
    {
        string part = NextName();
        try
        {
            await using var file = folder.Create(part);
            await content.CopyToAsync(file, cancellation);
            return part;
        }
        catch
        {
            Discard(part);   // whatever the source's own error is
            throw;
        }
    }

    internal string Write(ReadOnlySpan<byte> content)
    {
        string part = NextName();
        using var file = folder.Create(part);
        file.Write(content);
        return part;
    }

    /// <summary>Deletes a part whose put failed for a reason that counts more than this.</summary>
    internal void Discard(string part)
    {
        try
        {
            folder.Delete(part);
        }
        catch (StorageException)
        {
            // A leftover is harmless: no reader lists it, and the next holder of the slot removes it.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _slot?.Dispose();
            _slot = null;
        }
    }

    private string NextName()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_slot is null)
                TakeSlot();
            return $"{_slotFolder}/{++_last}";
        }
    }

    /// <summary>Takes the first free slot, and tidies every slot that is free: their holders are gone.</summary>
    private void TakeSlot()
    {
        folder.CreateFolder(_root);
        foreach (var abandoned in folder.List(_root).ToList())
            Sweep(abandoned.Name);
        for (int number = 0; ; number++)
        {
            if (locks.TryAcquire($"part-{number}") is not { } held)
                continue;
            try
            {
                folder.DeleteTree($"{_root}/{number}");
                folder.CreateFolder($"{_root}/{number}");
            }
            catch
            {
                held.Dispose();
                throw;
            }

            (_slot, _slotFolder) = (held, $"{_root}/{number}");
            return;
        }
    }

    private void Sweep(string slot)
    {
        using var held = locks.TryAcquire($"part-{slot}");
        if (held is not null)
            folder.DeleteTree($"{_root}/{slot}");
    }
}
