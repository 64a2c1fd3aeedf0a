using System.Globalization;
using System.Text;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>
/// The one font of a rendition: codes of two bytes are given to characters as they come, and say in the end which characters they are.
/// </summary>
/// <remarks>ISO 32000-1, 9.7 (composite fonts), 9.10.3 (ToUnicode).</remarks>
internal sealed class TextLayerFont(PdfFileWriter file)
{
    private const string Name = "DocIngestGlyphless";
    private const int EntriesPerBlock = 100;   // of a CMap
    private const int MostCodes = 65_535;

    private readonly Dictionary<Rune, ushort> _codes = [];
    private readonly List<Rune> _runes = [];

    /// <summary>Its object; written by <see cref="Finish"/>.</summary>
    public int Number { get; } = file.Reserve();

    /// <summary>Width of a character, of the size.</summary>
    public static double CharacterWidth => (double)GlyphlessFont.Width / GlyphlessFont.UnitsPerEm;

    /// <summary>The code of a character.</summary>
    public ushort Code(Rune rune)
    {
        if (!_codes.TryGetValue(rune, out ushort code))
        {
            if (_runes.Count == MostCodes)
            {
                return Code(Rune.ReplacementChar);   // no document has so many; what is hostile gets no more
            }

            _runes.Add(rune);
            code = (ushort)_runes.Count;
            _codes.Add(rune, code);
        }

        return code;
    }

    /// <summary>Writes the font and what belongs to it.</summary>
    public void Finish()
    {
        byte[] glyphs = new byte[2 * (_runes.Count + 1)];
        for (int code = 1; code <= _runes.Count; code++)
        {
            glyphs[(2 * code) + 1] = 1;
        }

        int program = file.AddCompressed(string.Create(CultureInfo.InvariantCulture, $"/Length1 {GlyphlessFont.File.Length}"), GlyphlessFont.File);
        int map = file.AddCompressed("", glyphs);
        int unicode = file.AddCompressed("", Encoding.ASCII.GetBytes(ToUnicode()));
        int descriptor = file.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"<</Type/FontDescriptor/FontName/{Name}/Flags 5/FontBBox[0 {GlyphlessFont.Descent} {GlyphlessFont.Width} {GlyphlessFont.Ascent}]/ItalicAngle 0"
            + $"/Ascent {GlyphlessFont.Ascent}/Descent {GlyphlessFont.Descent}/CapHeight {GlyphlessFont.Ascent}/StemV 80/FontFile2 {program} 0 R>>"));
        int descendant = file.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"<</Type/Font/Subtype/CIDFontType2/BaseFont/{Name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            + $"/FontDescriptor {descriptor} 0 R/DW {GlyphlessFont.Width}/CIDToGIDMap {map} 0 R>>"));
        file.Write(Number, string.Create(
            CultureInfo.InvariantCulture,
            $"<</Type/Font/Subtype/Type0/BaseFont/{Name}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]/ToUnicode {unicode} 0 R>>"));
    }

    private string ToUnicode()
    {
        var map = new StringBuilder(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            + "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            + "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
        foreach (var block in _runes.Index().Chunk(EntriesPerBlock))
        {
            map.Append(CultureInfo.InvariantCulture, $"{block.Length} beginbfchar\n");
            foreach (var (index, rune) in block)
            {
                map.Append(CultureInfo.InvariantCulture, $"<{index + 1:X4}> <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(rune.ToString()))}>\n");
            }

            map.Append("endbfchar\n");
        }

        return map.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }
}
