using System.Diagnostics.CodeAnalysis;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>Where every blob lies, in about 54 bytes a blob; a blob may lie in several packs.</summary>
/// <remarks>
/// <para>Entries are numbered from 0 in the order they came and never change, so that who works on all blobs can keep a bit for each
/// instead of a set of ids. Hashing is open addressing over the numbers.</para>
/// <para>May be asked from several threads while another adds: what was added is found by every call that begins later.</para>
/// </remarks>
public sealed class BlobIndex
{
    private const int SmallestTable = 1024;
    private const double FullAt = 0.8;   // longer chains than that cost more than memory
    private const double GrowBy = 1.5;   // twice would leave up to 10 bytes a blob unused

    /// <summary>Odd and secret: who writes files to be backed up must not choose which of them collide.</summary>
    private readonly ulong _mixer = (ulong)Random.Shared.NextInt64() | 1;

    private readonly Lock _gate = new();
    private readonly IndexEntries _entries = new();

    // Written under _gate, read by anybody.
    private volatile uint[] _table = new uint[SmallestTable];   // number + 1; 0 is free
    private volatile FileId[] _packs = new FileId[16];
    private volatile int _packCount;

    // Under _gate.
    private readonly Dictionary<FileId, int> _packNumbers = [];
    private readonly HashSet<(BlobType Type, BlobId Id)> _pending = [];

    /// <summary>Entries so far; a blob in two packs counts twice.</summary>
    public int Count => _entries.Count;

    /// <summary>Packs so far.</summary>
    public int PackCount => _packCount;

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
        foreach (int number in new Chain(this, type, id))
            return number;
        return -1;
    }

    /// <summary>The numbers of all entries of a blob.</summary>
    public IReadOnlyList<int> FindAll(BlobType type, BlobId id)
    {
        var numbers = new List<int>(1);
        foreach (int number in new Chain(this, type, id))
            numbers.Add(number);
        return numbers;
    }

    /// <summary>Adds the blobs of a pack, and releases those of them that were reserved. Adding the same again changes nothing.</summary>
    public void Add(FileId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        lock (_gate)
        {
            bool isKnown = _packNumbers.TryGetValue(pack, out int packNumber);
            if (!isKnown)
                packNumber = AddPack(pack);
            foreach (var blob in blobs)
            {
                if (!isKnown || !Holds(packNumber, blob))
                    Add(packNumber, blob);
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

    /// <summary>Gives up what <see cref="TryReserve"/> took, without having stored it.</summary>
    public void Release(BlobType type, BlobId id)
    {
        lock (_gate)
            _pending.Remove((type, id));
    }

    private IndexEntry Read(int number)
    {
        ref readonly var stored = ref _entries[number];
        return new IndexEntry(stored.PackNumber, _packs[stored.PackNumber], stored.ToBlob());
    }

    private int AddPack(FileId pack)
    {
        int number = _packCount;
        if (number == _packs.Length)
        {
            var larger = new FileId[number * 3 / 2];
            _packs.CopyTo(larger, 0);
            _packs = larger;
        }

        _packs[number] = pack;
        _packCount = number + 1;
        _packNumbers.Add(pack, number);
        return number;
    }

    private bool Holds(int packNumber, PackedBlob blob)
    {
        foreach (int number in new Chain(this, blob.Type, blob.Id))
        {
            ref readonly var stored = ref _entries[number];
            if (stored.PackNumber == packNumber && stored.ToBlob() == blob)
                return true;
        }

        return false;
    }

    private void Add(int packNumber, PackedBlob blob)
    {
        int number = _entries.Add(new IndexEntries.Stored(packNumber, blob));
        if (number + 1 > _table.Length * FullAt)
            _table = Rehashed((int)Math.Min(_table.Length * GrowBy, Array.MaxLength));
        else
            Insert(_table, number);
    }

    private uint[] Rehashed(int length)
    {
        uint[] table = new uint[length];
        for (int number = 0; number < _entries.Count; number++)
            Insert(table, number);
        return table;
    }

    /// <summary>The entry is complete before its number can be seen.</summary>
    private void Insert(uint[] table, int number)
    {
        int slot = Slot(_entries[number].Id, table.Length);
        while (table[slot] != 0)
            slot = slot + 1 == table.Length ? 0 : slot + 1;
        Volatile.Write(ref table[slot], (uint)number + 1);
    }

    private int Slot(BlobId id, int length) => (int)Math.BigMul(id.Digest.Hash * _mixer, (ulong)length, out _);

    /// <summary>Walks the entries of one blob.</summary>
    [SuppressMessage("Design", "CA1815", Justification = "Lives for one loop.")]
    private ref struct Chain(BlobIndex index, BlobType type, BlobId id)
    {
        private readonly uint[] _table = index._table;
        private int _slot = -1;

        public int Current { get; private set; }

        public readonly Chain GetEnumerator() => this;

        public bool MoveNext()
        {
            while (true)
            {
                _slot = _slot < 0 ? index.Slot(id, _table.Length) : _slot + 1 == _table.Length ? 0 : _slot + 1;
                uint taken = Volatile.Read(ref _table[_slot]);
                if (taken == 0)
                    return false;
                Current = (int)(taken - 1);
                ref readonly var stored = ref index._entries[Current];
                if (stored.Id == id && stored.Type == type)
                    return true;
            }
        }
    }
}

/// <summary>One place of a blob.</summary>
/// <param name="PackNumber">For <see cref="BlobIndex.Pack"/>.</param>
/// <param name="Pack">The pack.</param>
/// <param name="Blob">The blob and where it lies in the pack.</param>
public readonly record struct IndexEntry(int PackNumber, FileId Pack, PackedBlob Blob);
