using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace DocIngest.Backup.Encoding;

/// <summary>Writes JSON to the byte as Go's <c>encoding/json</c> does: the id of a tree is the hash of these bytes (restic-format 9.2).</summary>
/// <remarks>
/// The framework's writers escape other characters and write upper-case hexadecimal. Nothing here checks the order of calls but for
/// commas: the callers are straight-line code with byte-exact tests.
/// </remarks>
internal sealed class GoJson(int capacity = 1024)
{
    /// <summary>What a byte that is no UTF-8 becomes. A real U+FFFD stays as it is, so the two can be told apart.</summary>
    private static ReadOnlySpan<byte> InvalidByte => "\\ufffd"u8;

    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x60).Select(b => (byte)b).Where(b => !"\"\\<>&"u8.Contains(b))]);

    private byte[] _buffer = new byte[capacity];
    private int _length;
    private bool _afterValue;

    /// <summary>All bytes so far. Valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Starts anew with the same memory.</summary>
    internal void Clear()
    {
        _length = 0;
        _afterValue = false;
    }

    internal void BeginObject() => Begin((byte)'{');

    internal void EndObject() => End((byte)'}');

    internal void BeginArray() => Begin((byte)'[');

    internal void EndArray() => End((byte)']');

    /// <summary>A key of the present object; its value comes next.</summary>
    /// <param name="name">Needs no escapes.</param>
    internal void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        Append((byte)'"');
        Append(name);
        Append("\":"u8);
        _afterValue = false;
    }

    /// <summary>As <see cref="Name"/>, for a key that may need escapes.</summary>
    internal void Key(string name)
    {
        String(name);
        Append((byte)':');
        _afterValue = false;
    }

    internal void Null() => Raw("null"u8);

    internal void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    internal void Number(long value)
    {
        Separate();
        _ = Utf8Formatter.TryFormat(value, Room(20), out int length);   // 20 digits are always enough
        Wrote(length);
    }

    internal void Number(ulong value)
    {
        Separate();
        _ = Utf8Formatter.TryFormat(value, Room(20), out int length);   // 20 digits are always enough
        Wrote(length);
    }

    internal void Time(ZonedTime value)
    {
        Separate();
        var text = Room(ZonedTime.MaxLength + 2);
        text[0] = (byte)'"';
        int length = 1 + value.WriteTo(text[1..]);
        text[length] = (byte)'"';
        Wrote(length + 1);
    }

    internal void Digest(Sha256Digest value)
    {
        Separate();
        Span<byte> hash = stackalloc byte[Sha256Digest.SizeBytes];
        value.WriteTo(hash);
        var text = Room(Sha256Digest.HexLength + 2);
        text[0] = (byte)'"';
        _ = Convert.TryToHexStringLower(hash, text[1..], out _);   // the span is long enough
        text[Sha256Digest.HexLength + 1] = (byte)'"';
        Wrote(Sha256Digest.HexLength + 2);
    }

    /// <summary>Standard alphabet with padding.</summary>
    internal void Base64(ReadOnlySpan<byte> value)
    {
        Separate();
        Append((byte)'"');
        var text = Room(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(value.Length));
        _ = System.Buffers.Text.Base64.EncodeToUtf8(value, text, out _, out int length);   // the span is long enough
        _length += length;
        Append((byte)'"');
        _afterValue = true;
    }

    internal void String(string value) => String(System.Text.Encoding.UTF8.GetBytes(value));

    /// <param name="value">UTF-8; bytes that are none become <c>\ufffd</c>.</param>
    internal void String(ReadOnlySpan<byte> value)
    {
        Separate();
        Append((byte)'"');
        for (int plain = value.IndexOfAnyExcept(Plain); plain >= 0; plain = value.IndexOfAnyExcept(Plain))
        {
            Append(value[..plain]);
            value = value[(plain + Special(value[plain..]))..];
        }

        Append(value);
        Append((byte)'"');
        _afterValue = true;
    }

    /// <summary>A value that is JSON already. White space between its parts is dropped, and what Go escapes in HTML is escaped.</summary>
    /// <param name="json">Well-formed.</param>
    internal void Compacted(ReadOnlySpan<byte> json)
    {
        Separate();
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte b = json[i];
            if (!inString && b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
                continue;
            if (inString && b == '\\')
                Append(json[i++]);   // whatever is escaped follows as it is: a quote must not end the string
            else if (b == '"')
                inString = !inString;
            if (b is (byte)'<' or (byte)'>' or (byte)'&' || IsLineSeparator(json[i..]))
                i += Special(json[i..]) - 1;
            else
                Append(json[i]);
        }

        _afterValue = true;
    }

    /// <summary>The bytes as they are, as a value.</summary>
    internal void Raw(ReadOnlySpan<byte> json)
    {
        Separate();
        Append(json);
        _afterValue = true;
    }

    /// <summary>A line feed after everything, as Go's encoder ends a document.</summary>
    internal void LineFeed() => Append((byte)'\n');

    /// <summary>Writes the first character of what is not plain, and tells how many bytes of it are done.</summary>
    private int Special(ReadOnlySpan<byte> value)
    {
        byte first = value[0];
        if (first < 0x80)
        {
            Ascii(first);
            return 1;
        }

        if (IsLineSeparator(value))
        {
            Append(value[2] == 0xa8 ? "\\u2028"u8 : "\\u2029"u8);
            return 3;
        }

        if (Rune.DecodeFromUtf8(value, out _, out int length) == OperationStatus.Done)
        {
            Append(value[..length]);
            return length;
        }

        Append(InvalidByte);
        return 1;
    }

    private void Ascii(byte character)
    {
        var escape = character switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => [],
        };
        if (!escape.IsEmpty)
        {
            Append(escape);
            return;
        }

        Append("\\u00"u8);
        Append((byte)"0123456789abcdef"[character >> 4]);
        Append((byte)"0123456789abcdef"[character & 0xf]);
    }

    /// <summary>U+2028 and U+2029, which end a line of JavaScript.</summary>
    private static bool IsLineSeparator(ReadOnlySpan<byte> value) => value is [0xe2, 0x80, 0xa8 or 0xa9, ..];

    private void Begin(byte bracket)
    {
        Separate();
        Append(bracket);
        _afterValue = false;
    }

    private void End(byte bracket)
    {
        Append(bracket);
        _afterValue = true;
    }

    private void Separate()
    {
        if (_afterValue)
            Append((byte)',');
    }

    private void Wrote(int length)
    {
        _length += length;
        _afterValue = true;
    }

    private void Append(byte b)
    {
        if (_length == _buffer.Length)
            Room(1);
        _buffer[_length++] = b;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>At least so many bytes behind what is written.</summary>
    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
            Array.Resize(ref _buffer, checked((int)Math.Min(Math.Max(2L * _buffer.Length, (long)_length + length), Array.MaxLength)));
        return _buffer.AsSpan(_length);
    }
}
