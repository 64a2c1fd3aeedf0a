using System.Globalization;

namespace DocIngest.Pipeline.Revisions;

/// <summary>A document that a record is divided into.</summary>
/// <param name="Pages">Its pages, ascending.</param>
/// <param name="Said">Whose, or what, it is, in the person's word: that goes before what is read of it. Null where they leave it to the rules.</param>
public sealed record SplitDocument(IReadOnlyList<int> Pages, Assignment? Said = null);

/// <summary>How a person divides a record: <c>1-2,3-5</c> is two documents, <c>1-2+5,3-4</c> as well.</summary>
public static class SplitPages
{
    private const int HighestPage = 1_000_000;   // beyond any document; a typing error must not cost memory

    /// <summary>Most documents of one record: each is named in one entry of the audit.</summary>
    public const int MostDocuments = 400;

    /// <summary>The pages of each document, ascending.</summary>
    /// <returns>Null where it is not of that form.</returns>
    public static IReadOnlyList<IReadOnlyList<int>>? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var documents = new List<IReadOnlyList<int>>();
        foreach (string document in text.Split(','))
        {
            var pages = new List<int>();
            foreach (string range in document.Split('+'))
            {
                string[] ends = range.Trim().Split('-');
                if (ends.Length > 2 || !TryRead(ends[0], out int first) || !TryRead(ends[^1], out int last) || last < first)
                {
                    return null;
                }

                pages.AddRange(Enumerable.Range(first, last - first + 1));
            }

            documents.Add([.. pages.Order()]);
        }

        return documents;
    }

    /// <summary>Why pages cannot be divided so, in plain words; null where each is in one document.</summary>
    /// <param name="documents">The pages of each document.</param>
    /// <param name="total">Pages there are.</param>
    public static string? WhyNot(IReadOnlyList<IReadOnlyList<int>> documents, int total)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var counts = documents.SelectMany(pages => pages).GroupBy(page => page).ToDictionary(pages => pages.Key, pages => pages.Count());
        int[] beyond = [.. counts.Keys.Where(page => page > total)];
        int[] twice = [.. counts.Where(page => page.Value > 1).Select(page => page.Key)];
        int[] left = [.. Enumerable.Range(1, total).Where(page => !counts.ContainsKey(page))];
        return beyond.Length > 0 ? $"It has {total} pages, and no page {beyond.Min()}."
            : twice.Length > 0 ? $"Page {twice.Min()} is in two documents."
            : left.Length > 0 ? $"Pages {Records.PageRanges.Of(left)} are in no document."
            : documents.Count < 2 ? "That is one document: name at least two."
            : documents.Count > MostDocuments ? $"A record is divided into {MostDocuments} documents at most."
            : null;
    }

    private static bool TryRead(string text, out int page) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out page) && page is >= 1 and <= HighestPage;
}
