using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DocIngest.Pipeline.Records;

/// <summary>Names one record, one OCFL object and one claim: a version 7 UUID (RFC 9562, 5.7), drawn when a scan is claimed.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct RecordId(Guid Value) : IComparable<RecordId>
{
    private const string UrnPrefix = "urn:uuid:";

    /// <summary>
    /// The first 63 significant bits in time order: 42 bits of milliseconds, 12 of counter, 9 of random. Newer ids have larger
    /// keys; equal keys (one in two million within a millisecond, across processes) are told apart by the whole id.
    /// </summary>
    public long OrderKey
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            ulong high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            ulong low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
            ulong milliseconds = high >> 16;
            return (long)((milliseconds << 21) | ((high & 0xFFF) << 9) | ((low >> 53) & 0x1FF));
        }
    }

    /// <summary>When the id was drawn, to the millisecond.</summary>
    public DateTimeOffset DrawnAt => DateTimeOffset.FromUnixTimeMilliseconds(OrderKey >> 21);

    /// <summary>The smallest <see cref="OrderKey"/> of ids drawn at or after an instant.</summary>
    public static long FirstOrderKeyAt(DateTimeOffset instant) => Math.Max(0, instant.ToUnixTimeMilliseconds()) << 21;

    /// <summary>Reads a bare UUID or <c>urn:uuid:</c> form.</summary>
    public static bool TryParse(string? text, out RecordId id)
    {
        if (text is not null && text.StartsWith(UrnPrefix, StringComparison.OrdinalIgnoreCase))
        {
            text = text[UrnPrefix.Length..];
        }

        bool read = Guid.TryParseExact(text, "D", out var value);
        id = new RecordId(value);
        return read;
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">No such form.</exception>
    public static RecordId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException("A record id is a UUID, bare or as urn:uuid:.");

    /// <summary>The UUID without prefix, for folder names.</summary>
    public string ToBareString() => Value.ToString("D");

    /// <summary>The OCFL object id, <c>urn:uuid:…</c>.</summary>
    public override string ToString() => UrnPrefix + ToBareString();

    /// <inheritdoc />
    public int CompareTo(RecordId other) => string.CompareOrdinal(ToBareString(), other.ToBareString());
}

/// <summary>Draws record ids that grow strictly within this process, also within one millisecond (RFC 9562, 6.2 method 1).</summary>
public sealed class RecordIdSource(TimeProvider time)
{
    private const int CounterLimit = 0x1000;

    private readonly Lock _gate = new();
    private long _milliseconds;
    private int _counter;

    /// <summary>The next id. A clock set back is not followed until it has caught up.</summary>
    public RecordId Draw()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        lock (_gate)
        {
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _milliseconds)
            {
                _milliseconds = now;
                _counter = bytes[6];   // starts in the lowest sixteenth: room for 3,840 more in this millisecond
            }
            else if (++_counter == CounterLimit)
            {
                _milliseconds++;
                _counter = 0;
            }

            BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)_milliseconds << 16) | 0x7000 | (uint)_counter);
        }

        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new RecordId(new Guid(bytes, bigEndian: true));
    }
}
