using System.Text;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>
/// Writes the words of a page as text that is not shown: each spans its box, and is followed by a blank, so that what is selected
/// reads as it was read.
/// </summary>
/// <remarks>ISO 32000-1, 9.3 (text state), 9.4 (text objects).</remarks>
internal static class TextLayer
{
    private const int AngleDecimals = 5;
    private const int PointDecimals = 1;
    private const double LeastScale = 1;       // percent
    private const double MostScale = 5_000;

    /// <summary>The content of a page.</summary>
    /// <param name="page">With a layout.</param>
    /// <param name="font">Named <c>F</c> in the page's resources.</param>
    /// <param name="place">How the layout's points, from its upper left corner, become those of the page, which count upwards.</param>
    public static byte[] Write(PageText page, TextLayerFont font, TextPlace place)
    {
        if (page.Layout is not { Words.Count: > 0 } layout)
        {
            return [];
        }

        using var content = new MemoryStream();
        var text = new TextObject(content, font, place);
        text.Put("BT 3 Tr\n");
        foreach (var line in TextLines.Lay(layout, page.Text))
        {
            text.Line(line);
        }

        text.Put("ET\n");
        return content.ToArray();
    }

    private sealed class TextObject(MemoryStream content, TextLayerFont font, TextPlace place)
    {
        private string _size = "";
        private string _scale = "";

        public void Put(string operators) => content.Write(Encoding.ASCII.GetBytes(operators));

        public void Line(LaidLine line)
        {
            var (sin, cos) = Math.SinCos(line.AngleDegrees * Math.PI / 180);
            double atX = 0;
            double atY = 0;
            bool isFirst = true;
            foreach (var word in line.Words)
            {
                double x = place.X(word.X);
                double y = place.Y(word.Y);
                Size(Number(word.Size * place.Scale));
                if (isFirst)
                {
                    Put($"{Number(cos, AngleDecimals)} {Number(-sin, AngleDecimals)} {Number(sin, AngleDecimals)} {Number(cos, AngleDecimals)} {Number(x)} {Number(y)} Tm\n");
                    (atX, atY, isFirst) = (Rounded(x), Rounded(y), false);
                }
                else
                {
                    // Along the line and across it: what is rounded off is made up for by the next word.
                    double along = Rounded(((x - atX) * cos) - ((y - atY) * sin));
                    double across = Rounded(((x - atX) * sin) + ((y - atY) * cos));
                    Put($"{Number(along)} {Number(across)} Td\n");
                    (atX, atY) = (atX + (along * cos) + (across * sin), atY - (along * sin) + (across * cos));
                }

                Word(word);
            }
        }

        private void Word(LaidWord word)
        {
            var runes = InOrderOfSight(word.Text);
            double natural = Math.Max(1, runes.Count) * TextLayerFont.CharacterWidth * word.Size;
            Scale(Number(Math.Clamp(100 * word.Width / natural, LeastScale, MostScale), 0));
            content.WriteByte((byte)'(');
            foreach (var rune in runes)
            {
                Code(font.Code(rune));
            }

            Code(font.Code(new Rune(' ')));
            Put(")Tj\n");
        }

        // Text of a PDF goes as it is seen, left to right; whoever takes it out turns Hebrew and Arabic round again.
        private static List<Rune> InOrderOfSight(string text)
        {
            var runes = text.EnumerateRunes().ToList();
            if (runes.Any(IsRightToLeft) && !runes.Any(rune => Rune.IsLetter(rune) && !IsRightToLeft(rune)))
            {
                runes.Reverse();
            }

            return runes;
        }

        private static bool IsRightToLeft(Rune rune) => rune.Value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF);

        private void Size(string size)
        {
            if (size != _size)
            {
                _size = size;
                Put($"/F {size} Tf\n");
            }
        }

        private void Scale(string percent)
        {
            if (percent != _scale)
            {
                _scale = percent;
                Put($"{percent} Tz\n");
            }
        }

        private void Code(ushort code)
        {
            Escaped((byte)(code >> 8));
            Escaped((byte)code);
        }

        // ISO 32000-1, 7.3.4.2: unescaped, a carriage return would be read as a line feed.
        private void Escaped(byte value)
        {
            if (value is (byte)'(' or (byte)')' or (byte)'\\' or (byte)'\r')
            {
                content.WriteByte((byte)'\\');
            }

            content.WriteByte(value == '\r' ? (byte)'r' : value);
        }

        private static double Rounded(double value) => Math.Round(value, PointDecimals);

        private static string Number(double value, int decimals = PointDecimals) => PdfFileWriter.Number(value, decimals);
    }
}

/// <summary>Where a layout lies on a page of a PDF.</summary>
/// <param name="Left">Of the layout's left edge.</param>
/// <param name="Top">Of its upper edge, upwards from the page's origin.</param>
/// <param name="Scale">Units of the page to a point of the layout.</param>
internal readonly record struct TextPlace(double Left, double Top, double Scale)
{
    public double X(double points) => Left + (points * Scale);

    public double Y(double points) => Top - (points * Scale);
}
