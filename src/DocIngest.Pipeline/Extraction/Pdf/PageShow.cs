using UglyToad.PdfPig.Content;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>
/// Whether a page shows much more than its few characters: a scan with a stamp, a fax header or a number laid over it, or letters that are
/// drawn as shapes. It may show a picture only; OCR will tell.
/// </summary>
internal static class PageShow
{
    // Fewer characters on a page with any picture are a stamp or a scanner's footer, not its text (Apache Tika's bound, too).
    private const int LeastCharacters = 10;

    // The longest headers of courts and faxes have some 150; the shortest pages that were typed over a picture, slides, more.
    private const int MostOfStamp = 200;

    // Of the page. Scans leave out a margin at most; scanners and fax servers cut them to strips.
    private const double LeastCover = 0.6;
    private const int MostStrips = 1_000;

    // Letters as outlines are a shape each; drawings and charts seldom have so many.
    private const int LeastShapes = 300;
    private const int ShapesPerCharacter = 3;

    /// <param name="page">The page.</param>
    /// <param name="characters">Of its text, without white space.</param>
    public static bool IsMore(Page page, int characters)
    {
        if (characters < LeastCharacters && page.NumberOfImages > 0)
        {
            return true;
        }

        return characters < MostOfStamp && (Cover(page) >= LeastCover || HasManyShapes(page, characters));
    }

    private static double Cover(Page page)
    {
        if (page.NumberOfImages is 0 or > MostStrips)
        {
            return 0;
        }

        double covered = page.GetImages().Select(image => image.BoundingBox).Sum(bounds =>
            Math.Max(0, Math.Min(bounds.Right, page.Width) - Math.Max(bounds.Left, 0)) * Math.Max(0, Math.Min(bounds.Top, page.Height) - Math.Max(bounds.Bottom, 0)));
        return covered / Math.Max(page.Width * page.Height, 1);
    }

    private static bool HasManyShapes(Page page, int characters)
    {
        int least = Math.Max(LeastShapes, ShapesPerCharacter * characters);
        return page.Paths.Where(path => path.IsFilled).Take(least).Count() == least;
    }
}
