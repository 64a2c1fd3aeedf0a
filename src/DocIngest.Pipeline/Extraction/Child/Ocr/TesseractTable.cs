using System.Globalization;
using System.Text;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>A word as tesseract places it: pixels of the image it was given.</summary>
internal readonly record struct TesseractWord(string Text, int Left, int Top, int Width, int Height, double ConfidencePercent, bool StartsLine, bool StartsParagraph);

/// <summary>Reads tesseract's table of words (<c>tsv</c>), one page after another.</summary>
/// <remarks>Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text; level 1 begins a page, 5 is a word.</remarks>
internal static class TesseractTable
{
    private const int Columns = 12;
    private const int MaxLineBytes = 1 << 20;


    public const int MaxWords = Extraction.Ocr.OcrBounds.MaxWords;

    /// <summary>Reads all pages; a page is complete when the next begins, or the table ends in good order.</summary>
    /// <param name="table">Standard output of tesseract.</param>
    /// <param name="found">Given each page's place in the list (from 0) and its words.</param>
    /// <exception cref="InvalidDataException">No such table.</exception>
    /// <returns>The place of the last page that began, which is complete only if tesseract ended well; -1 where none did.</returns>
    public static (int LastPage, List<TesseractWord> LastWords) Read(Stream table, Action<int, List<TesseractWord>> found)
    {
        int page = -1;
        var words = new List<TesseractWord>();
        (string Paragraph, string Line) place = ("", "");
        using var lines = new LineReader(table, MaxLineBytes);
        while (lines.TryRead(out var line))
        {
            string[] cells = Encoding.UTF8.GetString(line.Span).TrimEnd('\r').Split('\t', Columns);
            if (cells.Length < Columns - 1)
            {
                throw new InvalidDataException("A line of the table has too few columns.");
            }

            if (cells[0] == "1")
            {
                if (page >= 0)
                {
                    found(page, words);
                }

                page++;
                words = [];
                place = ("", "");
            }
            else if (cells[0] == "5" && cells.Length == Columns && !string.IsNullOrWhiteSpace(cells[11]) && words.Count < MaxWords)
            {
                (string Paragraph, string Line) here = ($"{cells[2]} {cells[3]}", $"{cells[2]} {cells[3]} {cells[4]}");
                words.Add(new TesseractWord(
                    cells[11].Trim(), Number(cells[6]), Number(cells[7]), Number(cells[8]), Number(cells[9]),
                    Math.Clamp(double.Parse(cells[10], CultureInfo.InvariantCulture), 0, 100),
                    StartsLine: here.Line != place.Line, StartsParagraph: here.Paragraph != place.Paragraph));
                place = here;
            }
        }

        return (page, words);
    }

    private static int Number(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
}
