using System.Buffers;
using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Opens and re-reads content files.</summary>
internal sealed class ContentReader(ArchivePlaces places)
{
    private const int BufferBytes = 128 * 1024;

    /// <exception cref="DamagedObjectException">Missing, or no regular file.</exception>
    public Stream Open(string path)
    {
        try
        {
            return places.Folder.OpenRead(path);
        }
        catch (EntryNotFoundException error)
        {
            throw new DamagedObjectException("E092", path, "A content file is missing.", error);
        }
        catch (RefusedEntryException error)
        {
            throw new DamagedObjectException("E090", path, "A link, folder or device stands where a content file must be.", error);
        }
    }

    /// <summary>The length of a content file, which is not opened.</summary>
    /// <exception cref="DamagedObjectException">Missing, or no regular file.</exception>
    public long SizeOf(string path) => places.Folder.Find(path) switch
    {
        null => throw new DamagedObjectException("E092", path, "A content file is missing."),
        { Kind: EntryKind.File } file => file.Stamp.SizeBytes,
        _ => throw new DamagedObjectException("E090", path, "A link, folder or device stands where a content file must be."),
    };

    /// <summary>Reads a content file to its end and compares.</summary>
    /// <returns>What is wrong, or null; and the bytes read.</returns>
    public (Finding? Finding, long SizeBytes) Check(string path, Sha512Digest expected, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var content = Open(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            long sizeBytes = 0;
            for (int read; (read = content.Read(buffer)) > 0; sizeBytes += read)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            bool same = Sha512Digest.FromBytes(hash.GetHashAndReset()) == expected;
            return (same ? null : new Finding("E092", path, "The content does not match its SHA-512 digest."), sizeBytes);
        }
        catch (DamagedObjectException damage)
        {
            return (damage.Finding, 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
