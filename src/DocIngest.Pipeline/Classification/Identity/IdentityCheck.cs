namespace DocIngest.Pipeline.Classification;

/// <summary>
/// Compares the patient number of a document with the patient index: the number must be there, the patient's name or birth date must stand on
/// the document as well, and no other patient may: by number with name or birth date, or by name with birth date on one page.
/// </summary>
/// <remarks>A wrong number costs a person a look; a document in another patient's record costs more. What cannot be told is a mismatch.</remarks>
internal static class IdentityCheck
{
    /// <summary>The field that holds the number.</summary>
    public const string NumberField = "patientId";

    /// <summary>The field that holds the case of the patient.</summary>
    public const string CaseField = "encounterId";

    private const int ShortestNumber = 4;
    private const int MostGroups = 4;

    // A word of a name may be misread by a letter; short ones must be right.
    private const int LongEnoughForASlip = 6;

    /// <summary>What is wrong, in words without anything of a patient; null where all agrees.</summary>
    /// <param name="index">The patients there are.</param>
    /// <param name="number">The number found; null where none was.</param>
    /// <param name="document">The document.</param>
    /// <param name="allowance">Time.</param>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public static string? FaultOf(PatientIndex index, string? number, SearchedDocument document, Allowance allowance)
    {
        if (number is null)
        {
            return "no patient number was read";
        }

        if (index.Find(number) is not { } patient)
        {
            return "the patient number is not in the patient index";
        }

        var pages = document.Pages.Select(page => (Page: page, Days: Days(page, document.Facts.ReceivedAt.Year, allowance))).ToList();
        var days = pages.SelectMany(page => page.Days).ToHashSet();
        if (!IsNamed(patient, document, days, allowance))
        {
            return "neither the name nor the birth date of the patient with this number was read on the document";
        }

        string own = PatientIndex.Bare(number);
        bool hasOther = pages.Exists(page => NamesAnother(index, patient, page.Page, page.Days, allowance))
            || Numbers(document, allowance)
                .Where(other => other != own)
                .Any(other => index.Find(other) is { } another && another != patient && IsNamed(another, document, days, allowance));
        return hasOther ? "the document names two patients" : null;
    }

    private static bool IsNamed(IndexedPatient patient, SearchedDocument document, HashSet<DateOnly> days, Allowance allowance) =>
        (patient.BirthDate is { } birth && days.Contains(birth)) || document.Pages.Any(page => HasName(patient, word => Matcher(word).Find(page, allowance) is not null));

    // A sheet without a number, or with one misread, names its patient by name and birth date; a date alone is no evidence, nor a name.
    private static bool NamesAnother(PatientIndex index, IndexedPatient patient, SearchedText page, HashSet<DateOnly> days, Allowance allowance)
    {
        var name = new SearchedText(Place.Text, null, patient.Name);
        var onPage = new Dictionary<string, bool>();   // thousands may have one birth date, and share their first names
        return days.SelectMany(index.BornOn).Any(another => another != patient && HasName(another, IsOnPage) && !IsPartOfName(another));

        bool IsOnPage(string word) => onPage.TryGetValue(word, out bool known) ? known : onPage[word] = MatcherOfAnother(word).Find(page, allowance) is not null;

        // Twins are called Christina and Christine: a word that is nearly one of the patient's own must be right.
        ITextMatcher MatcherOfAnother(string word) => Matcher(word).Find(name, allowance) is null ? Matcher(word) : new PhraseMatcher(word, Folding.Loose);

        // Anna Muster beside Anna Maria Muster of the same day: the words on the page are the patient's own.
        bool IsPartOfName(IndexedPatient another) => HasName(another, word => new PhraseMatcher(word, Folding.Loose).Find(name, allowance) is not null);
    }

    // Every word of the name on one page, in whatever order: "Muster, Anna" is Anna Muster.
    private static bool HasName(IndexedPatient patient, Predicate<string> isThere)
    {
        var words = patient.Name.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Count(char.IsLetter) >= 2).ToList();
        return words.Count >= 2 && words.TrueForAll(isThere);
    }

    private static ITextMatcher Matcher(string word) => word.Count(char.IsLetter) >= LongEnoughForASlip && word.Length <= FuzzyMatcher.LongestPhrase
        ? new FuzzyMatcher(word, 1, Folding.Loose)
        : new PhraseMatcher(word, Folding.Loose);

    // Either reading of a date: a birth date that agrees by chance with day and month swapped is no danger beside number or name.
    private static HashSet<DateOnly> Days(SearchedText page, int latestYear, Allowance allowance)
    {
        var days = new HashSet<DateOnly>();
        foreach (var date in DateScanner.Scan(page.Original, latestYear, compact: false))
        {
            allowance.Check();
            switch (date.Reading)
            {
                case DateReading.Plain plain:
                    days.Add(plain.Day);
                    break;
                case DateReading.Shown shown:
                    days.Add(shown.Day);
                    break;
                case DateReading.Ambiguous ambiguous:
                    days.Add(ambiguous.DayFirst);
                    days.Add(ambiguous.MonthFirst);
                    break;
            }
        }

        return days;
    }

    // Whatever could be a number of the index: words with a digit, and up to four of them in succession ("943 476 5919").
    private static IEnumerable<string> Numbers(SearchedDocument document, Allowance allowance)
    {
        foreach (var text in document.Pages.Concat(document.BarCodes(null)))
        {
            allowance.Check();
            string[] words = text.Original.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            for (int at = 0; at < words.Length; at++)
            {
                string number = "";
                for (int more = at; more < words.Length && more < at + MostGroups && words[more].Any(char.IsAsciiDigit); more++)
                {
                    number += PatientIndex.Bare(words[more]);
                    if (number.Length >= ShortestNumber)
                    {
                        yield return number;
                    }
                }
            }
        }
    }
}
