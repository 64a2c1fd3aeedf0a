using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>Where every blob lies, in about 54 bytes a blob; a blob may lie in several packs.</summary>
/// <remarks>
/// <para>Entries are numbered from 0 in the order they came and never change, so that who works on all blobs can keep a bit for each
/// instead of a set of ids. Packs are numbered likewise.</para>
/// <para>May be asked from several threads while another adds: what was added is found by every call that begins later.</para>
/// </remarks>
public sealed class BlobIndex
{
    private readonly GrowingList<StoredEntry> _entries = new();
    private readonly NumberTable _entryTable;
    private readonly GrowingList<FileId> _packs = new();
    private readonly NumberTable _packTable;

    private readonly Lock _gate = new();

    // Under _gate, as is adding to the above.
    private readonly HashSet<(BlobType Type, BlobId Id)> _pending = [];

    /// <summary>An index of nothing.</summary>
    public BlobIndex()
    {
        _entryTable = new NumberTable(number => _entries[number].Id.Digest.Hash);
        _packTable = new NumberTable(number => _packs[number].Digest.Hash);
    }

    /// <summary>Entries so far; a blob in two packs counts twice.</summary>
    public int Count => _entries.Count;

    /// <summary>Packs so far.</summary>
    public int PackCount => _packs.Count;

    /// <summary>The entry of this number, from 0 to <see cref="Count"/>.</summary>
    public IndexEntry this[int number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Count);
            return Read(number);
        }
    }

    /// <summary>The pack of this number, from 0 to <see cref="PackCount"/>.</summary>
    public FileId Pack(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)PackCount);
        return _packs[number];
    }

    /// <summary>The number of a pack, or -1.</summary>
    public int FindPack(FileId pack)
    {
        foreach (int number in _packTable.Find(pack.Digest.Hash))
        {
            if (_packs[number] == pack)
                return number;
        }

        return -1;
    }

    /// <summary>Whether the blob lies in some pack.</summary>
    public bool Contains(BlobType type, BlobId id) => Find(type, id) >= 0;

    /// <summary>Where a blob lies; of several places the one that became known first.</summary>
    public bool TryFind(BlobType type, BlobId id, out IndexEntry entry)
    {
        int number = Find(type, id);
        entry = number >= 0 ? Read(number) : default;
        return number >= 0;
    }

    /// <summary>The number of a blob's first entry, or -1.</summary>
    public int Find(BlobType type, BlobId id)
    {
        foreach (int number in _entryTable.Find(id.Digest.Hash))
        {
            if (IsOf(number, type, id))
                return number;
        }

        return -1;
    }

    /// <summary>The numbers of all entries of a blob.</summary>
    public IReadOnlyList<int> FindAll(BlobType type, BlobId id)
    {
        var numbers = new List<int>(1);
        foreach (int number in _entryTable.Find(id.Digest.Hash))
        {
            if (IsOf(number, type, id))
                numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Adds the blobs of a pack, and releases those of them that were reserved. Adding the same again changes nothing.</summary>
    public void Add(FileId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        lock (_gate)
        {
            int packNumber = FindPack(pack);
            bool isKnown = packNumber >= 0;
            if (!isKnown)
                _packTable.Add(packNumber = _packs.Add(pack));
            foreach (var blob in blobs)
            {
                if (!isKnown || !Holds(packNumber, blob))
                    _entryTable.Add(_entries.Add(new StoredEntry(packNumber, blob)));
                _pending.Remove((blob.Type, blob.Id));
            }
        }
    }

    /// <summary>Takes it upon the caller to store a blob. False where it is stored already, or another has taken it upon him.</summary>
    public bool TryReserve(BlobType type, BlobId id)
    {
        lock (_gate)
            return Find(type, id) < 0 && _pending.Add((type, id));
    }

    /// <summary>Blobs that somebody has taken upon him to store, and that no pack is known to hold yet.</summary>
    internal int PendingCount
    {
        get
        {
            lock (_gate)
                return _pending.Count;
        }
    }

    /// <summary>Gives up what <see cref="TryReserve"/> took, without having stored it.</summary>
    public void Release(BlobType type, BlobId id)
    {
        lock (_gate)
            _pending.Remove((type, id));
    }

    private bool IsOf(int number, BlobType type, BlobId id)
    {
        ref readonly var stored = ref _entries[number];
        return stored.Id == id && stored.Type == type;
    }

    private bool Holds(int packNumber, PackedBlob blob)
    {
        foreach (int number in _entryTable.Find(blob.Id.Digest.Hash))
        {
            ref readonly var stored = ref _entries[number];
            if (stored.PackNumber == packNumber && stored.ToBlob() == blob)
                return true;
        }

        return false;
    }

    private IndexEntry Read(int number)
    {
        ref readonly var stored = ref _entries[number];
        return new IndexEntry(stored.PackNumber, _packs[stored.PackNumber], stored.ToBlob());
    }
}

/// <summary>One place of a blob.</summary>
/// <param name="PackNumber">For <see cref="BlobIndex.Pack"/>.</param>
/// <param name="Pack">The pack.</param>
/// <param name="Blob">The blob and where it lies in the pack.</param>
public readonly record struct IndexEntry(int PackNumber, FileId Pack, PackedBlob Blob);
