using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>One of the things that were to be backed up, and what it turned out to hold.</summary>
/// <param name="source">Which of the source's paths it is.</param>
/// <param name="path">Where it is in the snapshot.</param>
/// <param name="outer">What else was asked for, and holds it.</param>
internal sealed class AskedFor(string source, TreePath path, AskedFor? outer)
{
    private ulong _files;
    private ulong _bytes;

    internal string Source => source;

    internal TreePath Path => path;

    internal FileCount Held => new(Interlocked.Read(ref _files), Interlocked.Read(ref _bytes));

    internal void AddFile(ulong sizeBytes)
    {
        for (var at = this; at is not null; at = at.Outer)
        {
            Interlocked.Increment(ref at._files);
            Interlocked.Add(ref at._bytes, sizeBytes);
        }
    }

    private AskedFor? Outer => outer;
}
