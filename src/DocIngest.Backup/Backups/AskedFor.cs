using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>One of the things that were to be backed up, and how many files it turned out to hold.</summary>
/// <param name="path">Where it is.</param>
/// <param name="outer">What else was asked for, and holds it.</param>
internal sealed class AskedFor(TreePath path, AskedFor? outer)
{
    private long _files;

    internal TreePath Path => path;

    internal bool IsEmpty => Interlocked.Read(ref _files) == 0;

    internal void AddFile()
    {
        for (var at = this; at is not null; at = at.Outer)
            Interlocked.Increment(ref at._files);
    }

    private AskedFor? Outer => outer;
}
