using System.Diagnostics.CodeAnalysis;

namespace DocIngest.Backup.Encoding;

/// <summary>
/// An instant with the zone it was written in: the same instant in another zone is another tree, and days and weeks of the forget
/// policy are those of the zone (restic-format 9.7 and 15).
/// </summary>
public readonly record struct ZonedTime
{
    /// <summary>Bytes of the longest written form.</summary>
    public const int MaxLength = 35;   // 2006-01-02T15:04:05.999999999+07:00

    private const int SecondsPerDay = 86_400;
    private const int LongestOffset = 24 * 60;
    private const int FractionDigits = 9;

    /// <summary>So near the end of <see cref="long"/> that no calendar step from here overflows. Far beyond the years that can be written.</summary>
    private const long Farthest = long.MaxValue / 16;

    private readonly short _offsetMinutes;

    /// <param name="instant">When.</param>
    /// <param name="offsetMinutes">Minutes ahead of UTC, less than a day either way.</param>
    /// <exception cref="ArgumentOutOfRangeException">An offset of a day or more.</exception>
    public ZonedTime(UnixTime instant, int offsetMinutes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offsetMinutes, LongestOffset);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offsetMinutes, -LongestOffset);
        Instant = instant;
        _offsetMinutes = (short)offsetMinutes;
    }

    /// <summary>When, wherever.</summary>
    public UnixTime Instant { get; }

    /// <summary>Minutes ahead of UTC. Zero in the trees that this program writes: the zone would change their ids with every summer.</summary>
    public int OffsetMinutes => _offsetMinutes;

    /// <summary>Days since 1970-01-01 on the calendar of the zone.</summary>
    internal long LocalDay => CivilDate.FloorDivide(LocalSeconds, SecondsPerDay);

    /// <summary>Seconds since midnight in the zone.</summary>
    internal int LocalSecondOfDay => (int)(LocalSeconds - (LocalDay * SecondsPerDay));

    private long LocalSeconds => Math.Clamp(Instant.Seconds, -Farthest, Farthest) + (_offsetMinutes * 60L);

    /// <summary>Reads what Go reads as RFC 3339: upper-case <c>T</c> and <c>Z</c>, any number of fraction digits (those beyond nine are dropped), a zone.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ZonedTime time)
    {
        time = default;
        return text is not null && TryParse(System.Text.Encoding.UTF8.GetBytes(text), out time);
    }

    /// <inheritdoc cref="TryParse(string?, out ZonedTime)" />
    public static bool TryParse(ReadOnlySpan<byte> utf8, out ZonedTime time)
    {
        time = default;

        // 0123-56-89T12:45:78 and then a fraction or a zone.
        if (utf8.Length < 20 || utf8[4] != '-' || utf8[7] != '-' || utf8[10] != 'T' || utf8[13] != ':' || utf8[16] != ':')
            return false;
        if (!TryNumber(utf8[..4], out int year) || !TryNumber(utf8.Slice(5, 2), out int month) || !TryNumber(utf8.Slice(8, 2), out int day) ||
            !TryNumber(utf8.Slice(11, 2), out int hour) || !TryNumber(utf8.Slice(14, 2), out int minute) || !TryNumber(utf8.Slice(17, 2), out int second))
            return false;
        var date = new CivilDate(year, month, day);
        if (!date.Exists || hour > 23 || minute > 59 || second > 59)
            return false;
        if (!TryFraction(utf8[19..], out int nanoseconds, out int fractionLength) || !TryOffset(utf8[(19 + fractionLength)..], out int offset))
            return false;

        long local = (date.ToDays() * SecondsPerDay) + (hour * 3600) + (minute * 60) + second;
        time = new ZonedTime(new UnixTime(local - (offset * 60L), nanoseconds), offset);
        return true;
    }

    /// <summary>Writes RFC 3339: the fraction without trailing zeros, offset zero as <c>Z</c>. Years are clamped to 0000 to 9999.</summary>
    /// <returns>Bytes written, at most <see cref="MaxLength"/>.</returns>
    public int WriteTo(Span<byte> utf8)
    {
        var date = CivilDate.FromDays(LocalDay);
        if (date.Year is < 0 or > 9999)
            date = CivilDate.FromDays((date with { Year = Math.Clamp(date.Year, 0, 9999) }).ToDays());   // February 29th becomes March 1st
        int second = LocalSecondOfDay;
        Digits(utf8[..4], (int)date.Year);
        utf8[4] = (byte)'-';
        Digits(utf8.Slice(5, 2), date.Month);
        utf8[7] = (byte)'-';
        Digits(utf8.Slice(8, 2), date.Day);
        utf8[10] = (byte)'T';
        Digits(utf8.Slice(11, 2), second / 3600);
        utf8[13] = (byte)':';
        Digits(utf8.Slice(14, 2), second / 60 % 60);
        utf8[16] = (byte)':';
        Digits(utf8.Slice(17, 2), second % 60);
        int length = 19 + WriteFraction(utf8[19..]);
        return length + WriteOffset(utf8[length..]);
    }

    /// <summary>RFC 3339 in the zone.</summary>
    public override string ToString()
    {
        Span<byte> utf8 = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(utf8[..WriteTo(utf8)]);
    }

    private int WriteFraction(Span<byte> utf8)
    {
        if (Instant.Nanoseconds == 0)
            return 0;
        utf8[0] = (byte)'.';
        Digits(utf8.Slice(1, FractionDigits), Instant.Nanoseconds);
        return utf8[..(1 + FractionDigits)].TrimEnd((byte)'0').Length;
    }

    private int WriteOffset(Span<byte> utf8)
    {
        if (_offsetMinutes == 0)
        {
            utf8[0] = (byte)'Z';
            return 1;
        }

        int minutes = Math.Abs((int)_offsetMinutes);
        utf8[0] = (byte)(_offsetMinutes < 0 ? '-' : '+');
        Digits(utf8.Slice(1, 2), minutes / 60);
        utf8[3] = (byte)':';
        Digits(utf8.Slice(4, 2), minutes % 60);
        return 6;
    }

    private static bool TryFraction(ReadOnlySpan<byte> rest, out int nanoseconds, out int length)
    {
        nanoseconds = 0;
        length = 0;
        if (rest[0] != '.')
            return true;
        var digits = rest[1..];
        int count = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count <= 0)
            return false;   // none, or nothing after them
        for (int i = 0; i < FractionDigits; i++)
            nanoseconds = (nanoseconds * 10) + (i < count ? digits[i] - '0' : 0);
        length = 1 + count;
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> zone, out int minutes)
    {
        minutes = 0;
        if (zone is [(byte)'Z'])
            return true;
        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':' ||
            !TryNumber(zone.Slice(1, 2), out int hour) || !TryNumber(zone.Slice(4, 2), out int minute) || hour > 23 || minute > 59)
            return false;
        minutes = ((hour * 60) + minute) * (zone[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            number = (number * 10) + digit - '0';
        }

        return true;
    }

    private static void Digits(Span<byte> destination, int number)
    {
        for (int i = destination.Length - 1; i >= 0; i--, number /= 10)
            destination[i] = (byte)('0' + (number % 10));
    }
}
