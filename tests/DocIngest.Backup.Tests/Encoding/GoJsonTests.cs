using System.Text.Json;
using CsCheck;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Tests.Encoding;

public sealed class GoJsonTests
{
    [Theory]
    [InlineData("plain ~\u007f", "plain ~\u007f")]
    [InlineData("\"\\/'+", "\\\"\\\\/'+")]
    [InlineData("\n\r\t\b\f", "\\n\\r\\t\\b\\f")]
    [InlineData("\0\u0001\u000b\u001f", "\\u0000\\u0001\\u000b\\u001f")]
    [InlineData("<a>&", "\\u003ca\\u003e\\u0026")]
    [InlineData("\u2027\u2028\u2029\u202a", "\u2027\\u2028\\u2029\u202a")]
    [InlineData("äé漢\U0001F4AF\u00a0\ufffd", "äé漢\U0001F4AF\u00a0\ufffd")]
    public void Strings_are_escaped_as_Go_escapes_them(string text, string inside)
    {
        var json = new GoJson();
        json.String(text);
        Assert.Equal($"\"{inside}\"", Text(json));
    }

    [Fact]
    public void Each_byte_that_is_no_text_becomes_an_escaped_replacement()
    {
        var json = new GoJson();
        json.String([(byte)'a', 0xff, 0xe2, 0x80, (byte)'b', 0xed, 0xa0, 0x80]);
        Assert.Equal("\"a\\ufffd\\ufffd\\ufffdb\\ufffd\\ufffd\\ufffd\"", Text(json));
    }

    [Fact]
    public void Values_are_separated_where_Go_separates_them()
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("a"u8);
        json.BeginArray();
        json.EndArray();
        json.Name("b"u8);
        json.BeginArray();
        json.Number(ulong.MaxValue);
        json.Number(long.MinValue);
        json.Boolean(true);
        json.Null();
        json.BeginObject();
        json.EndObject();
        json.Base64([0xfb, 0xff]);
        json.Base64([]);
        json.Time(new ZonedTime(new UnixTime(0, 5)));
        json.EndArray();
        json.EndObject();
        json.LineFeed();
        Assert.Equal("""{"a":[],"b":[18446744073709551615,-9223372036854775808,true,null,{},"+/8=","","1970-01-01T00:00:00.000000005Z"]}""" + "\n", Text(json));
    }

    [Fact]
    public void A_cleared_writer_starts_anew()
    {
        var json = new GoJson();
        json.Number(1L);
        json.Clear();
        json.Digest(Sha256Digest.Of([]));
        Assert.Equal("\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"", Text(json));
    }

    [Theory]
    [InlineData("{ \"a\" : [ 1 , \"x  y\" ] }\n", "{\"a\":[1,\"x  y\"]}")]
    [InlineData("\"a\\\" b\"", "\"a\\\" b\"")]
    [InlineData("\"a\\\\\" ", "\"a\\\\\"")]
    [InlineData("\"<>&\u2028\u2029\"", "\"\\u003c\\u003e\\u0026\\u2028\\u2029\"")]
    [InlineData("\"ä\\u00e4\"", "\"ä\\u00e4\"")]
    public void Foreign_JSON_is_compacted(string given, string compact)
    {
        var json = new GoJson();
        json.Compacted(System.Text.Encoding.UTF8.GetBytes(given));
        Assert.Equal(compact, Text(json));
    }

    [Fact]
    public void The_framework_reads_every_string_back() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
    {
        var json = new GoJson();
        json.String(text);
        return JsonSerializer.Deserialize<string>(json.Written.Span) == text;
    });

    [Theory]
    [InlineData("a\\u00e9\\\"\\\\\\/\\b\\f\\n\\r\\t", "aé\"\\/\b\f\n\r\t")]
    [InlineData("\\ud83d\\udcaf", "\U0001F4AF")]
    [InlineData("\\ud83dx", "\ufffdx")]
    [InlineData("\\udcaf\\ud83d", "\ufffd\ufffd")]
    [InlineData("\\ud83d\\u0041", "\ufffdA")]
    [InlineData("\\ud83d\\ud83d\\udcaf", "\ufffd\U0001F4AF")]
    [InlineData("\\uD83D\\uDCAF", "\U0001F4AF")]
    public void Escapes_are_read_as_Go_reads_them(string inside, string text) =>
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(GoJsonText.Unescape(System.Text.Encoding.UTF8.GetBytes(inside))));

    [Fact]
    public void Bytes_that_are_no_text_are_read_as_replacements() =>
        Assert.Equal("a\ufffd\ufffdb", System.Text.Encoding.UTF8.GetString(GoJsonText.Unescape([(byte)'a', 0xff, 0xfe, (byte)'b'])));

    [Fact]
    public void What_the_framework_escapes_is_read_back() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
        System.Text.Encoding.UTF8.GetString(GoJsonText.Unescape(JsonSerializer.SerializeToUtf8Bytes(text).AsSpan()[1..^1])) == text);

    private static string Text(GoJson json) => System.Text.Encoding.UTF8.GetString(json.Written.Span);
}
