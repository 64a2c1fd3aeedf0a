using System.Runtime.CompilerServices;
using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Repositories;

/// <summary>An opened repository: its files in the clear. What is read is authentic and is what its name says, or it is not given out.</summary>
/// <remarks>
/// May be used from several threads. Takes no locks: the operations do. List snapshots before loading the index, or a snapshot that
/// just came may refer to blobs that the index does not have (restic-format 12).
/// </remarks>
public sealed class Repository : IDisposable
{
    /// <summary>Blobs of more than this are held against the size of their pack before memory is taken for them.</summary>
    private const int TrustedBlobBytes = 16 * 1024 * 1024;

    private readonly UnpackedCodec _unpacked;

    private Repository(IRepositoryStore store, MasterKey key, FileId? keyId, RepositoryConfig config)
    {
        Store = store;
        Key = key;
        KeyId = keyId;
        Config = config;
        _unpacked = new UnpackedCodec(key, config.Version);
    }

    /// <summary>Where it lies.</summary>
    public IRepositoryStore Store { get; }

    /// <summary>Seals and opens everything in it.</summary>
    public MasterKey Key { get; }

    /// <summary>The key file that opened it; null where the master key came another way.</summary>
    public FileId? KeyId { get; }

    /// <summary>What holds for all of it.</summary>
    public RepositoryConfig Config { get; }

    /// <summary>Makes a new repository, of the newest version and with one password.</summary>
    /// <param name="store">An empty place, or one where making a repository with the same password was interrupted before there was a config.</param>
    /// <param name="password">The first password.</param>
    /// <param name="parameters">What guessing it shall cost. Where a key was left, it stays as it is.</param>
    /// <param name="origin">Who makes it.</param>
    /// <param name="cancellation">Gives up. The key is taken back; where that fails, the next call with the same password goes on with it.</param>
    /// <exception cref="RepositoryExistsException">There is a config, a snapshot, an index, a pack, or a key that the password does not open. Nothing changed.</exception>
    /// <remarks>The key comes first, then config, which makes it a repository (restic-format 4).</remarks>
    public static async Task<Repository> InitAsync(
        IRepositoryStore store, ReadOnlyMemory<byte> password, ScryptParameters parameters, KeyOrigin origin, CancellationToken cancellation)
    {
        var (opened, config) = await new RepositoryMaking(store, password, parameters, origin).RunAsync(cancellation);
        return new Repository(store, opened.Key, opened.Id, config);
    }

    /// <summary>Opens a repository with one of its passwords. Takes as long as the key derivation does.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="password">As its bytes are.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RepositoryNotFoundException">There is no config.</exception>
    /// <exception cref="WrongPasswordException">No key file opens with it.</exception>
    /// <exception cref="DamagedRepositoryException">Config or a key file is not what it must be.</exception>
    /// <exception cref="UnsupportedRepositoryException">Another format version, or another key derivation.</exception>
    public static async Task<Repository> OpenAsync(IRepositoryStore store, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        byte[] config = await ReadConfigAsync(store, cancellation);
        var opened = await new KeyRing(store).OpenAsync(password, cancellation);
        return Open(store, opened.Key, opened.Id, config);
    }

    /// <summary>Opens a repository with its master key, as escrow gives it back.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="key">Belongs to the repository from now on.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RepositoryNotFoundException">There is no config.</exception>
    /// <exception cref="DamagedRepositoryException">Config is not what it must be, or the key is that of another repository.</exception>
    /// <exception cref="UnsupportedRepositoryException">Another format version.</exception>
    public static async Task<Repository> OpenAsync(IRepositoryStore store, MasterKey key, CancellationToken cancellation) =>
        Open(store, key, null, await ReadConfigAsync(store, cancellation));

