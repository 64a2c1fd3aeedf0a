using System.Globalization;
using DocIngest.Pipeline.Extraction.Child;
using DocIngest.Pipeline.Extraction.Layers;
using DocIngest.Pipeline.Records;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Exceptions;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>Reads the text layer of a PDF page by page, and tells which pages wait for OCR.</summary>
internal sealed class PdfReader : IDocumentReader
{
    /// <inheritdoc />
    public ReadingFate Read(FileStream file, WorkerRequest request, IPageSink pages)
    {
        if (file.Length > MappedFile.MaxBytes)
        {
            return ReadingFate.TooManyBytes;
        }

        using var mapped = MappedFile.Map(file);
        try
        {
            using var document = Open(mapped);
            return Read(document, request, pages);
        }
        catch (PdfDocumentEncryptedException)
        {
            return ReadingFate.Encrypted;
        }
    }

    /// <summary>Opens a document as leniently as the parser can.</summary>
    /// <exception cref="PdfDocumentEncryptedException">A password is needed.</exception>
    public static PdfDocument Open(MappedFile mapped) => PdfDocument.Open(mapped.Memory, new ParsingOptions
    {
        UseLenientParsing = true,
        SkipMissingFonts = true,
        UseActualText = true,
    });

    private static ReadingFate Read(PdfDocument document, WorkerRequest request, IPageSink pages)
    {
        int total = document.NumberOfPages;
        PdfMetadata.Read(document, pages.Metadata);
        pages.Open(total);
        var form = FormText.Of(document);
        int last = Math.Min(total, request.MaxPages);
        for (int number = 1; number <= last; number++)
        {
            if (ReadPage(document, form, number, pages) == ReadingFate.Encrypted && number == 1)
            {
                return ReadingFate.Encrypted;   // it opened, but its content does not
            }
        }

        return last < total ? ReadingFate.TooManyPages : ReadingFate.Read;
    }

    private static ReadingFate ReadPage(PdfDocument document, FormText form, int number, IPageSink pages)
    {
        PageFate fate;
        OcrReason? reason;
        string text;
        try
        {
            var page = document.GetPage(number);
            text = form.AppendTo(PageText.Read(page.Letters), page);
            (fate, reason) = Judge(document, page, text);
        }
        catch (PdfDocumentEncryptedException)
        {
            pages.Add(PageFate.Failed, "", TextSource.None);
            return ReadingFate.Encrypted;
        }
#pragma warning disable CA1031 // One page's damage must not cost the others; what the parser says quotes the page.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            pages.Add(PageFate.Failed, "", TextSource.None);
            return ReadingFate.Damaged;
        }
#pragma warning restore CA1031

        pages.Add(fate, text, string.IsNullOrWhiteSpace(text) ? TextSource.None : TextSource.Layer, reason);
        return ReadingFate.Read;
    }

    private static (PageFate Fate, OcrReason? Reason) Judge(PdfDocument document, Page page, string text)
    {
        var (visible, unreadable) = Count(text);
        if (visible == 0)
        {
            return PageMarks.Any(document, page) ? (PageFate.PendingOcr, OcrReason.NoText) : (PageFate.Blank, null);
        }

        OcrReason? reason = PageShow.IsMore(page, visible) ? OcrReason.LittleText
            : unreadable * 2 > visible ? OcrReason.UnmappedText   // fonts without a way back to Unicode
            : TextLegibility.IsJunk(text) ? OcrReason.JunkText
            : null;
        return (reason is null ? PageFate.Text : PageFate.PendingOcr, reason);
    }

    private static (int Visible, int Unreadable) Count(string text)
    {
        int visible = 0;
        int unreadable = 0;
        foreach (char character in text)
        {
            if (!char.IsWhiteSpace(character) && char.GetUnicodeCategory(character) != UnicodeCategory.Format)
            {
                visible++;
                unreadable += char.IsControl(character) || character is '\uFFFD' or (>= '\uE000' and <= '\uF8FF') ? 1 : 0;
            }
        }

        return (visible, unreadable);
    }
}
