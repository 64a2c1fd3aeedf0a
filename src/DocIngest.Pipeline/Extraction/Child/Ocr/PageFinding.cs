using System.Text;
using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>What OCR read on one prepared page.</summary>
internal sealed record PageFinding(PreparedPage Page, IReadOnlyList<TesseractWord> Words)
{
    // Print that was read well has 85 and more; a page on its side 30.
    private const double DoubtfulPercent = 70;

    private const int LongWord = 4;   // letters: such a word is wider than high

    // 8 point print at 200 DPI.
    private const double SmallWordPixels = 20;

    /// <summary>Mean over the words, weighted by their length; 0 where there is none.</summary>
    public double ConfidencePercent { get; } = Words.Sum(word => (long)word.Text.Length) is > 0 and var letters
        ? Words.Sum(word => word.ConfidencePercent * word.Text.Length) / letters
        : 0;

    /// <summary>How much was read, and how surely: letters counted by their confidence. The better of two readings has more.</summary>
    public double Yield { get; } = Words.Sum(word => word.Text.Count(char.IsLetterOrDigit) * Math.Pow(word.ConfidencePercent / 100, 2));

    /// <summary>Whether it was read so badly that a second look may find more.</summary>
    public bool IsDoubtful => ConfidencePercent < DoubtfulPercent;

    /// <summary>How high words are in the prepared image, pixels: the median; 0 where there is none.</summary>
    public double WordPixels { get; } = Words.Count == 0 ? 0 : Words.Select(word => word.Height).Order().ElementAt(Words.Count / 2);

    /// <summary>Whether words are so small that tesseract guesses.</summary>
    public bool IsSmall => Words.Count > 0 && WordPixels < SmallWordPixels;

    /// <summary>
    /// Whether tesseract read lines that run up or down the page. It reads some of them well, but says only where, not how they
    /// lie: so they are to be read again, upright.
    /// </summary>
    public bool IsOnItsSide => Words.Where(word => word.Text.Length >= LongWord).ToList() is { Count: > 0 } words
        && words.Count(word => word.Height > word.Width) * 2 > words.Count;

    /// <summary>Its text: words separated by blanks, lines by LF, paragraphs by an empty line.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var word in Words)
        {
            text.Append(text.Length == 0 ? "" : word.StartsParagraph ? "\n\n" : word.StartsLine ? "\n" : " ").Append(word.Text);
        }

        return text.ToString();
    }

    /// <summary>Where its words stand.</summary>
    public PageLayout ToLayout() => new(
        Math.Round(Page.Points.Width, 1),
        Math.Round(Page.Points.Height, 1),
        Math.Round(Page.AngleDegrees, 2),
        [.. Words.Select(word => Page.Place(word, PlainText.Clean(word.Text)))]);
}
