namespace DocIngest.Backup.Restores;

/// <summary>The files and folders that are open, to be given up where the restore ends early.</summary>
internal sealed class UnfinishedWork
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly HashSet<RestoreFile> _files = [];
    private readonly HashSet<RestoreFolder> _folders = [];

    internal void Add(RestoreFile file)
    {
        lock (_gate)
            _files.Add(file);
    }

    internal void Remove(RestoreFile file)
    {
        lock (_gate)
            _files.Remove(file);
    }

    internal void Add(RestoreFolder folder)
    {
        lock (_gate)
            _folders.Add(folder);
    }

    internal void Remove(RestoreFolder folder)
    {
        lock (_gate)
            _folders.Remove(folder);
    }

    /// <summary>Removes what is half written, and closes everything. Nobody may be working any more.</summary>
    internal void Abandon()
    {
        foreach (var file in _files.ToList())
            file.Discard();
        foreach (var folder in _folders)
            folder.Handle?.Dispose();
    }
}
