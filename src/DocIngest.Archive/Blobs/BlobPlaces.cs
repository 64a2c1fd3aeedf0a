using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The names that one archive uses in its blob store, and whole small blobs.</summary>
/// <param name="store">The store.</param>
/// <param name="root">What stands before every name, without a slash at its end; empty where the store holds nothing else.</param>
/// <param name="readsOnCallersThread">Whether streams are read as <see cref="OnCallersThread"/> says.</param>
internal sealed class BlobPlaces(IBlobStore store, string root, bool readsOnCallersThread = false)
{
    public IBlobStore Store { get; } = store;

    public string Root { get; } = root;

    /// <summary>The prefix of everything in the storage root.</summary>
    public string RootPrefix => Root.Length == 0 ? "" : $"{Root}/";

    public string ObjectPath(string objectId) => Below(HashedNTupleLayout.Default.PathOf(objectId));

    public string Below(string path) => ArchivePlaces.Below(Root, path);

    /// <summary>Reads a blob that must not be longer than <paramref name="limitBytes"/>; null where there is none.</summary>
    /// <exception cref="DamagedObjectException">It is longer, or a link or folder of a local store.</exception>
    public async Task<byte[]?> TryReadWholeAsync(string name, int limitBytes, CancellationToken cancellation)
    {
        try
        {
            await using var blob = await OpenAsync(name, (long)limitBytes + 1, cancellation);
            using var content = new MemoryStream();
            await blob.CopyToAsync(content, cancellation);
            return content.Length <= limitBytes
                ? content.ToArray()
                : throw new DamagedObjectException("E033", name, "The file is longer than anything this archive writes.");
        }
        catch (EntryNotFoundException)
        {
            return null;   // absent is an answer here
        }
        catch (RefusedEntryException error)
        {
            throw new DamagedObjectException("E090", name, "A link, folder or device stands where a file must be.", error);
        }
    }

    /// <summary>Opens content for reading.</summary>
    /// <exception cref="DamagedObjectException">Missing, or no regular file.</exception>
    public async Task<Stream> OpenContentAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await OpenAsync(name, lengthBytes: null, cancellation);
        }
        catch (EntryNotFoundException error)
        {
            throw new DamagedObjectException("E092", name, "A content file is missing.", error);
        }
        catch (RefusedEntryException error)
        {
            throw new DamagedObjectException("E090", name, "A link, folder or device stands where a content file must be.", error);
        }
    }

    /// <summary>Writes a blob that nobody else may have written otherwise.</summary>
    /// <returns>Whether the blob is there as asked for; false where it holds something else.</returns>
    /// <remarks>Safe to repeat: a put whose answer was lost meets its own bytes.</remarks>
    public async Task<bool> PutOnceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            await Store.PutIfAbsentAsync(name, StreamOf(content), cancellation);
            return true;
        }
        catch (PreconditionFailedException)
        {
            byte[]? there = await TryReadWholeAsync(name, InventoryReader.LimitBytes, cancellation);
            return there is not null && content.Span.SequenceEqual(there);
        }
    }

    private async Task<Stream> OpenAsync(string name, long? lengthBytes, CancellationToken cancellation)
    {
        var blob = await Store.OpenReadAsync(name, 0, lengthBytes, cancellation);
        return readsOnCallersThread ? new OnCallersThread.Reading(blob) : blob;
    }

    public static MemoryStream StreamOf(ReadOnlyMemory<byte> content) => new(content.ToArray(), writable: false);
}
