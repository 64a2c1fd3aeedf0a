using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DocIngest.Backup.Tests.Chunking;

/// <summary>Content that is the same in every language and on every machine.</summary>
internal static class Content
{
    /// <summary>SHA-256 of 0, 1, 2, ... as eight bytes, little-endian, end to end (restic-format 10).</summary>
    public static byte[] Portable(int length)
    {
        byte[] content = new byte[(length + 31) / 32 * 32];
        Span<byte> number = stackalloc byte[8];
        for (int i = 0; i < content.Length / 32; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, i);
            SHA256.HashData(number, content.AsSpan(i * 32, 32));
        }

        return content[..length];
    }
}