    /// <summary>The JSON of an index, snapshot or lock file.</summary>
    /// <exception cref="EntryNotFoundException">No such file.</exception>
    /// <exception cref="DamagedRepositoryException">Not what its name says, not authentic, or of no known form.</exception>
    public async Task<PooledBytes> LoadUnpackedAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        byte[] stored = await Store.ReadVerifiedAsync(kind, id, UnpackedCodec.MaxBytes, cancellation);
        return Guarded(kind, id, () => _unpacked.Decode(stored));
    }

    /// <summary>Saves the JSON of an index, snapshot or lock file, after it was found to read as it was written.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="UnsoundEncodingException">It does not. It was not saved.</exception>
    public async Task<FileId> SaveUnpackedAsync(FileKind kind, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var file = SealUnpacked(kind, json);
        await SaveAsync(file, cancellation);
        return file.Id;
    }

    /// <summary>The first half of <see cref="SaveUnpackedAsync"/>: nothing is saved yet, but the name is known.</summary>
    /// <exception cref="UnsoundEncodingException">It does not read as it was written.</exception>
    public SealedFile SealUnpacked(FileKind kind, ReadOnlyMemory<byte> json)
    {
        byte[] stored = _unpacked.Encode(json.Span);
        return new SealedFile(kind, FileId.Of(stored), stored);
    }

    /// <summary>The second half of <see cref="SaveUnpackedAsync"/>. Safe to repeat.</summary>
    public Task SaveAsync(SealedFile file, CancellationToken cancellation) => Store.SaveAsync(file.Kind, file.Id, file.Content, cancellation);

    /// <summary>A snapshot.</summary>
    /// <exception cref="EntryNotFoundException">No such snapshot.</exception>
    /// <exception cref="DamagedRepositoryException">It cannot be read.</exception>
    public async Task<Snapshot> LoadSnapshotAsync(FileId id, CancellationToken cancellation)
    {
        using var json = await LoadUnpackedAsync(FileKind.Snapshot, id, cancellation);
        return Guarded(FileKind.Snapshot, id, () => SnapshotCodec.Read(json.Memory));
    }

    /// <summary>Saves a snapshot. Everything it refers to must be durable and indexed already.</summary>
    public Task<FileId> SaveSnapshotAsync(Snapshot snapshot, CancellationToken cancellation) =>
        SaveUnpackedAsync(FileKind.Snapshot, SnapshotCodec.Write(snapshot), cancellation);

    /// <summary>All snapshots in no order, readable ones and others.</summary>
    public async IAsyncEnumerable<ListedSnapshot> ListSnapshotsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var file in Store.ListAsync(FileKind.Snapshot, cancellation))
        {
            Snapshot? snapshot = null;
            DamagedRepositoryException? fault = null;
            try
            {
                snapshot = await LoadSnapshotAsync(file.Id, cancellation);
            }
            catch (DamagedRepositoryException error)
            {
                fault = error;
            }
            catch (EntryNotFoundException)
            {
                continue;   // forgotten since it was listed
            }

            yield return new ListedSnapshot(file.Id, snapshot, fault);
        }
    }

    /// <summary>A lock.</summary>
    /// <exception cref="EntryNotFoundException">No such lock.</exception>
    /// <exception cref="DamagedRepositoryException">It cannot be read.</exception>
    public async Task<LockFile> LoadLockAsync(FileId id, CancellationToken cancellation)
    {
        using var json = await LoadUnpackedAsync(FileKind.Lock, id, cancellation);
        return Guarded(FileKind.Lock, id, () => LockFile.Read(json.Memory));
    }

    /// <summary>Loads all index files.</summary>
    /// <exception cref="DamagedRepositoryException">One of them cannot be read.</exception>
    public async Task<BlobIndex> LoadIndexAsync(CancellationToken cancellation)
    {
        var index = new BlobIndex();
        var files = new List<FileId>();
        await foreach (var file in Store.ListAsync(FileKind.Index, cancellation))
            files.Add(file.Id);
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(files, parallel, async (id, stop) => await LoadIndexFileAsync(id, index.Add, stop));
        return index;
    }

    /// <summary>Reads one index file pack by pack. Packs before a fault have been told.</summary>
    /// <exception cref="EntryNotFoundException">No such file.</exception>
    /// <exception cref="DamagedRepositoryException">It cannot be read.</exception>
    public Task LoadIndexFileAsync(FileId id, PackFound found, CancellationToken cancellation) => LoadIndexFileAsync(id, found, null, cancellation);

    /// <summary>As <see cref="LoadIndexFileAsync(FileId, PackFound, CancellationToken)"/>, with the packs that wait for their deletion.</summary>
    internal async Task LoadIndexFileAsync(FileId id, PackFound found, Action<MarkedPack>? marked, CancellationToken cancellation)
    {
        using var json = await LoadUnpackedAsync(FileKind.Index, id, cancellation);
        Guarded(FileKind.Index, id, () =>
        {
            IndexFileReader.Read(json.Span, found, marked);
            return true;
        });
    }

    /// <summary>The blobs that a pack itself says it has.</summary>
    /// <exception cref="EntryNotFoundException">No such pack.</exception>
    /// <exception cref="DamagedRepositoryException">Its header cannot be read.</exception>
    public async Task<PackedBlob[]> LoadPackHeaderAsync(StoredFile pack, CancellationToken cancellation) =>
        await PackReader.ReadHeaderAsync(Store, Key, pack, cancellation);

    /// <summary>The plaintext of a blob, from the first of its packs that gives it.</summary>
    /// <exception cref="DamagedRepositoryException">The index does not have it, or no pack gives it; this tells of the first.</exception>
    public async Task<PooledBytes> LoadBlobAsync(BlobIndex index, BlobType type, BlobId id, CancellationToken cancellation)
    {
        DamagedRepositoryException? first = null;
        foreach (int number in index.FindAll(type, id))
        {
            try
            {
                return await LoadBlobAsync(index[number], cancellation);
            }
            catch (DamagedRepositoryException error)
            {
                first ??= error;
            }
        }

        throw first ?? new DamagedRepositoryException(FileKind.Index, null, $"no index has the {type} blob {id}.");
    }

    /// <summary>The plaintext of a blob from this pack.</summary>
    /// <exception cref="DamagedRepositoryException">The pack is missing or does not give it.</exception>
    public async Task<PooledBytes> LoadBlobAsync(IndexEntry entry, CancellationToken cancellation)
    {
        try
        {
            if (entry.Blob.Length > TrustedBlobBytes)
                await DemandWithinPackAsync(entry, cancellation);
            using var sealedBlob = PooledBytes.Rent(checked((int)entry.Blob.Length));
            await Store.ReadAsync(FileKind.Pack, entry.Pack, entry.Blob.Offset, sealedBlob.Memory, cancellation);
            return BlobCodec.Decode(Key, entry.Blob.Id, entry.Blob.IsCompressed, sealedBlob.Span);
        }
        catch (EntryNotFoundException error)
        {
            throw new DamagedRepositoryException(FileKind.Pack, entry.Pack, "the pack is missing.", error);
        }
        catch (InvalidDataException error)
        {
            throw new DamagedRepositoryException(FileKind.Pack, entry.Pack, $"{entry.Blob.Type} blob {entry.Blob.Id}: {error.Message}", error);
        }
    }

    /// <summary>Reads a config as it was read when the repository was opened.</summary>
    /// <exception cref="DamagedRepositoryException">It is not what it must be.</exception>
    /// <exception cref="UnsupportedRepositoryException">Of a version that does not exist yet.</exception>
    internal RepositoryConfig ReadConfig(byte[] stored) => Guarded(FileKind.Config, null, () => OpenConfig(Key, stored));

    /// <summary>What encodes blobs for this repository. The caller disposes it.</summary>
    internal BlobCodec CreateBlobCodec(CompressionMode compression) => new(Key, compression, Config.Version);

    /// <summary>Wipes the master key.</summary>
    public void Dispose()
    {
        _unpacked.Dispose();
        Key.Dispose();
    }

    private static Repository Open(IRepositoryStore store, MasterKey key, FileId? keyId, byte[] config)
    {
        try
        {
            return new Repository(store, key, keyId, Guarded(FileKind.Config, null, () => OpenConfig(key, config)));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static RepositoryConfig OpenConfig(MasterKey key, byte[] stored)
    {
        byte[] json = new byte[Math.Max(stored.Length - MasterKey.Overhead, 0)];
        return key.TryOpen(stored, json) ? RepositoryConfig.Read(json) : throw new InvalidDataException("the file is not authentic.");
    }

    private static async Task<byte[]> ReadConfigAsync(IRepositoryStore store, CancellationToken cancellation) =>
        await store.ReadConfigAsync(cancellation)
        ?? throw new RepositoryNotFoundException($"{store.DisplayName}: there is no repository here (no file config).");

    private async Task DemandWithinPackAsync(IndexEntry entry, CancellationToken cancellation)
    {
        long size = await Store.FindAsync(FileKind.Pack, entry.Pack, cancellation)
            ?? throw new DamagedRepositoryException(FileKind.Pack, entry.Pack, "the pack is missing.");
        if (entry.Blob.End > size)
            throw new DamagedRepositoryException(FileKind.Pack, entry.Pack, $"a blob is said to end at {entry.Blob.End}, but the file has {size} bytes.");
        if (entry.Blob.Length > Array.MaxLength)
            throw new DamagedRepositoryException(FileKind.Pack, entry.Pack, $"a blob of {entry.Blob.Length} bytes is larger than any program writes.");
    }

    private static T Guarded<T>(FileKind kind, FileId? id, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException error)
        {
            throw new DamagedRepositoryException(kind, id, error.Message, error);
        }
    }
}

/// <summary>A snapshot as a listing tells it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Snapshot">Its content; null where it cannot be read.</param>
/// <param name="Fault">Why it cannot be read.</param>
public sealed record ListedSnapshot(FileId Id, Snapshot? Snapshot, DamagedRepositoryException? Fault);

/// <summary>A file ready to be saved.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its name.</param>
/// <param name="Content">Its bytes, sealed.</param>
public sealed record SealedFile(FileKind Kind, FileId Id, ReadOnlyMemory<byte> Content);
