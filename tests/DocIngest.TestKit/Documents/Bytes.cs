using System.Buffers.Binary;
using System.Text;

namespace DocIngest.TestKit.Documents;

/// <summary>Puts a file together out of text and numbers.</summary>
internal sealed class Bytes
{
    private readonly List<byte> _content = [];

    public bool BigEndian { get; init; }

    public int Length => _content.Count;

    public Bytes Text(string latin1) => Raw(Encoding.Latin1.GetBytes(latin1));

    public Bytes Raw(ReadOnlySpan<byte> bytes)
    {
        _content.AddRange(bytes);
        return this;
    }

    public Bytes U8(int value) => Raw([(byte)value]);

    public Bytes U16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        if (BigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        }

        return Raw(bytes);
    }

    public Bytes U32(long value)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (BigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        }

        return Raw(bytes);
    }

    public Bytes U64(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (BigEndian)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        }

        return Raw(bytes);
    }

    public byte[] ToArray() => [.. _content];
}
