using System.Globalization;
using System.Text;
using DocIngest.Benchmarks.Measuring;
using UglyToad.PdfPig;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>
/// The baseline of <c>ingest-pdfs</c>: threads that open one PDF after another with the options of the extraction worker and take
/// the letters of each page. Nothing is kept, nothing is written.
/// </summary>
internal static class BareLoop
{
    public const string Name = "bare-pdfs";

    // As src/DocIngest.Pipeline/Extraction/Pdf/PdfReader.cs.
    private static ParsingOptions Options => new() { UseLenientParsing = true, SkipMissingFonts = true, UseActualText = true };

    /// <summary><c>bare-pdfs LIST [--threads N] [--tell]</c>; with <c>--tell</c> a line before each file and one with its characters after it.</summary>
    public static int Run(string[] args)
    {
        string[] files = File.ReadAllLines(args[0]);
        bool tells = args.Contains("--tell");
        int next = -1;
        long letters = 0;
        var threads = Enumerable.Range(0, Arguments.Number(args, "--threads", 1)).Select(_ => new Thread(() =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < files.Length;)
            {
                if (tells)
                {
                    Console.WriteLine($"begin {at}");
                }

                var texts = tells ? new List<string>() : null;
                Interlocked.Add(ref letters, Read(files[at], texts));
                if (texts is not null)
                {
                    Console.WriteLine($"end {at} {texts.Sum(CountVisible)}");
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Console.WriteLine($"letters {letters.ToString(CultureInfo.InvariantCulture)}");
        return 0;
    }

    /// <summary>
    /// Characters that show something: neither spaces (which only one side puts between words) nor controls, format characters
    /// and combining marks (which the archive's canonical form takes out or joins).
    /// </summary>
    public static long CountVisible(string text)
    {
        long count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            count += Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark ? 0 : 1;
        }

        return count;
    }

    private static long Read(string file, List<string>? texts)
    {
        long letters = 0;
        try
        {
            using var document = PdfDocument.Open(File.ReadAllBytes(file), Options);
            for (int number = 1; number <= document.NumberOfPages; number++)
            {
                letters += ReadPage(document, number, texts);
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Damaged or encrypted: both sides go on with the next file.
        }

        return letters;
    }

    private static int ReadPage(PdfDocument document, int number, List<string>? texts)
    {
        try
        {
            var page = document.GetPage(number);
            texts?.Add(string.Concat(page.Letters.Select(letter => letter.Value)));
            return page.Letters.Count;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return 0;   // as the worker: one page's damage does not cost the others
        }
    }
}
