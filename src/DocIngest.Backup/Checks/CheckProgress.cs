namespace DocIngest.Backup.Checks;

/// <summary>Adds up what several threads have done. An item is a tree or a pack; bytes are stored ones.</summary>
internal sealed class CheckProgress(IProgress<WorkProgress>? progress)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private long _items;
    private long _bytes;
    private long? _allItems;
    private long? _allBytes;

    /// <summary>One more item is done.</summary>
    internal void Done(long bytes)
    {
        if (progress is null)
            return;
        lock (_gate)
        {
            _items++;
            _bytes += bytes;

            // Told under the lock: nobody sees it go backwards.
            progress.Report(new WorkProgress(_items, _allItems, _bytes, _allBytes));
        }
    }

    /// <summary>How much there will be besides what is done.</summary>
    internal void Expect(long items, long bytes)
    {
        lock (_gate)
        {
            _allItems = _items + items;
            _allBytes = _bytes + bytes;
            progress?.Report(new WorkProgress(_items, _allItems, _bytes, _allBytes));
        }
    }
}
