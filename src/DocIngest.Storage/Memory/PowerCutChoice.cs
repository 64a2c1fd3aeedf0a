namespace DocIngest.Storage;

/// <summary>What a power cut does to changes that were not flushed yet: one behaviour of the disk and its file system.</summary>
/// <remarks>What each stands for is in the remarks of <see cref="MemoryVolume"/>.</remarks>
public sealed class PowerCutChoice
{
    private readonly string _name;
    private readonly Func<int, int, bool, ChangeFate> _fate;

    private PowerCutChoice(string name, Func<int, int, bool, ChangeFate> fate)
    {
        _name = name;
        _fate = fate;
    }

    /// <summary>Nothing since the last flush is left.</summary>
    public static PowerCutChoice KeepNothing { get; } = new("keep nothing", (_, _, _) => ChangeFate.Lost);

    /// <summary>All had reached the disk by chance.</summary>
    public static PowerCutChoice KeepAll { get; } = new("keep all", (_, _, _) => ChangeFate.Kept);

    /// <summary>Names and renames are there; files written since the last flush are empty (XFS, ext4 with delayed allocation).</summary>
    public static PowerCutChoice NamesWithoutData { get; } = new("names without data", OnData(ChangeFate.Lost));

    /// <summary>Names and lengths are there, the bytes are zeros (ext4 data=writeback, sparse extents).</summary>
    public static PowerCutChoice ZeroedData { get; } = new("zeroed data", OnData(ChangeFate.Zeroed));

    /// <summary>Names are there; of each write only the first half arrived.</summary>
    public static PowerCutChoice TornData { get; } = new("torn data", OnData(ChangeFate.Torn));

    /// <summary>Only the first <paramref name="count"/> changes arrived: a file system that keeps order.</summary>
    public static PowerCutChoice KeepFirst(int count) =>
        new($"keep first {count}", (index, _, _) => index < count ? ChangeFate.Kept : ChangeFate.Lost);

    /// <summary>Only the last <paramref name="count"/> changes arrived: the later overtook the earlier.</summary>
    public static PowerCutChoice KeepLast(int count) =>
        new($"keep last {count}", (index, total, _) => index >= total - count ? ChangeFate.Kept : ChangeFate.Lost);

    /// <summary>Exactly the changes whose bit is set arrived; changes from the 64th on did not. Count up to enumerate all subsets.</summary>
    public static PowerCutChoice Subset(ulong kept) =>
        new($"subset {kept:x}", (index, _, _) => index < 64 && (kept >> index & 1) != 0 ? ChangeFate.Kept : ChangeFate.Lost);

    /// <summary>Each change is kept or lost, each write kept, lost, torn or zeroed, as the seed draws it.</summary>
    public static PowerCutChoice Random(int seed) => new($"seed {seed}", (index, _, isData) => Draw(seed, index, isData));

    /// <summary>Every named behaviour, then <paramref name="seeds"/> random ones: what a crash test runs through.</summary>
    public static IEnumerable<PowerCutChoice> Samples(int seeds) =>
        new[] { KeepNothing, KeepAll, NamesWithoutData, ZeroedData, TornData, KeepFirst(1), KeepLast(1) }
            .Concat(Enumerable.Range(1, seeds).Select(Random));

    /// <summary>What to write in a test's failure message, so that it can be run again.</summary>
    public override string ToString() => _name;

    internal ChangeFate FateOf(int index, int count, bool isData) => _fate(index, count, isData);

    private static Func<int, int, bool, ChangeFate> OnData(ChangeFate fate) =>
        (_, _, isData) => isData ? fate : ChangeFate.Kept;

    // A hash instead of a generator: the fate of a change depends on its number alone, whatever was asked before.
    private static ChangeFate Draw(int seed, int index, bool isData)
    {
        uint mixed = (uint)(((ulong)(uint)seed << 32 | (uint)index) * 0x9E3779B97F4A7C15 >> 32);
        mixed ^= mixed >> 15;
        mixed *= 0x2C1B3C6D;
        mixed ^= mixed >> 12;
        return isData ? (ChangeFate)(mixed & 3) : (ChangeFate)(mixed & 1);
    }
}

/// <summary>What became of one change. The first two are the only ones a change of names can meet: a rename is whole or not at all.</summary>
internal enum ChangeFate
{
    /// <summary>Never reached the disk.</summary>
    Lost,

    /// <summary>Reached it whole.</summary>
    Kept,

    /// <summary>The length is there, the bytes are zeros.</summary>
    Zeroed,

    /// <summary>The first half is there.</summary>
    Torn,
}
