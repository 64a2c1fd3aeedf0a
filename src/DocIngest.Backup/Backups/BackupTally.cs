using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>Counts what a backup meets. May be used from several threads.</summary>
internal sealed class BackupTally(IProgress<WorkProgress>? progress)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<BackupProblem> _problems = [];
    private readonly List<string> _damage = [];
    private readonly List<AskedFor> _reached = [];

    private long _filesNew;
    private long _filesChanged;
    private long _filesUnmodified;
    private long _directoriesNew;
    private long _directoriesChanged;
    private long _directoriesUnmodified;
    private long _files;
    private long _bytes;

    /// <summary>So far.</summary>
    internal IReadOnlyList<BackupProblem> Problems
    {
        get
        {
            lock (_gate)
                return [.. _problems];
        }
    }

    /// <summary>What of the repository turned out to be damaged, so far.</summary>
    internal IReadOnlyList<string> Damage
    {
        get
        {
            lock (_gate)
                return [.. _damage];
        }
    }

    /// <summary>What was asked for and is there, so far.</summary>
    internal IReadOnlyList<AskedFor> Reached
    {
        get
        {
            lock (_gate)
                return [.. _reached];
        }
    }

    internal long Files => Interlocked.Read(ref _files);

    internal long Bytes => Interlocked.Read(ref _bytes);

    internal void Report(TreePath path, SourceProblemKind kind, string message)
    {
        lock (_gate)
            _problems.Add(new BackupProblem(path.ToString(), kind, message));
    }

    internal void ReportDamage(string message)
    {
        lock (_gate)
            _damage.Add(message);
    }

    /// <summary>Something that was asked for is there.</summary>
    /// <param name="source">Which of the source's paths.</param>
    /// <param name="path">Where.</param>
    /// <param name="outer">What else was asked for, and holds it.</param>
    internal AskedFor Reach(string source, TreePath path, AskedFor? outer)
    {
        var reached = new AskedFor(source, path, outer);
        lock (_gate)
            _reached.Add(reached);
        return reached;
    }

    /// <summary>Counts a file that was not read.</summary>
    internal void AddUnmodified(Node file, AskedFor? within) => Add(ref _filesUnmodified, file, within);

    /// <summary>Counts a file that was read.</summary>
    /// <param name="file">With its content.</param>
    /// <param name="before">What the parent has under the name.</param>
    /// <param name="within">What was asked for that it belongs to.</param>
    internal void AddRead(Node file, Node? before, AskedFor? within)
    {
        if (before is not { Type: NodeType.File })
            Add(ref _filesNew, file, within);
        else if (before.Content is { } content && content.SequenceEqual(file.Content ?? []))
            Add(ref _filesUnmodified, file, within);
        else
            Add(ref _filesChanged, file, within);
    }

    internal void AddDirectory(BlobId tree, Node? before) => Interlocked.Increment(
        ref before is not { Type: NodeType.Directory } ? ref _directoriesNew : ref before.Subtree == tree ? ref _directoriesUnmodified : ref _directoriesChanged);

    internal SnapshotSummary ToSummary(ZonedTime start, ZonedTime end, StoredBlobs stored) => new()
    {
        Start = start,
        End = end,
        FilesNew = (ulong)_filesNew,
        FilesChanged = (ulong)_filesChanged,
        FilesUnmodified = (ulong)_filesUnmodified,
        DirectoriesNew = (ulong)_directoriesNew,
        DirectoriesChanged = (ulong)_directoriesChanged,
        DirectoriesUnmodified = (ulong)_directoriesUnmodified,
        DataBlobs = stored.DataBlobs,
        TreeBlobs = stored.TreeBlobs,
        BytesAdded = (ulong)stored.PlaintextBytes,
        BytesAddedPacked = (ulong)stored.PackedBytes,
        FilesProcessed = (ulong)Files,
        BytesProcessed = (ulong)Bytes,
    };

    private void Add(ref long kind, Node file, AskedFor? within)
    {
        within?.AddFile(file.SizeBytes);
        Interlocked.Increment(ref kind);
        long files = Interlocked.Increment(ref _files);
        long bytes = Interlocked.Add(ref _bytes, (long)file.SizeBytes);
        progress?.Report(new WorkProgress(files, null, bytes, null));
    }
}
