using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DocIngest.Backup.Encoding;

/// <summary>Go's <c>strconv.Quote</c> and <c>Unquote</c> without the outer quotes: how a tree carries names, which are bytes (restic-format 9.3).</summary>
/// <remarks>
/// What is printable follows the framework's Unicode tables and so its version: a newly assigned character may be written here and
/// escaped by an older program. Everybody reads both.
/// </remarks>
internal static class GoQuote
{
    private const byte Backslash = (byte)'\\';
    private const byte Quotation = (byte)'"';

    private static readonly SearchValues<byte> PrintableAscii =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b).Where(b => b is not (Backslash or Quotation))]);

    /// <summary>Makes printable UTF-8 of any bytes.</summary>
    /// <returns>The argument itself where there is nothing to escape.</returns>
    internal static ReadOnlySpan<byte> Quote(ReadOnlySpan<byte> name)
    {
        int plain = name.IndexOfAnyExcept(PrintableAscii);
        if (plain < 0)
            return name;

        var quoted = new ArrayBufferWriter<byte>(name.Length + 16);
        quoted.Write(name[..plain]);
        for (name = name[plain..]; !name.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out int length) == OperationStatus.Done)
            {
                Quote(rune, name[..length], quoted);
            }
            else
            {
                length = 1;
                Hex(quoted, 'x', name[0], 2);
            }

            name = name[length..];
        }

        return quoted.WrittenSpan;
    }

    /// <summary>Reads every escape that Go reads in a double-quoted string: also three octal digits and upper-case hexadecimal.</summary>
    /// <returns>False for what Go calls invalid syntax; restic cannot read a tree with such a name.</returns>
    internal static bool TryUnquote(ReadOnlySpan<byte> quoted, [NotNullWhen(true)] out byte[]? name)
    {
        name = null;
        if (quoted.Contains((byte)'\n'))
            return false;
        if (!quoted.ContainsAny(Backslash, Quotation))
        {
            name = quoted.ToArray();
            return true;
        }

        var bytes = new ArrayBufferWriter<byte>(quoted.Length + 4);
        while (!quoted.IsEmpty)
        {
            int used;
            if (quoted[0] == Backslash)
            {
                used = Escape(quoted, bytes);
            }
            else
            {
                used = quoted.IndexOfAny(Backslash, Quotation) is var next and >= 0 ? next : quoted.Length;
                bytes.Write(quoted[..used]);
            }

            if (used == 0)
                return false;   // a malformed escape, or a quotation mark without one
            quoted = quoted[used..];
        }

        name = bytes.WrittenSpan.ToArray();
        return true;
    }

    /// <summary>Go's <c>strconv.IsPrint</c>: letters, marks, numbers, punctuation, symbols and the ASCII space.</summary>
    internal static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is
        <= UnicodeCategory.OtherNumber or (>= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherSymbol);

    private static void Quote(Rune rune, ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> quoted)
    {
        switch (rune.Value)
        {
            case Quotation or Backslash:
                quoted.Write([Backslash, utf8[0]]);
                break;
            case >= 7 and <= 13:
                quoted.Write([Backslash, "abtnvfr"u8[rune.Value - 7]]);
                break;
            case < ' ' or 0x7f:
                Hex(quoted, 'x', rune.Value, 2);
                break;
            case var _ when IsPrintable(rune):
                quoted.Write(utf8);
                break;
            default:
                Hex(quoted, rune.IsBmp ? 'u' : 'U', rune.Value, rune.IsBmp ? 4 : 8);
                break;
        }
    }

    private static void Hex(ArrayBufferWriter<byte> quoted, char kind, int value, int digits)
    {
        quoted.Write([Backslash, (byte)kind]);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
            quoted.Write(["0123456789abcdef"u8[(value >> shift) & 0xf]]);
    }

    /// <summary>Reads one escape.</summary>
    /// <returns>How many bytes of it were read; zero for a malformed one.</returns>
    private static int Escape(ReadOnlySpan<byte> quoted, ArrayBufferWriter<byte> bytes)
    {
        if (quoted.Length < 2)
            return 0;
        return quoted[1] switch
        {
            (byte)'x' => Byte(quoted, 2, 2, 16, bytes),
            >= (byte)'0' and <= (byte)'7' => Byte(quoted, 1, 3, 8, bytes),
            (byte)'u' => Character(quoted, 4, bytes),
            (byte)'U' => Character(quoted, 8, bytes),
            var letter => Letter(letter, bytes),
        };
    }

    private static int Letter(byte letter, ArrayBufferWriter<byte> bytes)
    {
        int control = "abtnvfr"u8.IndexOf(letter);
        if (control < 0 && letter is not (Backslash or Quotation))
            return 0;   // among them \' : Go takes it in single quotes only
        bytes.Write([control < 0 ? letter : (byte)(control + 7)]);
        return 2;
    }

    private static int Byte(ReadOnlySpan<byte> quoted, int start, int digits, int radix, ArrayBufferWriter<byte> bytes)
    {
        if (!TryNumber(quoted, start, digits, radix, out long value) || value > byte.MaxValue)
            return 0;
        bytes.Write([(byte)value]);
        return start + digits;
    }

    private static int Character(ReadOnlySpan<byte> quoted, int digits, ArrayBufferWriter<byte> bytes)
    {
        if (!TryNumber(quoted, 2, digits, 16, out long value) || value > int.MaxValue || !Rune.TryCreate((int)value, out var rune))
            return 0;
        bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
        return 2 + digits;
    }

    private static bool TryNumber(ReadOnlySpan<byte> quoted, int start, int digits, int radix, out long value)
    {
        value = 0;
        if (quoted.Length < start + digits)
            return false;
        foreach (byte digit in quoted.Slice(start, digits))
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            int number = Convert.ToInt32(((char)digit).ToString(), 16);
            if (number >= radix)
                return false;
            value = (value * radix) + number;
        }

        return true;
    }
}
