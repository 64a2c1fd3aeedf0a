using CsCheck;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Tests.Encoding;

public sealed class GoQuoteTests
{
    /// <summary>Bytes that make and break UTF-8 and escapes when they meet.</summary>
    private static readonly byte[] Fragments = [.. "\\\"xu07aUbnf\n\t\u007f"u8, 0xC3, 0xA9, 0xE2, 0x80, 0xA8, 0xED, 0xA0, 0xF0, 0x9F, 0x92, 0xAF, 0xFF, 0x00];

    private static readonly Gen<byte[]> Tricky = Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 24];

    [Theory]
    [InlineData("plain name.pdf", "plain name.pdf")]
    [InlineData("q\"uote", "q\\\"uote")]
    [InlineData("single'quote", "single'quote")]
    [InlineData("back\\slash", "back\\\\slash")]
    [InlineData("tab\there", "tab\\there")]
    [InlineData("\a\b\f\n\r\t\v", "\\a\\b\\f\\n\\r\\t\\v")]
    [InlineData("\u0001\u001f\u007f\0", "\\x01\\x1f\\x7f\\x00")]
    [InlineData("nbsp\u00a0x", "nbsp\\u00a0x")]
    [InlineData("\u0085", "\\u0085")]
    [InlineData("\u00ad\u200b\ufeff\u3000\u2028", "\\u00ad\\u200b\\ufeff\\u3000\\u2028")]
    [InlineData("\ue000", "\\ue000")]
    [InlineData("\uffff", "\\uffff")]
    [InlineData("\U000E0001tag", "\\U000e0001tag")]
    [InlineData("\U0010FFFF", "\\U0010ffff")]
    [InlineData("\U0001F4AF", "\U0001F4AF")]
    [InlineData("äé漢\u0301½€", "äé漢\u0301½€")]
    [InlineData("\ufffd", "\ufffd")]
    public void Text_is_quoted_as_Go_quotes_it(string name, string quoted)
    {
        Assert.Equal(quoted, Quoted(System.Text.Encoding.UTF8.GetBytes(name)));
        Assert.Equal(name, Unquoted(quoted));
    }

    [Theory]
    [InlineData("62 61 64 ff fe 75", "bad\\xff\\xfeu")]
    [InlineData("ed a0 80", "\\xed\\xa0\\x80")]   // a lone surrogate in WTF-8
    [InlineData("c0 80", "\\xc0\\x80")]   // overlong
    [InlineData("f0 9f 92", "\\xf0\\x9f\\x92")]
    [InlineData("e2 82 41", "\\xe2\\x82A")]
    [InlineData("f4 90 80 80", "\\xf4\\x90\\x80\\x80")]   // beyond U+10FFFF
    public void Each_byte_that_is_no_text_is_escaped(string bytes, string quoted)
    {
        byte[] name = Convert.FromHexString(bytes.Replace(" ", ""));
        Assert.Equal(quoted, Quoted(name));
        Assert.True(GoQuote.TryUnquote(System.Text.Encoding.UTF8.GetBytes(quoted), out byte[]? read));
        Assert.Equal(name, read);
    }

    [Theory]
    [InlineData("\\101\\060", "A0")]
    [InlineData("\\x4A\\u00E9\\U0001f4AF", "Jé\U0001F4AF")]
    [InlineData("\\\\x41", "\\x41")]
    [InlineData("\t", "\t")]   // as it is: Go minds only a line feed
    public void Every_escape_of_Go_is_read(string quoted, string name) => Assert.Equal(name, Unquoted(quoted));

    [Theory]
    [InlineData("\\q")]
    [InlineData("\\")]
    [InlineData("a\\")]
    [InlineData("\\'")]
    [InlineData("\\x4")]
    [InlineData("\\x4g")]
    [InlineData("\\400")]
    [InlineData("\\08")]
    [InlineData("\\1")]
    [InlineData("\\u123")]
    [InlineData("\\ud800")]
    [InlineData("\\U00110000")]
    [InlineData("\\UFFFFFFFF")]
    [InlineData("a\"b")]
    [InlineData("\"")]
    [InlineData("a\nb")]
    public void A_malformed_escape_is_refused(string quoted) =>
        Assert.False(GoQuote.TryUnquote(System.Text.Encoding.UTF8.GetBytes(quoted), out _));

    [Fact]
    public void Any_bytes_come_back() => Gen.OneOf(Gen.Byte.Array[0, 64], Tricky).Sample(name =>
    {
        var quoted = GoQuote.Quote(name);
        return System.Text.Unicode.Utf8.IsValid(quoted) && GoQuote.TryUnquote(quoted, out byte[]? read) && read.AsSpan().SequenceEqual(name);
    });

    [Fact]
    public void No_bytes_break_the_reader() => Tricky.Sample(quoted => { _ = GoQuote.TryUnquote(quoted, out _); });

    [Fact]
    public void Names_through_JSON_come_back() => Gen.OneOf(Gen.Byte.Array[0, 64], Tricky).Sample(name =>
    {
        var json = new GoJson();
        json.String(GoQuote.Quote(name));
        var text = GoJsonText.Unescape(json.Written.Span[1..^1]);
        return GoQuote.TryUnquote(text, out byte[]? read) && read.AsSpan().SequenceEqual(name);
    });

    [Fact]
    public void What_is_printable_is_decided_by_category()
    {
        Assert.All("aZ0_ ~é漢½€\u0301".EnumerateRunes(), rune => Assert.True(GoQuote.IsPrintable(rune)));
        Assert.All("\u00a0\u00ad\u1680\u2028\u202e\u3000\ue000\ufeff\u0378\0\u007f".EnumerateRunes(), rune => Assert.False(GoQuote.IsPrintable(rune)));
    }

    private static string Quoted(byte[] name) => System.Text.Encoding.UTF8.GetString(GoQuote.Quote(name));

    private static string Unquoted(string quoted)
    {
        Assert.True(GoQuote.TryUnquote(System.Text.Encoding.UTF8.GetBytes(quoted), out byte[]? name));
        return System.Text.Encoding.UTF8.GetString(name);
    }
}
