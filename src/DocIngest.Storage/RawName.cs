using System.Buffers;
using System.Text;

namespace DocIngest.Storage;

/// <summary>
/// Carries a Linux file name, which is bytes, in a <see cref="string"/> without loss: valid UTF-8 as itself, each other byte
/// 0x80 to 0xFF as the lone surrogate U+DC80 to U+DCFF (PEP 383, "surrogateescape").
/// </summary>
public static class RawName
{
    private const char EscapeStart = '\uDC00';

    /// <summary>The string that carries these bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out int used) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                used = 1;
                text.Append((char)(EscapeStart + bytes[0]));
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>The bytes this string carries.</summary>
    /// <exception cref="ArgumentException">A lone surrogate that <see cref="FromBytes"/> never makes.</exception>
    public static byte[] ToBytes(string name)
    {
        var bytes = new ArrayBufferWriter<byte>(name.Length + 8);
        for (int at = 0; at < name.Length;)
        {
            if (Rune.TryGetRuneAt(name, at, out var rune))
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                at += rune.Utf16SequenceLength;
            }
            else if (name[at] is >= '\uDC80' and <= '\uDCFF')
            {
                bytes.GetSpan(1)[0] = (byte)(name[at] - EscapeStart);
                bytes.Advance(1);
                at++;
            }
            else
            {
                throw new ArgumentException("The name holds a lone surrogate that stands for no byte.", nameof(name));
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The name fit for people: escaped bytes as <c>\xE9</c>, control characters as <c>\n</c>, <c>\x1B</c>, backslashes doubled.</summary>
    public static string ToDisplay(string name)
    {
        if (!name.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\\'))
        {
            return name;
        }

        var text = new StringBuilder(name.Length + 8);
        for (int at = 0; at < name.Length; at++)
        {
            char c = name[at];
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                _ when char.IsControl(c) => text.Append($"\\x{(int)c:X2}"),
                _ when at + 1 < name.Length && char.IsSurrogatePair(name, at) => text.Append(c).Append(name[++at]),
                _ when char.IsSurrogate(c) => text.Append($"\\x{c - EscapeStart:X2}"),
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }
}
