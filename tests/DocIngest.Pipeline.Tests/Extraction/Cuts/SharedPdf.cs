using System.Text;
using DocIngest.Pipeline.Extraction.Child.Renditions;

namespace DocIngest.Pipeline.Tests.Extraction.Cuts;

/// <summary>A PDF as some scanners make it: all pages share one dictionary of resources, and the catalog tells of every page.</summary>
internal static class SharedPdf
{
    /// <summary>A page a name.</summary>
    /// <param name="names">Printed on the page, and named in the outline.</param>
    /// <param name="hasField">With a field for a signature.</param>
    /// <param name="isSigned">Which is filled in.</param>
    public static byte[] Make(IReadOnlyList<string> names, bool hasField = false, bool isSigned = false)
    {
        var file = new MemoryStream();
        using var pdf = new PdfFileWriter(file);
        int font = pdf.Add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        int tree = pdf.Reserve();
        int outline = pdf.Reserve();
        string forms = string.Concat(names.Select((name, at) =>
            $"/X{at} {Stream(pdf, $"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F {font} 0 R>>>>", $"BT /F 12 Tf 50 700 Td (Letter of {name}) Tj ET")} 0 R"));
        int resources = pdf.Add($"<</XObject<<{forms}>>>>");
        int[] pages = [.. names.Select((_, at) => pdf.Add(
            $"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595 842]/Resources {resources} 0 R/Contents {Stream(pdf, "", $"/X{at} Do")} 0 R>>"))];
        pdf.Write(tree, $"<</Type/Pages/Count {pages.Length}/Kids[{string.Join(' ', pages.Select(page => $"{page} 0 R"))}]>>");
        int[] items = [.. names.Select(_ => pdf.Reserve())];
        for (int at = 0; at < items.Length; at++)
        {
            string next = at + 1 < items.Length ? $"/Next {items[at + 1]} 0 R" : "";
            string before = at > 0 ? $"/Prev {items[at - 1]} 0 R" : "";
            pdf.Write(items[at], $"<</Title(Outline of {names[at]})/Parent {outline} 0 R{next}{before}/Dest[{pages[at]} 0 R/Fit]>>");
        }

        pdf.Write(outline, $"<</Type/Outlines/First {items[0]} 0 R/Last {items[^1]} 0 R/Count {items.Length}>>");
        string form = "";
        if (hasField)
        {
            string value = isSigned ? $"/V {pdf.Add("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>")} 0 R" : "";
            form = $"/AcroForm<</SigFlags {(isSigned ? 3 : 0)}/Fields[{pdf.Add($"<</FT/Sig/T(Signature){value}>>")} 0 R]>>";
        }

        pdf.Finish(pdf.Add($"<</Type/Catalog/Pages {tree} 0 R/Outlines {outline} 0 R{form}>>"));
        return file.ToArray();
    }

    private static int Stream(PdfFileWriter pdf, string entries, string content)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(content);
        return pdf.AddStream(entries, bytes.Length, target => target.Write(bytes));
    }
}
