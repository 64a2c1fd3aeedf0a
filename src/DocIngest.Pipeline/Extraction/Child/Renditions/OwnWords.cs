using DocIngest.Pipeline.Records;
using UglyToad.PdfPig.Content;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>
/// Leaves out of a layout what the page has as text itself, in the same place: a stamp, or the words of an older layer that were right.
/// Laid over it once more, they would be found and copied twice.
/// </summary>
internal static class OwnWords
{
    // Boxes of OCR end at the ink, and letters may stand beside it by a point or two.
    private const double Tolerance = 2;
    private const double LevelDegrees = 1;
    private const long MostComparisons = 50_000_000;

    /// <summary>The layout without them; as it is where nothing can be compared.</summary>
    public static PageLayout LeftOut(PageLayout layout, Page page)
    {
        var letters = page.Letters;
        return letters.Count == 0 || Math.Abs(layout.AngleDegrees) > LevelDegrees || (long)letters.Count * layout.Words.Count > MostComparisons
            ? layout
            : layout with { Words = [.. layout.Words.Where(word => !Stands(word, letters, page.Height))] };
    }

    private static bool Stands(PageWord word, IReadOnlyList<Letter> letters, double height)
    {
        var (left, top) = (word.Box[0] - Tolerance, word.Box[1] - Tolerance);
        var (right, bottom) = (word.Box[0] + word.Box[2] + Tolerance, word.Box[1] + word.Box[3] + Tolerance);
        var within = letters.Where(letter =>
        {
            double x = (letter.StartBaseLine.X + letter.EndBaseLine.X) / 2;
            double y = height - ((letter.BoundingBox.Bottom + letter.BoundingBox.Top) / 2);
            return x >= left && x <= right && y >= top && y <= bottom;
        });
        return Plain(word.Text) is { Length: > 0 } text && text == Plain(string.Concat(within.Select(letter => letter.Value)));
    }

    private static string Plain(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
