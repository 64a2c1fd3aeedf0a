using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>
/// Where on a page of a PDF its layout lies, and how a page of text has to be made so that qpdf lays it exactly there: it fits it
/// into the trim box, upright as the page is shown, and shrinks it by the page's unit.
/// </summary>
/// <remarks>ISO 32000-1, 14.11.2 (boxes), 8.3.2.3 (UserUnit); qpdf manual, "Overlay and Underlay".</remarks>
internal sealed record PageBoxes
{
    private const int MaxParents = 256;
    private const double Tolerance = 0.5;

    private PageBoxes()
    {
    }

    /// <summary>Size of the page of text.</summary>
    public double Width { get; private init; }

    /// <summary>Size of the page of text.</summary>
    public double Height { get; private init; }

    /// <summary>Where the layout lies on it.</summary>
    public TextPlace Place { get; private init; }

    /// <summary>Set where the page states its rotation in a way that qpdf heeds only once it is put right: degrees, 0 to 270.</summary>
    public int? RotationToState { get; private init; }

    /// <summary>Reads the boxes of a page.</summary>
    /// <param name="document">Open.</param>
    /// <param name="number">Of the page, from 1.</param>
    /// <param name="layoutWidth">The page's width as it was when it was read.</param>
    /// <returns>
    /// Null where the trim box leaves out a part of what is shown: qpdf from 11.3 on cuts the page there.
    /// </returns>
    public static PageBoxes? Of(PdfDocument document, int number, double layoutWidth)
    {
        var page = document.GetPage(number).Dictionary;
        var media = Box(document, page, "MediaBox", inherits: true) ?? new Rectangle(0, 0, 612, 792);
        var crop = Box(document, page, "CropBox", inherits: true) ?? media;
        var trim = Box(document, page, "TrimBox", inherits: false) ?? crop;
        var shown = crop.Within(media) ?? crop;
        if (!trim.Holds(shown, Tolerance))
        {
            return null;
        }

        double unit = Number(document, page, "UserUnit", inherits: false) is { } size and > 0 and < 1000 ? size : 1;
        int stated = (int)(Number(document, page, "Rotate", inherits: true) ?? 0);
        int turn = ((stated % 360) + 360) % 360;
        var (left, bottom) = turn switch
        {
            90 => (shown.Bottom - trim.Bottom, trim.Right - shown.Right),
            180 => (trim.Right - shown.Right, trim.Top - shown.Top),
            270 => (trim.Top - shown.Top, shown.Left - trim.Left),
            _ => (shown.Left - trim.Left, shown.Bottom - trim.Bottom),
        };
        bool isTurned = turn is 90 or 270;
        double width = isTurned ? shown.Height : shown.Width;
        double height = isTurned ? shown.Width : shown.Height;
        return new PageBoxes
        {
            Width = (isTurned ? trim.Height : trim.Width) * unit,
            Height = (isTurned ? trim.Width : trim.Height) * unit,
            RotationToState = stated < 0 && turn % 90 == 0 ? turn : null,
            Place = new TextPlace(left * unit, (bottom + height) * unit, width / layoutWidth * unit),
        };
    }

    private static Rectangle? Box(PdfDocument document, DictionaryToken page, string name, bool inherits)
    {
        if (Entry(document, page, name, inherits) is not ArrayToken { Length: 4 } array)
        {
            return null;
        }

        double[] corners = [.. array.Data.Select(token => Resolve(document, token) is NumericToken number ? number.Double : double.NaN)];
        return corners.Any(double.IsNaN) ? null : new Rectangle(
            Math.Min(corners[0], corners[2]), Math.Min(corners[1], corners[3]), Math.Max(corners[0], corners[2]), Math.Max(corners[1], corners[3]));
    }

    private static double? Number(PdfDocument document, DictionaryToken page, string name, bool inherits) =>
        (Entry(document, page, name, inherits) as NumericToken)?.Double;

    private static IToken? Entry(PdfDocument document, DictionaryToken page, string name, bool inherits)
    {
        var node = page;
        for (int level = 0; level < MaxParents && node is not null; level++)
        {
            if (node.TryGet(NameToken.Create(name), out var token))
            {
                return Resolve(document, token);
            }

            node = inherits && node.TryGet(NameToken.Parent, out var parent) ? Resolve(document, parent) as DictionaryToken : null;
        }

        return null;
    }

    private static IToken? Resolve(PdfDocument document, IToken token) =>
        token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data)?.Data : token;

    private readonly record struct Rectangle(double Left, double Bottom, double Right, double Top)
    {
        public double Width => Right - Left;

        public double Height => Top - Bottom;

        public Rectangle? Within(Rectangle outer)
        {
            var both = new Rectangle(Math.Max(Left, outer.Left), Math.Max(Bottom, outer.Bottom), Math.Min(Right, outer.Right), Math.Min(Top, outer.Top));
            return both is { Width: > 0, Height: > 0 } ? both : null;
        }

        public bool Holds(Rectangle inner, double tolerance) =>
            inner.Left >= Left - tolerance && inner.Bottom >= Bottom - tolerance && inner.Right <= Right + tolerance && inner.Top <= Top + tolerance;
    }
}
