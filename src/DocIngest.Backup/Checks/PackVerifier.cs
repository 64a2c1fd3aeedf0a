using System.Security.Cryptography;
using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Reads a pack once from its beginning to its end, hashing it and opening its blobs from the same memory.</summary>
/// <remarks>
/// <para>Blobs are opened in place, after the bytes were hashed and after the header was read. Nothing is allocated for a sound blob.</para>
/// <para>For one thread at a time; to be used again for the next pack. Packs larger than the window slide through it, and only a blob
/// larger than the window makes it grow, one verifier at a time.</para>
/// </remarks>
/// <param name="repository">Gives the packs.</param>
/// <param name="index">What they should hold.</param>
/// <param name="large">Shared by all verifiers: who has it may have a large window.</param>
/// <param name="largestBytes">Of the packs that will come: the window is made for it at once, as far as that goes.</param>
internal sealed class PackVerifier(Repository repository, CheckedIndex index, SemaphoreSlim large, long largestBytes) : IDisposable
{
    /// <summary>Room for a whole pack of restic's default size, or of twice that; and for the content of any blob of a file.</summary>
    internal const int WindowBytes = 32 * 1024 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _window = [];
    private byte[] _content = [];
    private bool _holdsLarge;

    // Of the pack being read.
    private StoredFile _file;
    private PackOutcome _outcome = new();
    private HashSet<PackedBlob>? _header;   // null where it could not be read
    private long _start;   // where in the file the window begins
    private int _filled;   // bytes of the file in the window
    private long _hashed;   // the first byte of the file that is not
    private long _end;   // of the blobs so far

    /// <summary>Reads a pack.</summary>
    /// <param name="pack">Its number in the index.</param>
    /// <param name="file">As the listing tells it.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task<PackOutcome> ReadAsync(int pack, StoredFile file, CancellationToken cancellation)
    {
        _file = file;
        _outcome = new PackOutcome();
        (_start, _filled, _hashed, _end) = (0, 0, 0, 0);
        _header = null;
        _ = _hash.GetHashAndReset();   // of a pack that was not read to its end
        try
        {
            await ReadAsync(pack, cancellation);
        }
        catch (DamagedRepositoryException error)
        {
            _outcome.Add(FindingRules.PackSize, error.Message);
            _outcome.Failure = error;
        }
        catch (EntryNotFoundException error)
        {
            _outcome.Add(FindingRules.PackMissing, "It was there when the packs were listed.");
            _outcome.Failure = error;
        }
        catch (StorageException error)
        {
            _outcome.Add(FindingRules.NotGiven, error.Message);
            _outcome.Failure = error;
        }
        finally
        {
            GiveBackLarge();
        }

        return _outcome;
    }

    public void Dispose() => _hash.Dispose();

    private async Task ReadAsync(int pack, CancellationToken cancellation)
    {
        bool fits = _file.SizeBytes <= WindowBytes;
        Demand((int)Math.Min(Math.Max(_file.SizeBytes, largestBytes), WindowBytes));
        var header = fits ? null : await ReadHeaderAsync(cancellation);

        var entries = index.Entries(pack);
        int next = 0;
        do
        {
            await FillAsync(cancellation);
            if (fits)
                header = ReadHeader();
            _header ??= header?.ToHashSet();
            next = Open(entries.Span, next, cancellation);
            await SlideAsync(entries, next, cancellation);
        }
        while (_start + _filled < _file.SizeBytes);

        for (; next < entries.Length; next++)
            _outcome.Add(FindingRules.PackSize, "It lies beyond the end of the file.", entries.Span[next]);
        Hash(_file.SizeBytes);
        _outcome.Digest = new FileId(new Sha256Digest(_hash.GetHashAndReset()));
        if (_outcome.Digest != _file.Id)
            _outcome.Add(FindingRules.PackNotAsNamed, $"Its {_file.SizeBytes} bytes hash to {_outcome.Digest}.");
        if (header is not null)
            Compare(pack, header);
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        int length = (int)Math.Min(_window.Length - _filled, _file.SizeBytes - _start - _filled);
        await repository.Store.ReadAsync(FileKind.Pack, _file.Id, _start + _filled, _window.AsMemory(_filled, length), cancellation);
        _filled += length;
    }

    /// <summary>Hashes the file up to here. A blob is hashed right before it is opened, while it is in the processor's cache.</summary>
    private void Hash(long end)
    {
        if (end <= _hashed)
            return;
        _hash.AppendData(_window, (int)(_hashed - _start), (int)(end - _hashed));
        _hashed = end;
    }

    /// <summary>Opens the blobs that are in the window whole.</summary>
    /// <returns>The first that is not.</returns>
    private int Open(ReadOnlySpan<int> entries, int next, CancellationToken cancellation)
    {
        for (; next < entries.Length; next++)
        {
            cancellation.ThrowIfCancellationRequested();
            var blob = index.Blobs[entries[next]].Blob;
            if (blob.Offset < _end || blob.Length > Array.MaxLength)
            {
                // Opened in place, so the bytes of the one before are gone; and a hostile index could have the same bytes opened a million times.
                _outcome.Add(FindingRules.NotContiguous, "It overlaps another blob, or is larger than any program writes.", entries[next]);
                continue;
            }

            if (blob.End > _start + _filled)
                break;
            _end = blob.End;
            Hash(_end);
            Open(entries[next], blob, cancellation);
        }

        return next;
    }

