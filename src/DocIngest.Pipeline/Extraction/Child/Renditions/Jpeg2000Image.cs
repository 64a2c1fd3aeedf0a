using System.Buffers.Binary;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>A JPEG 2000 image as it is. A bare code stream gets the boxes in front that PDF asks for.</summary>
/// <remarks>ISO/IEC 15444-1, A.5.1 (SIZ), annex I (boxes); ISO 32000-1, 7.4.9.</remarks>
internal static class Jpeg2000Image
{
    private const ushort CodestreamStart = 0xFF4F;
    private const int ReadBudget = 1024;
    private const int Grey = 17;
    private const int Rgb = 16;

    /// <summary>Looks at the header.</summary>
    /// <returns>Null where it makes no sense.</returns>
    public static PageImageData? Find(Stream file)
    {
        var bytes = new BudgetedFile(file, ReadBudget) { BigEndian = true };
        if (!Jpeg2000Header.TryRead(bytes, out long width, out long height) || !bytes.TryReadUInt16(0, out ushort start))
        {
            return null;
        }

        byte[]? boxes = start == CodestreamStart ? Boxes(bytes, width, height) : [];
        return boxes is null ? null : new PageImageData
        {
            Width = width,
            Height = height,
            Entries = "/Filter/JPXDecode",
            Length = boxes.Length + file.Length,
            Copy = target =>
            {
                target.Write(boxes);
                PageImageData.CopyRange(file, 0, file.Length, target);
            },
        };
    }

    private static byte[]? Boxes(BudgetedFile file, long width, long height)
    {
        if (!file.TryReadUInt16(40, out ushort components) || !file.TryReadByte(42, out byte depth) || components is not (1 or 3))
        {
            return null;
        }

        return
        [
            .. Box("jP  ", [0x0D, 0x0A, 0x87, 0x0A]),
            .. Box("ftyp", [.. "jp2 "u8, 0, 0, 0, 0, .. "jp2 "u8]),
            .. Box(
                "jp2h",
                [
                    .. Box("ihdr", [.. Number((uint)height), .. Number((uint)width), 0, (byte)components, depth, 7, 0, 0]),
                    .. Box("colr", [1, 0, 0, .. Number((uint)(components == 1 ? Grey : Rgb))]),
                ]),
            .. Number(0), .. "jp2c"u8,   // to the end of the file
        ];
    }

    private static byte[] Box(string type, byte[] content) =>
        [.. Number((uint)(8 + content.Length)), .. System.Text.Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
