namespace DocIngest.Backup.Indexes;

/// <summary>A bit for each entry of a <see cref="BlobIndex"/>: what a set of ids would need fifty times the memory for.</summary>
/// <remarks>May be set and asked from several threads at once. The bit of a blob is that of its first entry, <see cref="BlobIndex.Find"/>.</remarks>
/// <param name="count">Entries of the index; those that come later have no bit.</param>
internal sealed class EntryMarks(int count)
{
    private const int BitsPerWord = 64;

    private readonly ulong[] _words = new ulong[(count + BitsPerWord - 1) / BitsPerWord];

    /// <summary>Entries that have a bit.</summary>
    internal int Length => count;

    /// <summary>Whether the bit of this entry is set.</summary>
    internal bool this[int number]
    {
        get
        {
            DemandKnown(number);
            return (Volatile.Read(ref _words[number / BitsPerWord]) & Bit(number)) != 0;
        }
    }

    /// <summary>Sets a bit. True for the one caller who set it.</summary>
    internal bool TrySet(int number)
    {
        DemandKnown(number);
        ref ulong word = ref _words[number / BitsPerWord];
        if ((Volatile.Read(ref word) & Bit(number)) != 0)
            return false;   // the most frequent case by far, without disturbing other threads
        return (Interlocked.Or(ref word, Bit(number)) & Bit(number)) == 0;
    }

    private void DemandKnown(int number) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)count);

    private static ulong Bit(int number) => 1UL << (number % BitsPerWord);
}
