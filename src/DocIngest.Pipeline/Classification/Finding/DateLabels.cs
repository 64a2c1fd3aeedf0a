namespace DocIngest.Pipeline.Classification;

/// <summary>Tells by the words before a date what it is the date of. Of several, the one next to the date counts; mere hints give way.</summary>
internal static class DateLabels
{
    private const int NoDate = -1000;
    private const int Other = -3;
    private const int Named = 4;
    private const int Hinted = 2;
    private const char Born = '*';   // "Max Muster *12.03.1950"

    private static readonly (string Words, int Rank)[] Labels =
    [
        .. Each(NoDate, "dob d.o.b birth birthdate birthday born geb geb. geboren geburtsdatum geburtstag geburt gebdat gebdatum naissance nacimiento nascita geboortedatum"),
        ("date of birth", NoDate), ("birth date", NoDate), ("né le", NoDate), ("née le", NoDate), ("geb am", NoDate), ("geb. am", NoDate),
        .. Each(Other, "expires expiry exp until due next termin bis termine gültig fällig ablaufdatum wiedervorlage appointment since seit letzter last previous zuletzt vormals"),
        ("valid until", Other), ("gültig bis", Other), ("valid from", Other), ("due date", Other), ("expiry date", Other), ("next visit", Other), ("follow up", Other),
        .. Each(Named, "date datum dated rechnungsdatum ausstellungsdatum berichtsdatum befunddatum briefdatum untersuchungsdatum entnahmedatum aufnahmedatum fecha data"),
        ("report date", Named), ("date of service", Named), ("date of visit", Named), ("visit date", Named), ("invoice date", Named), ("bill date", Named),
        ("date of report", Named), ("date of examination", Named), ("inv date", Named), ("trn date", Named), ("doc date", Named), ("document date", Named),
        .. Each(Hinted, "vom den am le on issued created erstellt printed reported collected signed seen time zeit uhrzeit stand"),
    ];

    // Hints last: whatever else stands there goes before them.
    private static readonly (string Folded, int Rank)[] Folded =
        [.. Labels.Select(label => (Folded: FoldedText.Fold(label.Words, Folding.Loose), label.Rank)).OrderBy(label => label.Rank == Hinted)];

    /// <summary>How likely a date behind these words is the document's own; the higher the likelier, far below zero for a birth date.</summary>
    public static int Rank(string context)
    {
        string folded = FoldedText.Fold(context, Folding.Loose);
        if (folded.TrimEnd().EndsWith(Born) && folded.Any(char.IsLetter))
        {
            return NoDate;
        }

        int rank = 0;
        int nearest = 0;
        int longest = 0;
        foreach (var (words, value) in Folded)
        {
            int at = LastWhole(folded, words);
            int end = at + words.Length;
            bool givesWay = value == Hinted && rank is not (0 or Hinted);   // "born on"
            if (at >= 0 && !givesWay && (end > nearest || (end == nearest && words.Length > longest)))
            {
                (rank, nearest, longest) = (value, end, words.Length);
            }
        }

        return rank;
    }

    private static int LastWhole(string text, string words)
    {
        for (int at = text.LastIndexOf(words, StringComparison.Ordinal); at >= 0; at = at == 0 ? -1 : text.LastIndexOf(words, at - 1, StringComparison.Ordinal))
        {
            int end = at + words.Length;
            bool begins = at == 0 || !FoldedText.IsOfWord(text[at - 1]) || !FoldedText.IsOfWord(words[0]);
            bool ends = end >= text.Length || !FoldedText.IsOfWord(text[end]) || !FoldedText.IsOfWord(words[^1]);
            if (begins && ends)
            {
                return at;
            }
        }

        return -1;
    }

    private static IEnumerable<(string Words, int Rank)> Each(int rank, string words) => words.Split(' ').Select(word => (word, rank));
}