    private void Open(int entry, PackedBlob blob, CancellationToken cancellation)
    {
        int from = (int)(blob.Offset - _start);
        int length = (int)blob.Length - MasterKey.Overhead;
        var plaintext = new ArraySegment<byte>(_window, from + MasterKey.NonceBytes, length);
        if (!repository.Key.TryOpen(_window.AsSpan(from, (int)blob.Length), plaintext))
        {
            _outcome.Add(FindingRules.BlobNotAuthentic, "Its bytes are not those that were sealed.", entry);
            return;
        }

        try
        {
            long content = length;
            var digest = blob.IsCompressed ? HashContent(plaintext, out content, cancellation) : Sha256Digest.Of(plaintext);
            if (digest != blob.Id.Digest)
                _outcome.Add(FindingRules.BlobNotAsNamed, $"Its {content} bytes hash to {digest}.", entry);
            else if (content != blob.PlaintextLength && _header?.Contains(blob) is not false)
                _outcome.Add(FindingRules.BlobLength, $"It has {content} bytes; header and index say {blob.PlaintextLength}.", entry);
        }
        catch (InvalidDataException error)
        {
            _outcome.Add(FindingRules.BlobMalformed, error.Message, entry);
        }
    }

    /// <summary>In memory where it fits, else piece by piece: a few bytes may truly hold gigabytes.</summary>
    private Sha256Digest HashContent(ArraySegment<byte> frames, out long length, CancellationToken cancellation)
    {
        long bound = Zstd.ContentBound(frames);
        if (bound > WindowBytes)
            return Zstd.Hash(frames, uint.MaxValue, out length, cancellation);
        if (bound > _content.Length)
            _content = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(bound, 2L * _content.Length), WindowBytes));
        length = Zstd.Decompress(frames, _content);
        return Sha256Digest.Of(_content.AsSpan(0, (int)length));
    }

    /// <summary>Keeps what belongs to the next blob, and makes room for the rest of it.</summary>
    private async Task SlideAsync(ReadOnlyMemory<int> entries, int next, CancellationToken cancellation)
    {
        long read = _start + _filled;
        var blob = next < entries.Length ? index.Blobs[entries.Span[next]].Blob : default;
        long keepFrom = next < entries.Length ? Math.Clamp(blob.Offset, _start, read) : read;
        Hash(keepFrom);
        int kept = (int)(read - keepFrom);
        _window.AsSpan(_filled - kept, kept).CopyTo(_window);
        (_start, _filled) = (keepFrom, kept);
        if (kept > 0 && read < _file.SizeBytes)
            await DemandAsync((int)Math.Min(blob.Length, _file.SizeBytes - keepFrom), cancellation);
    }

    private async Task DemandAsync(int length, CancellationToken cancellation)
    {
        if (length > WindowBytes && !_holdsLarge)
        {
            await large.WaitAsync(cancellation);
            _holdsLarge = true;
        }

        Demand(length);
    }

    private void Demand(int length)
    {
        if (length <= _window.Length)
            return;
        byte[] larger = GC.AllocateUninitializedArray<byte>(length);
        _window.AsSpan(0, _filled).CopyTo(larger);
        _window = larger;
    }

    private void GiveBackLarge()
    {
        if (!_holdsLarge)
            return;
        _window = [];
        _holdsLarge = false;
        large.Release();
    }

    private PackedBlob[]? ReadHeader()
    {
        try
        {
            return PackReader.ReadHeader(_file.Id, repository.Key, _window.AsSpan(0, _filled));
        }
        catch (DamagedRepositoryException error)
        {
            _outcome.Add(FindingRules.HeaderUnreadable, error.Message);
            return null;
        }
    }

    private async Task<PackedBlob[]?> ReadHeaderAsync(CancellationToken cancellation)
    {
        try
        {
            return await repository.LoadPackHeaderAsync(_file, cancellation);
        }
        catch (DamagedRepositoryException error)
        {
            _outcome.Add(FindingRules.HeaderUnreadable, error.Message);
            return null;
        }
    }

    private void Compare(int pack, PackedBlob[] header)
    {
        if (header.SequenceEqual(index.BlobsOf(pack)))
            return;
        var blobs = index.BlobsOf(pack).ToArray();
        int lacking = header.Except(blobs).Count();
        if (blobs.Except(header).Any())
            _outcome.Add(FindingRules.HeaderDisagrees, $"The header lists {header.Length} blobs, the index {blobs.Length}; {lacking} of the header's are not in the index.");
        else
            _outcome.Add(FindingRules.IndexIncomplete, $"{lacking} of its {header.Length} blobs are not in the index.");
    }
}
