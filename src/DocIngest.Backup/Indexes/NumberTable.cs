namespace DocIngest.Backup.Indexes;

/// <summary>A hash table of nothing but numbers: what they stand for is kept elsewhere. 5 to 8 bytes a number.</summary>
/// <remarks>Open addressing, linear. One thread adds; any may search, and finds what was added before its search began.</remarks>
/// <param name="hashOf">The hash of what a number stands for; uniform, and at hand for all numbers that were added.</param>
internal sealed class NumberTable(Func<int, ulong> hashOf)
{
    private const int Smallest = 256;
    private const double FullAt = 0.8;   // longer chains than that cost more than memory
    private const double GrowBy = 1.5;   // twice would leave up to 10 bytes a number unused

    /// <summary>Odd and secret: who writes files to be backed up must not choose which of them collide.</summary>
    private readonly ulong _mixer = (ulong)Random.Shared.NextInt64() | 1;

    private volatile uint[] _slots = new uint[Smallest];   // number + 1; 0 is free
    private int _limit = (int)(Smallest * FullAt);

    /// <summary>Adds the next number: 0, 1, 2 and so on. What it stands for must be complete already.</summary>
    internal void Add(int number)
    {
        if (number >= _limit)
            Grow(number);
        Insert(_slots, number);
    }

    /// <summary>All numbers of this hash, and some others.</summary>
    internal Candidates Find(ulong hash) => new(_slots, Slot(hash, _slots.Length));

    private void Grow(int count)
    {
        uint[] slots = new uint[(int)Math.Min(_slots.Length * GrowBy, Array.MaxLength)];
        for (int number = 0; number < count; number++)
            Insert(slots, number);
        _limit = (int)(slots.Length * FullAt);
        _slots = slots;
    }

    private void Insert(uint[] slots, int number)
    {
        int slot = Slot(hashOf(number), slots.Length);
        while (slots[slot] != 0)
            slot = slot + 1 == slots.Length ? 0 : slot + 1;
        Volatile.Write(ref slots[slot], (uint)number + 1);
    }

    private int Slot(ulong hash, int length) => (int)Math.BigMul(hash * _mixer, (ulong)length, out _);

    /// <summary>Walks from the slot of a hash to the next free one.</summary>
    internal ref struct Candidates(uint[] slots, int first)
    {
        private int _next = first;

        public int Current { get; private set; }

        public readonly Candidates GetEnumerator() => this;

        public bool MoveNext()
        {
            uint taken = Volatile.Read(ref slots[_next]);
            if (taken == 0)
                return false;
            _next = _next + 1 == slots.Length ? 0 : _next + 1;
            Current = (int)(taken - 1);
            return true;
        }
    }
}
