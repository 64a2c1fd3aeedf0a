using System.Globalization;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Pipeline.Tests.Extraction.BarCodes;

/// <summary>Bar codes drawn bar by bar onto a page.</summary>
/// <remarks>ISO/IEC 16388 (Code 39), ISO/IEC 15417 (Code 128, code set B).</remarks>
internal static class PrintedCode
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";

    // Of each character, its nine elements: 1 is a wide one.
    private static readonly string[] Elements =
    (
        "000110100 100100001 001100001 101100000 000110001 100110000 001110000 000100101 100100100 001100100 "
        + "100001001 001001001 101001000 000011001 100011000 001011000 000001101 100001100 001001100 000011100 100000011 001000011 101000010 "
        + "000010011 100010010 001010010 000000111 100000110 001000110 000010110 110000001 011000001 111000000 010010001 110010000 011010000 "
        + "010000101 110000100 011000100 010101000 010100010 010001010 000101010 010010100").Split(' ');

    private static readonly string[] Widths =
    (
        "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 "
        + "223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
        + "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 "
        + "311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
        + "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
        + "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112").Split(' ');

    /// <summary>Draws Code 39.</summary>
    /// <param name="page">Drawn upon.</param>
    /// <param name="value">Of its alphabet.</param>
    /// <param name="left">Pixels.</param>
    /// <param name="top">Pixels.</param>
    /// <param name="narrow">Pixels of a narrow bar; wide ones have three times as many.</param>
    /// <param name="height">Pixels.</param>
    public static MagickImage WithCode39(this MagickImage page, string value, int left = 300, int top = 500, int narrow = 4, int height = 220) =>
        Draw(page, $"*{value}*".SelectMany(character => Elements[Alphabet.IndexOf(character, StringComparison.Ordinal)].Select(element => element == '1' ? 3 : 1).Append(1)), left, top, narrow, height);

    /// <summary>Draws Code 128.</summary>
    public static MagickImage WithCode128(this MagickImage page, string value, int left = 300, int top = 500, int narrow = 4, int height = 220) =>
        Draw(page, Code128(value), left, top, narrow, height);

    /// <summary>Code 128 as a PDF page paints it: bars of one point.</summary>
    public static string PaintedCode128(string value)
    {
        var bars = new System.Text.StringBuilder();
        int x = 60;
        foreach (var (width, at) in Code128(value).Select((width, at) => (width, at)))
        {
            bars.Append(at % 2 == 0 ? $"{x} 300 {width} 50 re f\n" : "");
            x += width;
        }

        return bars.ToString();
    }

    private static IEnumerable<int> Code128(string value)
    {
        const int StartB = 104;
        const int Stop = 106;
        int[] values = [StartB, .. value.Select(character => character - ' ')];
        int check = values.Select((code, at) => code * Math.Max(1, at)).Sum() % 103;
        return values.Append(check).Append(Stop).SelectMany(code => Widths[code].Select(width => width - '0'));
    }

    /// <summary>A page turned about its middle; it grows.</summary>
    public static MagickImage Turned(this MagickImage page, double degrees)
    {
        page.BackgroundColor = MagickColors.White;
        page.Rotate(degrees);
        page.ResetPage();
        return page;
    }

    private static MagickImage Draw(MagickImage page, IEnumerable<int> widths, int left, int top, int narrow, int height)
    {
        var drawing = new Drawables().DisableStrokeAntialias().FillColor(MagickColors.Black);
        int x = left;
        bool isBar = true;
        foreach (int width in widths)
        {
            if (isBar)
            {
                drawing.Rectangle(x, top, x + (width * narrow) - 1, top + height - 1);
            }

            x += width * narrow;
            isBar = !isBar;
        }

        drawing.Draw(page);
        page.Alpha(AlphaAction.Off);
        return page;
    }

    /// <summary>For messages.</summary>
    public static string Show(IEnumerable<Pipeline.Records.BarCode> codes) =>
        string.Join("; ", codes.Select(code => string.Create(CultureInfo.InvariantCulture, $"{code.Page} {code.Symbology} {code.Value} {code.Quality}")));
}
