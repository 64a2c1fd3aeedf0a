using System.Buffers.Binary;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>A TrueType font of two glyphs that show nothing, half an em wide: text in it can be found and selected, and is never seen.</summary>
/// <remarks>The tables that ISO 32000-1, 9.9 asks for in an embedded CIDFontType2, as the OpenType specification lays them out.</remarks>
internal static class GlyphlessFont
{
    public const int UnitsPerEm = 1000;
    public const int Width = 500;
    public const int Ascent = 800;
    public const int Descent = -200;

    private const int Glyphs = 2;   // .notdef, and the one that every character has
    private const uint FileSum = 0xB1B0AFBA;
    private const int AdjustmentAt = 8;   // in head

    /// <summary>The font file.</summary>
    public static byte[] File { get; } = Build();

    private static byte[] Build()
    {
        (string Tag, byte[] Content)[] tables =
        [
            ("glyf", new byte[4]),   // both glyphs are empty; the table itself must not be
            ("head", Head()),
            ("hhea", HorizontalHeader()),
            ("hmtx", Shorts(Width, 0, Width, 0)),
            ("loca", new byte[2 * (Glyphs + 1)]),
            ("maxp", MaximumProfile()),
        ];
        int start = 12 + (16 * tables.Length);
        byte[] file = new byte[start + tables.Sum(table => Padded(table.Content.Length))];
        Shorts(0x0001, 0x0000, tables.Length, 64, 2, (16 * tables.Length) - 64).CopyTo(file, 0);   // search range of 4 x 16
        int at = start;
        int headAt = 0;
        for (int index = 0; index < tables.Length; index++)
        {
            var (tag, content) = tables[index];
            content.CopyTo(file, at);
            var entry = file.AsSpan(12 + (16 * index));
            for (int letter = 0; letter < 4; letter++)
            {
                entry[letter] = (byte)tag[letter];
            }

            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], Sum(file.AsSpan(at, Padded(content.Length))));
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], at);
            BinaryPrimitives.WriteInt32BigEndian(entry[12..], content.Length);
            headAt = tag == "head" ? at : headAt;
            at += Padded(content.Length);
        }

        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(headAt + AdjustmentAt), unchecked(FileSum - Sum(file)));
        return file;
    }

    private static byte[] Head() =>
    [
        .. Shorts(1, 0, 1, 0, 0, 0),              // version, revision, adjustment
        0x5F, 0x0F, 0x3C, 0xF5,                   // magic number
        .. Shorts(3, UnitsPerEm),                 // baseline and left side bearing at zero
        .. new byte[16],                          // made, changed: never
        .. Shorts(0, Descent, Width, Ascent),     // box
        .. Shorts(0, 8, 2, 0, 0),                 // style, least size, direction, short offsets, format
    ];

    private static byte[] HorizontalHeader() =>
        [.. Shorts(1, 0, Ascent, Descent, 0, Width), .. Shorts(0, 0, Width, 1, 0, 0), .. new byte[10], .. Shorts(Glyphs)];

    private static byte[] MaximumProfile() => [.. Shorts(1, 0, Glyphs), .. Shorts(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)];

    private static byte[] Shorts(params ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[2 * values.Length];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(2 * index), unchecked((short)values[index]));
        }

        return bytes;
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private static uint Sum(ReadOnlySpan<byte> words)
    {
        uint sum = 0;
        for (; !words.IsEmpty; words = words[4..])
        {
            sum = unchecked(sum + BinaryPrimitives.ReadUInt32BigEndian(words));
        }

        return sum;
    }
}
