using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>Reads whole files whose name is the hash of their bytes.</summary>
internal static class VerifiedFile
{
    /// <summary>Reads a file and holds it against its name. A mismatch is read once more: the fault may have been on the way (restic-format 5).</summary>
    /// <exception cref="DamagedRepositoryException">Not the bytes that its name demands.</exception>
    internal static async Task<byte[]> ReadVerifiedAsync(
        this IRepositoryStore store, FileKind kind, FileId id, int maxBytes, CancellationToken cancellation)
    {
        byte[] content = await store.ReadAllAsync(kind, id, maxBytes, cancellation);
        if (FileId.Of(content) != id)
            content = await store.ReadAllAsync(kind, id, maxBytes, cancellation);
        return FileId.Of(content) == id
            ? content
            : throw new DamagedRepositoryException(kind, id, "the content is not what the name says.");
    }
    /// <summary>Whether a file that is there holds these bytes.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its name.</param>
    /// <param name="sizeBytes">What the store says of it.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EntryNotFoundException">It is gone by now.</exception>
    internal static async Task<bool> HoldsAsync(
        this IRepositoryStore store, FileKind kind, FileId id, long sizeBytes, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (sizeBytes != content.Length)
            return false;
        byte[] held = await store.ReadAllAsync(kind, id, content.Length, cancellation);
        return content.Span.SequenceEqual(held);
    }
}
