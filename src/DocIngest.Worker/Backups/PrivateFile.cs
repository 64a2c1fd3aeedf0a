using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>Writes files that only their owner may read: whole or not at all, durably, and never over another.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a new file.</summary>
    /// <param name="folder">Where; opened for its owner alone (<see cref="EntryPermissions.Private"/>).</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellation">Gives up before the file has its name.</param>
    /// <exception cref="NameTakenException">There is one. Nothing changed.</exception>
    /// <remarks>
    /// (1) Bytes under another name, (2) flushed, (3) renamed, (4) the rename flushed. A crash at 1 or 2 leaves a <c>.part</c> file, which can be deleted.
    /// </remarks>
    public static async Task WriteNewAsync(IDurableFolder folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (folder.Find(name) is not null)
        {
            throw new NameTakenException($"{folder.DisplayName}/{name} exists already.");
        }

        string part = $".{Guid.NewGuid():N}.part";
        try
        {
            await using (var file = folder.Create(part))
            {
                await file.WriteAsync(content, cancellation);   // 1
            }

            await folder.FlushAsync(cancellation);              // 2
            folder.Move(part, name);                            // 3
        }
        catch (Exception error) when (error is StorageException or OperationCanceledException)
        {
            folder.Delete(part);
            throw;
        }

        await folder.FlushAsync(CancellationToken.None);        // 4: it has its name, there is no way back
    }
}
