using System.Globalization;

namespace DocIngest.Backup.Checks;

/// <summary>Which packs a check reads whole. Closed: only the cases below exist.</summary>
public abstract record PackReading
{
    private PackReading()
    {
    }

    /// <summary>None: structure only. Damage inside data packs stays unknown.</summary>
    public sealed record Nothing : PackReading;

    /// <summary>All of them (<c>--read-data</c>).</summary>
    public sealed record Everything : PackReading;

    /// <summary>One of several parts by the first byte of the name, as <c>--read-data-subset n/t</c> of restic: all parts together are all packs.</summary>
    public sealed record Part : PackReading
    {
        /// <summary>The most parts; restic's own figure.</summary>
        public const int MostParts = 256;

        /// <param name="number">Which part, from 1.</param>
        /// <param name="parts">Of how many; at most <see cref="MostParts"/>.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
        public Part(int number, int parts)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, MostParts);
            ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(number, parts);
            (Number, Parts) = (number, parts);
        }

        /// <summary>Which part.</summary>
        public int Number { get; }

        /// <summary>Of how many.</summary>
        public int Parts { get; }

        /// <summary>Reads <c>n/t</c>. False for anything else, and for parts that do not exist.</summary>
        public static bool TryParse(string? text, out Part part)
        {
            part = new Part(1, 1);
            string[] sides = text?.Split('/') ?? [];
            if (sides.Length != 2 || !TryRead(sides[0], out int number) || !TryRead(sides[1], out int parts))
                return false;
            if (number < 1 || parts > MostParts || number > parts)
                return false;
            part = new Part(number, parts);
            return true;
        }

        /// <summary>Whether a pack is in this part.</summary>
        internal bool Has(FileId pack) => FirstByte(pack) % Parts == Number - 1;

        private static bool TryRead(string side, out int number) => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out number);

        private static int FirstByte(FileId pack) => (int)(pack.Digest.Hash >> 56);
    }

    /// <summary>Those that were never read, then as much of the others as is due, so that all are read within a time, whenever it is run: those that were read longest ago.</summary>
    /// <param name="Pace">How much is due.</param>
    /// <param name="MostBytes">Bytes of packs that are read at most; one pack at least. Null for no limit.</param>
    public sealed record Due(ReadingPace Pace, long? MostBytes) : PackReading;

    /// <summary>Those that were never read, then those that were read longest ago, as long as the budget lasts; one at least.</summary>
    /// <param name="BudgetBytes">Bytes of packs.</param>
    public sealed record OldestFirst(long BudgetBytes) : PackReading;
}
