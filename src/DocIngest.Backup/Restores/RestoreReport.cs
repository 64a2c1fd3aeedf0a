using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Gathers what becomes of the entries, from all threads, and tells how far the restore is.</summary>
/// <param name="progress">Is told after each file.</param>
/// <param name="all">Files and bytes in all, where that is known before.</param>
internal sealed class RestoreReport(IProgress<WorkProgress>? progress, (long? Files, long? Bytes) all)
{
    private readonly Counter _files = new();
    private readonly Counter _directories = new();
    private readonly Counter _links = new();
    private readonly Counter _specials = new();
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<RestoreProblem> _problems = [];
    private readonly Dictionary<RestoreProblemKind, long> _problemCounts = [];

    private long _hardLinks;
    private long _bytesRestored;
    private long _bytesEqual;
    private long _bytesLost;
    private long _ownersNotSet;
    private long _sockets;

    /// <summary>An entry was met and is wanted.</summary>
    internal void Selected(NodeType type) => Interlocked.Increment(ref Of(type).Selected);

    internal void Restored(Node node)
    {
        Interlocked.Increment(ref Of(node.Type).Restored);
        Told(node, ref _bytesRestored);
    }

    internal void Linked(Node node)
    {
        Interlocked.Increment(ref _hardLinks);
        Restored(node with { SizeBytes = 0 });   // a further name takes no room
    }

    internal void Equal(Node node)
    {
        Interlocked.Increment(ref Of(node.Type).Equal);
        Told(node, ref _bytesEqual);
    }

    internal void NotRestored(Node node)
    {
        Interlocked.Increment(ref Of(node.Type).NotRestored);
        Told(node, ref _bytesLost);
    }

    internal void NotRestored(Node node, string path, RestoreProblemKind kind, string message)
    {
        NotRestored(node);
        Problem(path, kind, message);
    }

    internal void SocketLeftOut() => Interlocked.Increment(ref _sockets);

    internal void OwnerNotSet() => Interlocked.Increment(ref _ownersNotSet);

    internal void Problem(string path, RestoreProblemKind kind, string message)
    {
        lock (_gate)
        {
            _problemCounts[kind] = _problemCounts.GetValueOrDefault(kind) + 1;
            if (_problems.Count < RestoreResult.MostProblemsListed)
                _problems.Add(new RestoreProblem(path, kind, message));
        }
    }

    /// <summary>When every entry has its fate.</summary>
    internal RestoreResult Finish(FileId snapshot, bool isDryRun)
    {
        RestoreCounts[] counts = [_files.Read(), _directories.Read(), _links.Read(), _specials.Read()];
        if (!counts.All(count => count.AddUp))
            throw new InvalidOperationException($"The counts of the restore do not add up: {string.Join(", ", counts)}.");
        return new RestoreResult
        {
            Snapshot = snapshot,
            Verdict = VerdictOf(counts),
            IsDryRun = isDryRun,
            Files = counts[0],
            Directories = counts[1],
            Links = counts[2],
            Specials = counts[3],
            HardLinks = _hardLinks,
            BytesRestored = _bytesRestored,
            BytesEqual = _bytesEqual,
            OwnersNotSet = _ownersNotSet,
            SocketsLeftOut = _sockets,
            Problems = _problems,
            ProblemCounts = _problemCounts,
        };
    }

    private RestoreVerdict VerdictOf(RestoreCounts[] counts)
    {
        if (_problemCounts.Count > 0)
            return RestoreVerdict.Partial;
        return counts.All(count => count.Selected == 0) ? RestoreVerdict.Nothing : RestoreVerdict.Complete;
    }

    private void Told(Node node, ref long bytes)
    {
        if (node.Type is not NodeType.File)
            return;
        Interlocked.Add(ref bytes, (long)node.SizeBytes);
        long done = Interlocked.Read(ref _bytesRestored) + Interlocked.Read(ref _bytesEqual) + Interlocked.Read(ref _bytesLost);
        progress?.Report(new WorkProgress(_files.Done, all.Files, done, all.Bytes));
    }

    private Counter Of(NodeType type) => type switch
    {
        NodeType.File => _files,
        NodeType.Directory => _directories,
        NodeType.Symlink => _links,
        _ => _specials,
    };

    private sealed class Counter
    {
        internal long Selected;
        internal long Restored;
        internal long Equal;
        internal long NotRestored;

        internal long Done => Interlocked.Read(ref Restored) + Interlocked.Read(ref Equal) + Interlocked.Read(ref NotRestored);

        internal RestoreCounts Read() => new(Selected, Restored, Equal, NotRestored);
    }
}
