using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Terms that stand for a record's class, fields, flags, tags and text status in the full-text index. They begin with a private-use
/// character that is taken out of indexed text and of queries alike: no word can meet a tag.
/// </summary>
internal static class SearchTags
{
    /// <summary>Begins every tag. Private use: the tokenizer takes it for a letter.</summary>
    public const char Mark = '\uE000';

    private const char Replacement = '\uFFFD';
    private const int HashBytes = 10;   // 80 bits: among a thousand million values, one chance in a million for one false hit
    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    public static string OfClass(string recordClass) => Tag('c', recordClass);

    public static string OfField(string name, string value) => Tag('f', $"{name}\0{value}");

    public static string OfFlag(string flag) => Tag('g', flag);

    public static string OfTag(string tag) => Tag('t', tag);

    public static string OfStatus(TextStatus status) => Tag('s', status.ToWord());

    /// <summary>All tags of a record, divided by spaces.</summary>
    public static string Of(RecordDocument record) => string.Join(' ',
    [
        OfClass(record.RecordClass),
        OfStatus(record.TextStatus),
        .. record.Flags.Select(OfFlag),
        .. record.Tags.Select(OfTag),
        .. record.SearchedFields().Select(field => OfField(field.Key, field.Value)),
    ]);

    /// <summary>Text without the character that begins a tag.</summary>
    public static string Clean(string text) => text.Replace(Mark, Replacement);

    private static string Tag(char kind, string value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(value), hash);
        return string.Create(2 + (HashBytes * 8 / 5), (kind, Bits(hash)), static (tag, state) =>
        {
            tag[0] = Mark;
            tag[1] = state.kind;
            var bits = state.Item2;
            for (int at = 2; at < tag.Length; at++)
            {
                tag[at] = Digits[(int)(bits & 31)];
                bits >>= 5;
            }
        });
    }

    private static UInt128 Bits(ReadOnlySpan<byte> hash)
    {
        UInt128 bits = 0;
        foreach (byte part in hash[..HashBytes])
        {
            bits = (bits << 8) | part;
        }

        return bits;
    }
}
