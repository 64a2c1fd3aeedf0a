using UglyToad.PdfPig;
using UglyToad.PdfPig.Annotations;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Tokens;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>
/// Whether a page without text shows something. "Blank" is final, so it needs proof: an instruction to paint that came to
/// nothing here (a font or an image that could not be read) is a mark, and OCR of the rendered page will tell.
/// </summary>
internal static class PageMarks
{
    // ISO 32000-1, annex A: operators that show text or paint.
    private static readonly HashSet<string> TextShowing = ["Tj", "TJ", "'", "\""];
    private static readonly HashSet<string> Painting = ["Do", "sh", "BI", "EI", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*"];

    /// <summary>Looks for marks.</summary>
    /// <exception cref="InvalidDataException">There is no such page: the tree names something else.</exception>
    public static bool Any(PdfDocument document, Page page)
    {
        if (page.NumberOfImages > 0 || page.Letters.Any(letter => !string.IsNullOrWhiteSpace(letter.Value))
            || page.Paths.Any(path => path.IsFilled || path.IsStroked) || page.GetAnnotations().Any(IsVisible))
        {
            return true;
        }

        if (!page.Dictionary.TryGet(NameToken.Type, out var type) || type is not NameToken { Data: "Page" })
        {
            throw new InvalidDataException("The page tree does not lead to a page.");
        }

        // Spaces are letters too: a page that shows nothing else is blank.
        return page.Operations.Any(operation => Painting.Contains(operation.Operator)
                || (TextShowing.Contains(operation.Operator) && page.Letters.Count == 0))
            || (page.Operations.Count == 0 && HasContent(document, page));
    }

    private static bool IsVisible(Annotation annotation) =>
        !annotation.Flags.HasFlag(AnnotationFlags.Hidden) && !annotation.Flags.HasFlag(AnnotationFlags.NoView)
        && annotation.Type is not (AnnotationType.Link or AnnotationType.Popup)
        && (annotation.HasNormalAppearance || annotation.Type != AnnotationType.Widget);

    /// <summary>A content stream out of which not one instruction could be read.</summary>
    private static bool HasContent(PdfDocument document, Page page)
    {
        if (!page.Dictionary.TryGet(NameToken.Contents, out var contents))
        {
            return false;
        }

        var parts = Resolve(document, contents) is ArrayToken array ? array.Data.Select(part => Resolve(document, part)) : [Resolve(document, contents)];
        return parts.OfType<StreamToken>().Any(stream => stream.Data.Span.IndexOfAnyExcept(" \r\n\t\0"u8) >= 0);
    }

    private static IToken? Resolve(PdfDocument document, IToken? token) =>
        token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data)?.Data : token;
}
