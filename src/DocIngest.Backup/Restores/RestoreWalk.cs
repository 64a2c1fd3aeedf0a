using System.Threading.Channels;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Goes through the trees of a snapshot in their order, makes directories and what has no content, and gathers files into batches.</summary>
/// <remarks>For one thread; others read what it puts out.</remarks>
internal sealed class RestoreWalk(
    RestoreScene scene, TargetPlatform platform, ExistingFiles existing, FileFinisher finisher, SpecialEntries specials) : IDisposable
{
    /// <summary>No path of a system's own calls is so deep; each level costs an open folder.</summary>
    private const int DeepestFolder = 2048;

    /// <summary>While one is planned, others are read.</summary>
    private const int BatchesAtOnce = 4;

    private readonly Stack<Level> _levels = new();
    private readonly Dictionary<(ulong Device, ulong Inode, Sha256Digest Content), LinkGroup> _links = [];
    private readonly SemaphoreSlim _batches = new(BatchesAtOnce);
    private RestoreBatch? _batch;

    /// <summary>Ends when everything is put out.</summary>
    /// <param name="root">The snapshot's tree.</param>
    /// <param name="top">The target.</param>
    /// <param name="selection">What is wanted.</param>
    /// <param name="reads">Takes what is to be read. Left alone in a dry run.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DamagedRepositoryException">The root tree is not there: there is nothing to restore.</exception>
    /// <exception cref="MalformedTreeException">The root is no tree.</exception>
    internal async Task RunAsync(
        BlobId root, RestoreFolder top, PathSelection selection, ChannelWriter<PackRead> reads, CancellationToken cancellation)
    {
        await EnterAsync(root, top, selection, cancellation);
        while (_levels.TryPeek(out var level))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!TryRead(level))
                Leave();
            else
                await VisitAsync(level, reads, cancellation);
        }

        await SendAsync(reads, cancellation);
    }

    public void Dispose()
    {
        while (_levels.TryPop(out var level))
            level.Dispose();
        _batches.Dispose();
    }

    private async Task EnterAsync(BlobId tree, RestoreFolder folder, PathSelection selection, CancellationToken cancellation)
    {
        var blob = await scene.Repository.LoadBlobAsync(scene.Index, BlobType.Tree, tree, cancellation);
        try
        {
            _levels.Push(new Level(blob, new TreeReader(blob.Memory), folder, selection));
        }
        catch
        {
            blob.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next entry. What was read of a tree that turns out malformed stays restored: its bytes are what their id says.</summary>
    private bool TryRead(Level level)
    {
        try
        {
            return level.Tree.Read();
        }
        catch (MalformedTreeException error)
        {
            level.Folder.MarkIncomplete();
            scene.Report.Problem(level.Folder.Path, RestoreProblemKind.Damaged, $"{error.Message} Entries after that were not restored.");
            return false;
        }
    }

    private void Leave()
    {
        using var level = _levels.Pop();
        level.Folder.Release();
    }

    private async Task VisitAsync(Level level, ChannelWriter<PackRead> reads, CancellationToken cancellation)
    {
        var node = level.Tree.Current;
        var selection = level.Selection.Below(node.Name);
        bool mayLead = node.Type is NodeType.Directory && selection.MayLead;
        if ((!selection.IsSelected && !mayLead) || IsLeftOut(level.Folder, node))
            return;
        if (node.Type is NodeType.Socket)
        {
            scene.Report.SocketLeftOut();
            return;
        }

        if (selection.IsSelected)
            scene.Report.Selected(node.Type);
        if (Refusal(level, node) is { } refusal)
            Refuse(level.Folder, node, selection.IsSelected, refusal);
        else if (node.Type is NodeType.Directory)
            await DescendAsync(level.Folder, node, selection, cancellation);
        else if (!level.Folder.TryOpen())
            scene.Report.NotRestored(node);   // told of with the folder
        else if (node.Type is NodeType.File)
            await TakeFileAsync(level.Folder, node, reads, cancellation);
        else
            specials.Restore(level.Folder, node);
    }

    private bool IsLeftOut(RestoreFolder folder, Node node) =>
        scene.Options.LeftOut.Count > 0 && node.Type is NodeType.Directory && scene.Options.LeftOut.Contains(folder.PathOf(node.Name));

    /// <summary>What keeps an entry from being restored, wherever to.</summary>
    private (RestoreProblemKind Kind, string Message)? Refusal(Level level, Node node) => node.Type switch
    {
        _ when !platform.Takes(node.Name) => (RestoreProblemKind.UnsafeName, "The name would lead elsewhere, or is none here."),
        _ when level.Tree.Faults.HasFlag(NodeFaults.DuplicateName) =>
            (RestoreProblemKind.DuplicateName, "The directory has had this name already; the first was restored."),
        NodeType.Unknown => (RestoreProblemKind.Unsupported, "The entry is of a kind that is not known."),
        NodeType.File when node.Content is null => (RestoreProblemKind.Damaged, "The snapshot has no list of content for the file."),
        NodeType.Directory when node.Subtree is null => (RestoreProblemKind.Damaged, "The snapshot has no list of entries for the directory."),
        NodeType.Directory when level.Folder.Depth >= DeepestFolder => (RestoreProblemKind.Unsupported, "The directory is nested too deep."),
        _ => null,
    };

    private void Refuse(RestoreFolder folder, Node node, bool isSelected, (RestoreProblemKind Kind, string Message) refusal)
    {
        string message = node.Type is NodeType.Directory ? $"{refusal.Message} Nothing below it was restored." : refusal.Message;
        if (isSelected)
            scene.Report.NotRestored(node, folder.PathOf(node.Name), refusal.Kind, message);
        else
            scene.Report.Problem(folder.PathOf(node.Name), refusal.Kind, message);
    }

    private async Task DescendAsync(RestoreFolder parent, Node node, PathSelection selection, CancellationToken cancellation)
    {
        var folder = parent.Below(node, selection.IsSelected);
        bool isEntered = false;
        try
        {
            // One that only leads to something wanted is made when that is met.
            if (selection.IsSelected && !folder.TryOpen())
                return;
            await EnterAsync(node.Subtree!.Value, folder, selection, cancellation);   // refused where there is none
            isEntered = true;
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            folder.MarkIncomplete();
            scene.Report.Problem(folder.Path, RestoreProblemKind.Damaged, $"{error.Message} Nothing below the directory was restored.");
        }
        finally
        {
            if (!isEntered)
                folder.Release();
        }
    }

    private async Task TakeFileAsync(RestoreFolder folder, Node node, ChannelWriter<PackRead> reads, CancellationToken cancellation)
    {
        folder.Hold();
        var file = new RestoreFile(scene, folder, node);
        _batch ??= await BeginBatchAsync(cancellation);
        if (scene.Options.IsDryRun || node.LinkCount <= 1)
        {
            _batch.Add(file);
        }
        else
        {
            file.Group = GroupOf(file);
            if (file.Group.Join(file, _batch, out var first) is LinkTurn.Link)
                await finisher.LinkAsync(file, first!.Value, cancellation);   // said to be there
        }

        if (_batch.IsFull)
            await SendAsync(reads, cancellation);
    }

    /// <summary>Names of one inode with the same content. A source without true inodes cannot make us link what differs.</summary>
    private LinkGroup GroupOf(RestoreFile file)
    {
        byte[] ids = new byte[file.Content.Count * Sha256Digest.SizeBytes];
        for (int i = 0; i < file.Content.Count; i++)
            file.Content[i].Digest.WriteTo(ids.AsSpan(i * Sha256Digest.SizeBytes));
        var key = (file.Node.DeviceId, file.Node.Inode, Sha256Digest.Of(ids));
        if (!_links.TryGetValue(key, out var group))
            _links.Add(key, group = new LinkGroup());
        if (group.IsLast(file.Node.LinkCount))
            _links.Remove(key);   // nobody else will ask
        return group;
    }

    private async Task<RestoreBatch> BeginBatchAsync(CancellationToken cancellation)
    {
        await _batches.WaitAsync(cancellation);
        return new RestoreBatch(() => _batches.Release());
    }

    /// <summary>Looks which files of the batch are there already, and sends off what the others need.</summary>
    private async Task SendAsync(ChannelWriter<PackRead> reads, CancellationToken cancellation)
    {
        if (_batch is not { } batch)
            return;
        _batch = null;
        var wanted = new RestoreFile?[batch.Files.Count];
        await Parallel.ForAsync(0, wanted.Length, cancellation, async (i, stop) =>
            wanted[i] = await MeetAsync(batch.Files[i], stop) ? batch.Files[i] : null);
        foreach (var read in PackReadPlan.Of(wanted.OfType<RestoreFile>(), scene.Index))
            await reads.WriteAsync(read, cancellation);
        batch.FileDone();
    }

    /// <returns>Whether the file is to be read. Else it is finished.</returns>
    private async Task<bool> MeetAsync(RestoreFile file, CancellationToken cancellation)
    {
        try
        {
            var found = existing.Meet(file, describes: !scene.Options.IsDryRun, cancellation);
            if (found.State is ExistingState.Equal)
            {
                await finisher.AcceptAsync(file, found.Identity, cancellation);
                return false;
            }

            if (finisher.Conflict(file, found.State) is { } conflict)
                throw new EntryNotRestoredException(RestoreProblemKind.Conflict, conflict);
            long size = IndexedSize(file);
            if (scene.Options.IsDryRun)
                finisher.Foretell(file, size);
            else if (size == (long)file.Node.SizeBytes && size > 0)
                return true;
            else
                await finisher.RestoreAloneAsync(file, cancellation);   // empty, or the index or the snapshot is wrong
            return false;
        }
        catch (EntryNotRestoredException error)
        {
            await finisher.GiveUpAsync(file, error.Kind, error.Message, cancellation);
            return false;
        }
    }

    /// <summary>Bytes of the file's content, as far as the index is right.</summary>
    private long IndexedSize(RestoreFile file)
    {
        long size = 0;
        foreach (var id in file.Content)
        {
            if (!scene.Index.TryFind(BlobType.Data, id, out var entry))
                throw new EntryNotRestoredException(RestoreProblemKind.Damaged, $"No index has the data blob {id}.");
            size += entry.Blob.PlaintextLength;
        }

        return size;
    }

    /// <summary>A tree that is being read.</summary>
    private sealed record Level(PooledBytes Blob, TreeReader Tree, RestoreFolder Folder, PathSelection Selection) : IDisposable
    {
        public void Dispose() => Blob.Dispose();
    }
}
