namespace DocIngest.Backup.Restores;

/// <summary>
/// Files that are read together: what they need of a pack is read at once, and a blob that several need is decoded once. Further names of
/// files, which wait for the first to be there, belong to it too: they hold their folders open as well.
/// </summary>
/// <remarks>Small enough for its memory not to count, large enough that packs are seldom read twice.</remarks>
internal sealed class RestoreBatch(Action done)
{
    private const int MostFiles = 1024;
    private const int MostFolders = 128;   // each is open until its files are done
    private const int MostBlobs = 8192;

    private readonly List<RestoreFile> _files = [];
    private readonly HashSet<RestoreFolder> _folders = [];
    private int _taken;   // files and names that wait
    private int _blobs;
    private int _unfinished = 1;   // who fills it

    internal IReadOnlyList<RestoreFile> Files => _files;

    internal bool IsFull => _taken >= MostFiles || _folders.Count >= MostFolders || _blobs >= MostBlobs;

    /// <summary>Takes a file that is to be read.</summary>
    internal void Add(RestoreFile file)
    {
        Take(file);
        _files.Add(file);
        _blobs += file.Content.Count;
    }

    /// <summary>Takes a name that waits for another one of its file. That is in this batch or an earlier one, so that it comes whatever this one waits for.</summary>
    internal void AddWaiting(RestoreFile file) => Take(file);

    private void Take(RestoreFile file)
    {
        file.Batch = this;
        _taken++;
        _folders.Add(file.Folder);
        Interlocked.Increment(ref _unfinished);
    }

    /// <summary>A file of it has its fate, or who filled it is through with it.</summary>
    internal void FileDone()
    {
        if (Interlocked.Decrement(ref _unfinished) == 0)
            done();
    }
}

/// <summary>One use of a blob by a file.</summary>
/// <param name="File">The file.</param>
/// <param name="FileOffset">Where the blob belongs in it.</param>
/// <param name="Entry">The number of the blob in the index.</param>
/// <param name="PackRank">The pack's place in the order of first use.</param>
/// <param name="PackOffset">Where the blob begins in the pack.</param>
internal readonly record struct BlobUse(RestoreFile File, long FileOffset, int Entry, int PackRank, uint PackOffset);

/// <summary>A stretch of a pack to be read at once.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Offset">Where the stretch begins.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Uses">What it is read for, by place in the pack.</param>
internal sealed record PackRead(FileId Pack, long Offset, long Length, ArraySegment<BlobUse> Uses);
