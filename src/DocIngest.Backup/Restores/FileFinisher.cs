using DocIngest.Storage;

namespace DocIngest.Backup.Restores;

/// <summary>Brings files to their end: whole under their name, or told of and not there. Also what is restored without a batch.</summary>
/// <remarks>
/// Crash points: the content is complete (1), the metadata is set (2), the name is given (3). Before 3 there is only a temporary name.
/// </remarks>
internal sealed class FileFinisher(RestoreScene scene, ExistingFiles existing)
{
    /// <summary>Finishes a file whose parts have all come.</summary>
    internal async Task FinishAsync(RestoreFile file, CancellationToken cancellation) =>
        await SettleAsync(file, await TryCompleteAsync(file, cancellation), cancellation);

    /// <summary>Ends a file that will not be restored.</summary>
    internal async Task GiveUpAsync(RestoreFile file, RestoreProblemKind kind, string message, CancellationToken cancellation)
    {
        scene.Report.NotRestored(file.Node, file.Path, kind, message);
        await SettleAsync(file, null, cancellation);
    }

    /// <summary>Restores a file that was met already, by itself.</summary>
    internal Task RestoreAloneAsync(RestoreFile file, CancellationToken cancellation)
    {
        file.Doubt();
        return FinishAsync(file, cancellation);
    }

    /// <summary>Ends a file in a dry run.</summary>
    internal void Foretell(RestoreFile file, long indexedSize)
    {
        if (indexedSize == (long)file.Node.SizeBytes)
            scene.Report.Restored(file.Node);
        else
            scene.Report.NotRestored(file.Node, file.Path, RestoreProblemKind.Damaged, SizeMessage(file, indexedSize));
        LetGo(file);
    }

    /// <summary>Ends a file that is there already.</summary>
    internal async Task AcceptAsync(RestoreFile file, TargetIdentity identity, CancellationToken cancellation)
    {
        scene.Report.Equal(file.Node);
        await SettleAsync(file, identity, cancellation);
    }

    /// <summary>Links a name to the one that is there already; restores it by itself where that is impossible.</summary>
    internal async Task LinkAsync(RestoreFile file, (RestoreFile File, TargetIdentity Identity) first, CancellationToken cancellation)
    {
        if (!TryLink(file, first, cancellation))
            _ = await TryRestoreAloneAsync(file, cancellation);
        file.Folder.Release();
    }

    /// <summary>What to do with a file, after a look at what stands there.</summary>
    /// <returns>Why it must not be restored; null where it may.</returns>
    internal string? Conflict(RestoreFile file, ExistingState found)
    {
        switch (found)
        {
            case ExistingState.None:
                return null;
            case ExistingState.Directory:
                return "A directory stands there.";
            case ExistingState.Different when !scene.Options.ReplacesDifferent:
                return "Something else stands there.";
            default:
                file.Replaces = true;
                return null;
        }
    }

    /// <summary>Tells the other names that a file is done, and lets go of it.</summary>
    private async Task SettleAsync(RestoreFile file, TargetIdentity? identity, CancellationToken cancellation)
    {
        var done = file;
        while (done.Group?.Settle(done, identity) is { } next)
        {
            LetGo(done);
            done = next;
            if (done.Group?.First is { } first && TryLink(done, first, cancellation))
                identity = null;   // the first stays the first
            else
                identity = await TryRestoreAloneAsync(done, cancellation);
        }

        LetGo(done);
    }

    private static void LetGo(RestoreFile file)
    {
        file.Folder.Release();
        file.Batch?.FileDone();
    }

    private async Task<TargetIdentity?> TryRestoreAloneAsync(RestoreFile file, CancellationToken cancellation)
    {
        try
        {
            var found = existing.Meet(file, describes: true, cancellation);
            if (found.State is ExistingState.Equal)
            {
                scene.Report.Equal(file.Node);
                return found.Identity;
            }

            if (Conflict(file, found.State) is { } conflict)
                throw new EntryNotRestoredException(RestoreProblemKind.Conflict, conflict);
        }
        catch (EntryNotRestoredException error)
        {
            scene.Report.NotRestored(file.Node, file.Path, error.Kind, error.Message);
            return null;
        }

        file.Doubt();
        return await TryCompleteAsync(file, cancellation);
    }

