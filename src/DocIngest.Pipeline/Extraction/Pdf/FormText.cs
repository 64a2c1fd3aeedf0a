using UglyToad.PdfPig;
using UglyToad.PdfPig.AcroForms;
using UglyToad.PdfPig.AcroForms.Fields;
using UglyToad.PdfPig.Annotations;
using UglyToad.PdfPig.Content;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>
/// Text that a viewer shows and the page's content does not hold: what was filled into form fields, and typed comments. Filled
/// forms are common among medical records, and PdfPig reads no appearance streams.
/// </summary>
internal sealed class FormText
{
    private readonly ILookup<int, string> _values;

    private FormText(ILookup<int, string> values) => _values = values;

    /// <summary>Gathers a document's field values. A form that cannot be read has none.</summary>
    public static FormText Of(PdfDocument document)
    {
        try
        {
            var fields = document.TryGetForm(out var form) ? form.GetFields().Where(field => field.PageNumber is not null) : [];
            return new FormText(fields.SelectMany(field => Values(field).Select(value => (Page: field.PageNumber ?? 0, Value: value)))
                .ToLookup(entry => entry.Page, entry => entry.Value));
        }
#pragma warning disable CA1031 // A form is an extra: whatever is wrong with it, the pages are still to be read.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new FormText(Array.Empty<string>().ToLookup(_ => 0));
        }
#pragma warning restore CA1031
    }

    /// <summary>A page's text with what is typed over it, each on a line of its own; what the page says already is left out.</summary>
    public string AppendTo(string text, Page page)
    {
        var typed = page.GetAnnotations()
            .Where(annotation => annotation.Type == AnnotationType.FreeText && !annotation.Flags.HasFlag(AnnotationFlags.Hidden))
            .Select(annotation => annotation.Content ?? "");
        var added = _values[page.Number].Concat(typed)
            .Where(value => !string.IsNullOrWhiteSpace(value) && !text.Contains(value, StringComparison.Ordinal))
            .Distinct()
            .ToList();
        return added.Count == 0 ? text
            : string.Join('\n', text.Length == 0 ? added : added.Prepend(text));
    }

    private static IEnumerable<string> Values(AcroFieldBase field) => field switch
    {
        AcroTextField { Value: { } value } => [value],
        AcroComboBoxField combo => combo.SelectedOptions,
        AcroListBoxField list => list.SelectedOptions,
        _ => [],
    };
}
