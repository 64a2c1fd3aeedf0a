using System.Buffers;
using System.Text;

namespace DocIngest.Worker.Backups;

/// <summary>The password in the bytes of a file, or in what a program prints; the same that restic takes (restic-format 3.1).</summary>
internal static class PasswordText
{
    /// <summary>More than any password: a wrong file must not fill the memory.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly UnicodeEncoding LittleEndian = new(bigEndian: false, byteOrderMark: false);
    private static readonly UnicodeEncoding BigEndian = new(bigEndian: true, byteOrderMark: false);

    /// <summary>Without byte order mark and surrounding white space, as UTF-8. Bytes that are no UTF-8 stay as they are.</summary>
    public static byte[] Of(ReadOnlySpan<byte> content) => content switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => Trim(rest),
        [0xFF, 0xFE, .. var rest] => Trim(Encoding.UTF8.GetBytes(LittleEndian.GetString(rest))),
        [0xFE, 0xFF, .. var rest] => Trim(Encoding.UTF8.GetBytes(BigEndian.GetString(rest))),
        _ => Trim(content),
    };

    private static byte[] Trim(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out var first, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            text = text[length..];
        }

        while (Rune.DecodeLastFromUtf8(text, out var last, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            text = text[..^length];
        }

        return text.ToArray();
    }
}
