using System.Globalization;
using System.Text;
using System.Xml;
using DocIngest.Pipeline.Extraction.BarCodes;
using DocIngest.Pipeline.Extraction.Cleaning;

namespace DocIngest.Pipeline.Extraction.Child.BarCodes;

/// <summary>A bar code as zbarimg reports it; places are pixels of the image it looked at.</summary>
/// <param name="Box">Left, top, width, height; null where this release of zbarimg does not say.</param>
internal sealed record FoundBarCode(string Symbology, string Value, int Quality, (double Left, double Top, double Width, double Height)? Box);

/// <summary>Reads the XML that zbarimg prints. What a bar code says may be any bytes, and the program may have died in the middle.</summary>
/// <remarks>zbar, <c>zbar_symbol_xml</c>: data in CDATA, or in Base64 where it holds controls or bytes of 0x7F to 0x9F.</remarks>
internal static class ZbarXml
{
    // The longest QR code has 7,089 digits.
    private const int MaxCharacters = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the codes of one image.</summary>
    /// <exception cref="InvalidDataException">It is no such XML, it is too long, or it has more codes than a page has.</exception>
    public static IReadOnlyList<FoundBarCode> Read(Stream output)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxCharacters,
            CheckCharacters = false,   // cleaned below
            IgnoreComments = true,
        };
        var codes = new List<FoundBarCode>();
        try
        {
            // Bytes that are no UTF-8 become replacement characters: a reader of bytes would refuse them, and the page with them.
            using var text = new StreamReader(output, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            using var xml = XmlReader.Create(text, settings);
            xml.MoveToContent();
            if (xml.LocalName != "barcodes")
            {
                throw new InvalidDataException("This is not what zbarimg prints.");
            }

            while (xml.Read())
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "symbol" })
                {
                    Add(codes, ReadSymbol(xml));
                }
            }
        }
        catch (Exception error) when (error is XmlException or FormatException)
        {
            throw new InvalidDataException("This is not what zbarimg prints.", error);
        }

        return codes;
    }

    private static void Add(List<FoundBarCode> codes, FoundBarCode code)
    {
        if (codes.Count == BarCodeBounds.MaxCodes)
        {
            throw new InvalidDataException("More bar codes than a page has.");
        }

        if (!BarCodeBounds.Hold(code.Symbology, code.Value))
        {
            throw new InvalidDataException("A bar code says more than any can.");
        }

        codes.Add(code);
    }

    private static FoundBarCode ReadSymbol(XmlReader xml)
    {
        string symbology = PlainText.Clean(xml.GetAttribute("type") ?? "");
        int quality = int.TryParse(xml.GetAttribute("quality"), NumberStyles.None, CultureInfo.InvariantCulture, out int stated) ? stated : 0;
        var points = new List<(double X, double Y)>();
        string value = "";
        using var symbol = xml.ReadSubtree();
        symbol.Read();
        while (symbol.Read())
        {
            if (symbol is { NodeType: XmlNodeType.Element, LocalName: "polygon" })
            {
                points.AddRange(Points(symbol.GetAttribute("points") ?? ""));
            }
            else if (symbol is { NodeType: XmlNodeType.Element, LocalName: "data" })
            {
                value = ReadData(symbol);
            }
        }

        return new FoundBarCode(symbology, PlainText.Clean(value), quality, BoxOf(points));
    }

    private static string ReadData(XmlReader symbol)
    {
        bool isBase64 = symbol.GetAttribute("format") == "base64";
        using var data = symbol.ReadSubtree();
        data.Read();
        var text = new StringBuilder();
        while (data.Read())
        {
            if (data.NodeType is XmlNodeType.CDATA or XmlNodeType.Text)
            {
                text.Append(data.Value);
            }
        }

        return isBase64 ? Decode(Convert.FromBase64String(text.ToString())) : text.ToString();
    }

    // One-dimensional codes have no encoding but Latin-1; of QR codes zbar has made UTF-8.
    private static string Decode(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static IEnumerable<(double X, double Y)> Points(string points)
    {
        foreach (string point in points.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(64))
        {
            if (point.Split(',') is [var x, var y]
                && int.TryParse(x, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int left)
                && int.TryParse(y, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int top))
            {
                yield return (left, top);
            }
        }
    }

    private static (double, double, double, double)? BoxOf(List<(double X, double Y)> points) => points.Count == 0
        ? null
        : (points.Min(point => point.X), points.Min(point => point.Y),
            points.Max(point => point.X) - points.Min(point => point.X), points.Max(point => point.Y) - points.Min(point => point.Y));
}
