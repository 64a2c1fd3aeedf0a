namespace DocIngest.Pipeline.Classification;

/// <summary>
/// Compares the patient number of a document with the patient index: the number must be there, the patient's name or birth date must stand on
/// the document as well, and no other patient may.
/// </summary>
/// <remarks>A wrong number costs a person a look; a document in another patient's record costs more. What cannot be told is a mismatch.</remarks>
internal static class IdentityCheck
{
    /// <summary>The field that holds the number.</summary>
    public const string NumberField = "patientId";

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

        var days = Days(document, allowance);
        if (!IsNamed(patient, document, days, allowance))
        {
            return "neither the name nor the birth date of the patient with this number was read on the document";
        }

        string own = PatientIndex.Bare(number);
        bool hasOther = Numbers(document, allowance)
            .Where(other => other != own)
            .Any(other => index.Find(other) is { } another && another != patient && IsNamed(another, document, days, allowance));
        return hasOther ? "the document names two patients" : null;
    }

    private static bool IsNamed(IndexedPatient patient, SearchedDocument document, HashSet<DateOnly> days, Allowance allowance) =>
        (patient.BirthDate is { } birth && days.Contains(birth)) || HasName(patient.Name, document, allowance);

    // Every word of the name on one page, in whatever order: "Muster, Anna" is Anna Muster.
    private static bool HasName(string name, SearchedDocument document, Allowance allowance)
    {
        var words = name.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Count(char.IsLetter) >= 2).Select(Matcher).ToList();
        return words.Count >= 2 && document.Pages.Any(page => words.TrueForAll(word => word.Find(page, allowance) is not null));
    }

    private static ITextMatcher Matcher(string word) => word.Count(char.IsLetter) >= LongEnoughForASlip && word.Length <= FuzzyMatcher.LongestPhrase
        ? new FuzzyMatcher(word, 1, Folding.Loose)
        : new PhraseMatcher(word, Folding.Loose);

    // Either reading of a date: a birth date that agrees by chance with day and month swapped is no danger beside the number.
    private static HashSet<DateOnly> Days(SearchedDocument document, Allowance allowance)
    {
        var days = new HashSet<DateOnly>();
        foreach (var page in document.Pages)
        {
            foreach (var date in DateScanner.Scan(page.Original, document.Facts.ReceivedAt.Year, compact: false))
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
