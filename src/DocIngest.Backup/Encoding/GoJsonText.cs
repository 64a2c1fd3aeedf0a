using System.Buffers;
using System.Text;

namespace DocIngest.Backup.Encoding;

/// <summary>Reads the inside of JSON strings to bytes as Go does: what is no Unicode becomes U+FFFD instead of an error.</summary>
internal static class GoJsonText
{
    private const byte Backslash = (byte)'\\';

    /// <param name="raw">Between the quotes, with well-formed escapes (as <see cref="System.Text.Json.Utf8JsonReader"/> has checked).</param>
    /// <returns>UTF-8; the argument itself where there is nothing to replace.</returns>
    internal static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains(Backslash) && System.Text.Unicode.Utf8.IsValid(raw))
            return raw;

        var text = new ArrayBufferWriter<byte>(raw.Length + 8);
        while (!raw.IsEmpty)
        {
            int used = raw[0] == Backslash ? Escape(raw, out var rune) : Plain(raw, out rune);
            text.Advance(rune.EncodeToUtf8(text.GetSpan(4)));
            raw = raw[used..];
        }

        return text.WrittenSpan;
    }

    private static int Plain(ReadOnlySpan<byte> raw, out Rune rune) =>
        Rune.DecodeFromUtf8(raw, out rune, out int used) == OperationStatus.Done ? used : 1;   // else the rune is U+FFFD, one for each byte

    private static int Escape(ReadOnlySpan<byte> raw, out Rune rune)
    {
        if (raw[1] != 'u')
        {
            rune = new Rune((char)(raw[1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var itself => itself,
            }));
            return 2;
        }

        char first = Unit(raw);
        if (char.IsHighSurrogate(first) && raw.Length >= 12 && raw[6] == Backslash && raw[7] == 'u' &&
            Rune.TryCreate(first, Unit(raw[6..]), out rune))
            return 12;
        if (!Rune.TryCreate(first, out rune))
            rune = Rune.ReplacementChar;
        return 6;
    }

    private static char Unit(ReadOnlySpan<byte> escape)
    {
        _ = System.Buffers.Text.Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x');   // four digits: checked by the reader
        return (char)unit;
    }
}
