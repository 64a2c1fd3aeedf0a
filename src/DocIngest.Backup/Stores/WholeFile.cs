namespace DocIngest.Backup.Stores;

/// <summary>Reads files into memory to their end, never more than was bargained for.</summary>
internal static class WholeFile
{
    private const int FirstBytes = 64 * 1024;

    /// <param name="stream">From its beginning.</param>
    /// <param name="sizeBytes">What the store says, or null where it does not say; the stream has so many, or fails.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its name; null for config.</param>
    /// <param name="maxBytes">The most the caller takes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DamagedRepositoryException">Longer than <paramref name="maxBytes"/>, or shorter than the store says.</exception>
    internal static async Task<byte[]> ReadAsync(
        Stream stream, long? sizeBytes, FileKind kind, FileId? id, int maxBytes, CancellationToken cancellation)
    {
        if (sizeBytes > maxBytes)
            throw TooLong(kind, id, maxBytes);
        return sizeBytes is { } size
            ? await ReadKnownAsync(stream, (int)size, kind, id, cancellation)
            : await ReadUnknownAsync(stream, kind, id, maxBytes, cancellation);
    }

    private static async Task<byte[]> ReadKnownAsync(Stream stream, int size, FileKind kind, FileId? id, CancellationToken cancellation)
    {
        byte[] content = GC.AllocateUninitializedArray<byte>(size);
        int read = await stream.ReadAtLeastAsync(content, size, throwOnEndOfStream: false, cancellation);
        return read == size ? content : throw new DamagedRepositoryException(kind, id, "the file became shorter while it was read.");
    }

    /// <summary>Memory grows with what has come, so a store that never ends takes no more than twice <paramref name="maxBytes"/>.</summary>
    private static async Task<byte[]> ReadUnknownAsync(Stream stream, FileKind kind, FileId? id, int maxBytes, CancellationToken cancellation)
    {
        byte[] content = new byte[Math.Min(FirstBytes, maxBytes)];
        int length = 0;
        while (true)
        {
            int read = await stream.ReadAtLeastAsync(content.AsMemory(length), content.Length - length, throwOnEndOfStream: false, cancellation);
            length += read;
            if (length < content.Length)
                return content[..length];
            if (length == maxBytes)
                return await stream.ReadAsync(new byte[1], cancellation) == 0 ? content : throw TooLong(kind, id, maxBytes);
            Array.Resize(ref content, (int)Math.Min(2L * length, maxBytes));
        }
    }

    private static DamagedRepositoryException TooLong(FileKind kind, FileId? id, int maxBytes) =>
        new(kind, id, $"the file has more than the {maxBytes} bytes that are possible.");
}
