using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DocIngest.Pipeline.Audit;

/// <summary>
/// A line of the chain as it is stored: <c>{"prev":"…","seq":…, … ,"hash":"…"}</c>. Its hash is the SHA-256 of all its bytes before <c>,"hash":</c>;
/// among these is the hash of the line before it, so that <c>sha256sum</c> alone verifies it.
/// </summary>
internal sealed class AuditLine
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const string ClockBehind = "behind";

    private static ReadOnlySpan<byte> PrevStart => "{\"prev\":\""u8;

    private static ReadOnlySpan<byte> HashStart => ",\"hash\":\""u8;

    private static ReadOnlySpan<byte> HashEnd => "\"}"u8;

    private static int HashLength => HashStart.Length + AuditHash.Digits + HashEnd.Length;

    /// <summary>The hash of the line before it.</summary>
    public required AuditHash Prev { get; init; }

    /// <summary>Its number, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Its number in the ledger's outbox, where it came from there.</summary>
    public required long? Outbox { get; init; }

    /// <summary>Where the chain does not simply go on.</summary>
    public required AuditBreak? Break { get; init; }

    /// <summary>SHA-256 of the statement, where it says that another key signs the days.</summary>
    public string? KeyStatement { get; init; }

    /// <summary>The hash that stands in it.</summary>
    public required AuditHash Hash { get; init; }

    /// <summary>Whether its bytes have that hash.</summary>
    public required bool IsIntact { get; init; }

    /// <summary>Writes a line, with its line feed.</summary>
    /// <param name="to">Where.</param>
    /// <param name="happened">What it says.</param>
    /// <param name="prev">The hash of the line before it.</param>
    /// <param name="seq">Its number.</param>
    /// <param name="time">When it is recorded; cut to microseconds.</param>
    /// <param name="isClockBehind">Whether the line before it, or its file, is of a later time: the clock was set back.</param>
    /// <param name="outbox">Its number in the ledger's outbox.</param>
    /// <returns>Its hash.</returns>
    public static AuditHash Write(
        ArrayBufferWriter<byte> to, AuditEvent happened, AuditHash prev, long seq, DateTimeOffset time, bool isClockBehind, long? outbox)
    {
        int start = to.WrittenCount;
        using (var json = new Utf8JsonWriter(to))
        {
            json.WriteStartObject();
            json.WriteString("prev", prev.Hex);
            json.WriteNumber("seq", seq);
            json.WriteString("time", InWords(time));
            WriteWhat(json, happened);
            WriteWith(json, happened);
            if (isClockBehind)
            {
                json.WriteString("clock", ClockBehind);
            }

            if (outbox is { } number)
            {
                json.WriteNumber("outbox", number);
            }

            json.WriteString("correlation", happened.Correlation);
            json.Flush();   // without the closing brace: what stands here is what is hashed
        }

        var hash = AuditHash.Of(to.WrittenSpan[start..]);
        to.Write(HashStart);
        to.Write(Encoding.ASCII.GetBytes(hash.Hex));
        to.Write(HashEnd);
        to.Write("\n"u8);
        return hash;
    }

    /// <summary>Reads a line, without its line feed; null where it has not the form of one.</summary>
    public static AuditLine? TryRead(ReadOnlyMemory<byte> line)
    {
        var bytes = line.Span;
        if (bytes.Length < PrevStart.Length + AuditHash.Digits + HashLength || !bytes.StartsWith(PrevStart) || !bytes.EndsWith(HashEnd)
            || !bytes[^HashLength..].StartsWith(HashStart)
            || !AuditHash.TryParse(Encoding.ASCII.GetString(bytes.Slice(PrevStart.Length, AuditHash.Digits)), out var prev)
            || !AuditHash.TryParse(Encoding.ASCII.GetString(bytes[^(AuditHash.Digits + HashEnd.Length)..^HashEnd.Length]), out var hash))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return root.TryGetProperty("seq", out var seq) && seq.TryGetInt64(out long number) && root.TryGetProperty("time", out var time)
                && TryParseTime(time.GetString(), out var recorded)
                ? new AuditLine
                {
                    Prev = prev,
                    Seq = number,
                    Time = recorded,
                    Outbox = root.TryGetProperty("outbox", out var outbox) && outbox.TryGetInt64(out long place) ? place : null,
                    Break = root.TryGetProperty("break", out var broken) ? ReadBreak(broken) : null,
                    KeyStatement = root.TryGetProperty("type", out var type) && type.ValueEquals(AuditType.Key) && root.TryGetProperty("digest", out var digest) ? digest.GetString() : null,
                    Hash = hash,
                    IsIntact = AuditHash.Of(bytes[..^HashLength]) == hash,
                }
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)   // no JSON, or other kinds of values
        {
            return null;
        }
    }

    /// <summary>An instant as lines have it.</summary>
    public static string InWords(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static bool TryParseTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static void WriteWhat(Utf8JsonWriter json, AuditEvent happened)
    {
        json.WriteString("type", happened.Type);
        json.WriteString("subtype", happened.Subtype);
        json.WriteString("action", happened.Action);
        json.WriteString("outcome", happened.Outcome);
        if (happened.Occurred is { } occurred)
        {
            json.WriteString("occurred", InWords(occurred));
        }

        if (happened.Purpose is { } purpose)
        {
            json.WriteString("purpose", purpose);
        }

        if (happened.Reason is { } reason)
        {
            json.WriteString("reason", reason);
        }

        json.WriteStartObject("agent");
        json.WriteString("account", happened.Agent.Account);
        json.WriteString("address", happened.Agent.Address);
        json.WriteString("kind", happened.Agent.Kind);
        json.WriteEndObject();
        json.WriteStartObject("source");
        json.WriteString("host", happened.Source.Host);
        json.WriteString("service", happened.Source.Service);
        json.WriteString("version", happened.Source.Version);
        json.WriteEndObject();
    }

    private static void WriteWith(Utf8JsonWriter json, AuditEvent happened)
    {
        if (happened.Entities.Count > 0)
        {
            json.WriteStartArray("entities");
            foreach (var entity in happened.Entities)
            {
                json.WriteStartObject();
                json.WriteString("kind", entity.Kind);
                json.WriteString("id", entity.Id);
                if (entity.Version is { } version)
                {
                    json.WriteNumber("version", version);
                }

                if (entity.Inventory is { } inventory)
                {
                    json.WriteString("inventory", inventory);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (happened.Count is { } count)
        {
            json.WriteNumber("count", count);
        }

        if (happened.Digest is { } digest)
        {
            json.WriteString("digest", digest);
        }

        if (happened.Break is { } broken)
        {
            WriteBreak(json, broken);
        }
    }

    private static void WriteBreak(Utf8JsonWriter json, AuditBreak broken)
    {
        json.WriteStartObject("break");
        json.WriteString("kind", broken.Kind);
        if (broken is { Segment: { } segment, Offset: { } offset, Bytes: { } bytes, Sha256: { } sha256 })
        {
            json.WriteString("segment", segment);
            json.WriteNumber("offset", offset);
            json.WriteNumber("bytes", bytes);
            json.WriteString("sha256", sha256);
        }

        if (broken is { Seq: { } seq, Hash: { } hash })
        {
            json.WriteNumber("seq", seq);
            json.WriteString("hash", hash);
        }

        json.WriteEndObject();
    }

    private static AuditBreak ReadBreak(JsonElement broken) => new(broken.TryGetProperty("kind", out var kind) ? kind.GetString() ?? "" : "")
    {
        Segment = broken.TryGetProperty("segment", out var segment) ? segment.GetString() : null,
        Offset = broken.TryGetProperty("offset", out var offset) ? offset.GetInt64() : null,
        Bytes = broken.TryGetProperty("bytes", out var bytes) ? bytes.GetInt64() : null,
        Sha256 = broken.TryGetProperty("sha256", out var sha256) ? sha256.GetString() : null,
        Seq = broken.TryGetProperty("seq", out var seq) ? seq.GetInt64() : null,
        Hash = broken.TryGetProperty("hash", out var hash) ? hash.GetString() : null,
    };
}
