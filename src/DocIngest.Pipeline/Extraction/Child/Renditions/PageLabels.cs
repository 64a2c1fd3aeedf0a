using System.Globalization;
using System.Text;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Labels of a PDF's pages: where some of a document are left out, the others keep the numbers they have in it.</summary>
/// <remarks>ISO 32000-1, 12.4.2.</remarks>
internal static class PageLabels
{
    /// <summary>The catalog's entry; nothing where every page has its own number anyhow.</summary>
    /// <param name="numbers">Of each page in the document it comes from, ascending.</param>
    public static string For(IEnumerable<int> numbers)
    {
        var entries = new StringBuilder();
        int place = 0;
        int expected = 1;
        foreach (int number in numbers)
        {
            if (number != expected)
            {
                entries.Append(CultureInfo.InvariantCulture, $"{place}<</S/D/St {number}>>");
            }

            place++;
            expected = number + 1;
        }

        return entries.Length == 0 ? ""
            : entries[0] == '0' ? $"/PageLabels<</Nums[{entries}]>>"
            : $"/PageLabels<</Nums[0<</S/D>>{entries}]>>";   // a table begins with the first page
    }
}
