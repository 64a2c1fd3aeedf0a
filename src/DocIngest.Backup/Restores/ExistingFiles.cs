using System.Buffers;
using System.Security.Cryptography;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Compares what stands in the target with files of the snapshot.</summary>
internal sealed class ExistingFiles(RestoreScene scene)
{
    private const int BufferBytes = 1024 * 1024;   // blobs are of any length; most are hashed in two pieces or one

    /// <summary>What stands where a file belongs.</summary>
    /// <param name="file">The file; its folder is open, or is not there at all.</param>
    /// <param name="describes">Whether to set the metadata of an equal file.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EntryNotRestoredException">It cannot be looked at.</exception>
    internal ExistingFile Meet(RestoreFile file, bool describes, CancellationToken cancellation)
    {
        if (file.Folder.IsNew || file.Folder.Handle is not { } folder || folder.Find(file.Node.Name) is not { } entry)
            return default;
        if (entry.Type is NodeType.Directory)
            return new ExistingFile(ExistingState.Directory, entry.Identity);
        if (entry.Type is not NodeType.File || entry.SizeBytes != file.Node.SizeBytes)
            return new ExistingFile(ExistingState.Different, entry.Identity);

        using var target = folder.OpenFile(file.Node.Name);
        if (target.Identity != entry.Identity || !HasContent(target, file.Content, cancellation))
            return new ExistingFile(ExistingState.Different, entry.Identity);

        // What has other names must not be changed through this one. A new file of the same content takes nothing away.
        if (describes && entry.LinkCount > 1 && !target.IsDescribed(file.Node))
            return new ExistingFile(ExistingState.Shared, entry.Identity);
        if (describes)
            scene.Tell(file.Path, target.Describe(file.Node));
        return new ExistingFile(ExistingState.Equal, entry.Identity);
    }

    /// <summary>Reads the file piece by piece, as long as the pieces are what the blobs' ids say.</summary>
    private bool HasContent(TargetFile target, IReadOnlyList<BlobId> content, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            long offset = 0;
            foreach (var id in content)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!scene.Index.TryFind(BlobType.Data, id, out var entry) || Hash(target, hash, buffer, offset, entry.Blob.PlaintextLength) != id.Digest)
                    return false;
                offset += entry.Blob.PlaintextLength;
            }

            return target.Read(buffer.AsSpan(0, 1), offset) == 0;   // nothing follows
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Sha256Digest? Hash(TargetFile target, IncrementalHash hash, byte[] buffer, long offset, long length)
    {
        for (long left = length; left > 0;)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            if (target.Read(piece, offset) < piece.Length)
                return null;
            if (piece.Length == length)
                return Sha256Digest.Of(piece);
            hash.AppendData(piece);
            offset += piece.Length;
            left -= piece.Length;
        }

        Span<byte> digest = stackalloc byte[Sha256Digest.SizeBytes];
        hash.GetHashAndReset(digest);
        return new Sha256Digest(digest);
    }
}

/// <summary>What stands where a file belongs.</summary>
/// <param name="State">How it compares.</param>
/// <param name="Identity">What it is, whatever its name.</param>
internal readonly record struct ExistingFile(ExistingState State, TargetIdentity Identity);

/// <summary>How what stands there compares with the file.</summary>
internal enum ExistingState
{
    /// <summary>There is nothing.</summary>
    None,

    /// <summary>A file of the same content.</summary>
    Equal,

    /// <summary>A file of the same content and other metadata, which has other names.</summary>
    Shared,

    /// <summary>Other content, or something that is no regular file.</summary>
    Different,

    /// <summary>A directory.</summary>
    Directory,
}
