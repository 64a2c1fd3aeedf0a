using System.Diagnostics.CodeAnalysis;

namespace DocIngest.Backup.Encoding;

/// <summary>An instant with the nanoseconds of Linux file systems. <see cref="DateTimeOffset"/> has steps of 100 ns.</summary>
/// <remarks>Times cut to 100 ns would make every file look changed to a stock restic that backs up on top (restic-format 9.7).</remarks>
public readonly record struct UnixTime : IComparable<UnixTime>
{
    /// <summary>Bytes of the longest written form.</summary>
    public const int MaxLength = 30;   // 9999-12-31T23:59:59.999999999Z

    private const int NanosecondsPerTick = 100;
    private const int NanosecondsPerSecond = 1_000_000_000;

    /// <param name="seconds">Since 1970-01-01T00:00:00Z, rounded down.</param>
    /// <param name="nanoseconds">Beyond <paramref name="seconds"/>: 0 to 999,999,999, also before 1970.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nanoseconds of a second or more, or below zero.</exception>
    public UnixTime(long seconds, int nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nanoseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(nanoseconds, NanosecondsPerSecond);
        Seconds = seconds;
        Nanoseconds = nanoseconds;
    }

    /// <summary>Seconds since 1970-01-01T00:00:00Z, rounded down.</summary>
    public long Seconds { get; }

    /// <summary>What <see cref="Seconds"/> leaves out.</summary>
    public int Nanoseconds { get; }

    /// <summary>The present by this clock.</summary>
    public static UnixTime Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <summary>The same instant.</summary>
    public static UnixTime From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        long seconds = CivilDate.FloorDivide(ticks, TimeSpan.TicksPerSecond);
        return new UnixTime(seconds, (int)(ticks - (seconds * TimeSpan.TicksPerSecond)) * NanosecondsPerTick);
    }

    /// <summary>Reads RFC 3339 in any zone. One without a zone is refused: it names no instant.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out UnixTime time)
    {
        bool isTime = ZonedTime.TryParse(utf8, out var zoned);
        time = zoned.Instant;
        return isTime;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out UnixTime)" />
    public static bool TryParse([NotNullWhen(true)] string? text, out UnixTime time)
    {
        bool isTime = ZonedTime.TryParse(text, out var zoned);
        time = zoned.Instant;
        return isTime;
    }

    /// <summary>Writes RFC 3339 in UTC with <c>Z</c>, the fraction without trailing zeros. Years are clamped to 0000 to 9999.</summary>
    /// <returns>Bytes written, at most <see cref="MaxLength"/>.</returns>
    public int WriteTo(Span<byte> utf8) => new ZonedTime(this).WriteTo(utf8);

    /// <summary>The same instant to 100 ns, rounded down; the nearest there is for the years that <see cref="DateTimeOffset"/> lacks.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        if (this < From(DateTimeOffset.MinValue))
            return DateTimeOffset.MinValue;
        if (this > From(DateTimeOffset.MaxValue))
            return DateTimeOffset.MaxValue;
        return DateTimeOffset.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanoseconds / NanosecondsPerTick));
    }

    /// <inheritdoc />
    public int CompareTo(UnixTime other)
    {
        int order = Seconds.CompareTo(other.Seconds);
        return order != 0 ? order : Nanoseconds.CompareTo(other.Nanoseconds);
    }

    /// <summary>RFC 3339 in UTC.</summary>
    public override string ToString() => new ZonedTime(this).ToString();

    /// <summary>Earlier than.</summary>
    public static bool operator <(UnixTime left, UnixTime right) => left.CompareTo(right) < 0;

    /// <summary>Later than.</summary>
    public static bool operator >(UnixTime left, UnixTime right) => left.CompareTo(right) > 0;

    /// <summary>No later than.</summary>
    public static bool operator <=(UnixTime left, UnixTime right) => left.CompareTo(right) <= 0;

    /// <summary>No earlier than.</summary>
    public static bool operator >=(UnixTime left, UnixTime right) => left.CompareTo(right) >= 0;

    /// <summary>The time between, to 100 ns; the longest there is where that is too short.</summary>
    public static TimeSpan operator -(UnixTime later, UnixTime earlier)
    {
        var ticks = (((Int128)later.Seconds - earlier.Seconds) * TimeSpan.TicksPerSecond) +
            ((later.Nanoseconds - earlier.Nanoseconds) / NanosecondsPerTick);
        return new TimeSpan((long)Int128.Clamp(ticks, long.MinValue, long.MaxValue));
    }
}