    private async Task<TargetIdentity?> TryCompleteAsync(RestoreFile file, CancellationToken cancellation)
    {
        try
        {
            if (file.IsDoubtful)
                await WriteAgainAsync(file, cancellation);   // 1
            var identity = file.Publish();   // 2, 3
            scene.Report.Restored(file.Node);
            return identity;
        }
        catch (EntryNotRestoredException error)
        {
            file.Discard();
            scene.Report.NotRestored(file.Node, file.Path, error.Kind, error.Message);
            return null;
        }
    }

    /// <summary>Writes a file blob by blob, each from whatever pack gives it, and believes only the lengths that come out.</summary>
    private async Task WriteAgainAsync(RestoreFile file, CancellationToken cancellation)
    {
        file.Restart();
        long offset = 0;
        foreach (var id in file.Content)
        {
            using var blob = await LoadAsync(id, cancellation);
            file.Append(blob.Span, offset);
            offset += blob.Length;
        }

        if (offset != (long)file.Node.SizeBytes)
            throw new EntryNotRestoredException(RestoreProblemKind.Damaged, SizeMessage(file, offset));
    }

    private static string SizeMessage(RestoreFile file, long found) =>
        $"The snapshot says {file.Node.SizeBytes} bytes, but has {found} bytes of content.";

    private async Task<PooledBytes> LoadAsync(BlobId id, CancellationToken cancellation)
    {
        string? first = null;
        foreach (int number in scene.Index.FindAll(BlobType.Data, id))
        {
            try
            {
                return await scene.Repository.LoadBlobAsync(scene.Index[number], cancellation);
            }
            catch (DamagedRepositoryException error)
            {
                first ??= error.Message;
            }
            catch (StorageUnavailableException error)
            {
                // One pack that cannot be read, or the whole store? In the latter case this fails too, and ends the restore.
                _ = await scene.Repository.Store.ReadConfigAsync(cancellation);
                first ??= error.Message;
            }
        }

        throw new EntryNotRestoredException(RestoreProblemKind.Damaged, first ?? $"No index has the data blob {id}.");
    }

    /// <returns>False where no link can be made here.</returns>
    private bool TryLink(RestoreFile file, (RestoreFile File, TargetIdentity Identity) first, CancellationToken cancellation)
    {
        try
        {
            var found = existing.Meet(file, describes: false, cancellation);
            if (found.State is not ExistingState.None && found.Identity == first.Identity)
            {
                scene.Report.Equal(file.Node);
                return true;
            }

            if (Conflict(file, found.State) is { } conflict)
                throw new EntryNotRestoredException(RestoreProblemKind.Conflict, conflict);
            if (!TryPublishLink(file, first))
                return false;
            scene.Report.Linked(file.Node);
        }
        catch (EntryNotRestoredException error)
        {
            scene.Report.NotRestored(file.Node, file.Path, error.Kind, error.Message);
        }

        return true;
    }

    private bool TryPublishLink(RestoreFile file, (RestoreFile File, TargetIdentity Identity) first)
    {
        var folder = file.Folder.Handle!;   // held by the file
        var temporary = scene.Temporary.Next();
        try
        {
            var made = first.File.Folder.Within(from => folder.TryLink(from, first.File.Node.Name, temporary));
            if (made != first.Identity)
            {
                // Also where somebody gave the first name to something else meanwhile.
                folder.Discard(temporary);
                return false;
            }

            folder.Publish(temporary, file.Node.Name, file.Replaces);
            return true;
        }
        catch
        {
            folder.Discard(temporary);
            throw;
        }
    }
}
