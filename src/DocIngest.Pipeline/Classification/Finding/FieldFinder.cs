using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>A field that a rule looks for, ready to look.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Fixed">The value itself; null where it is looked for.</param>
/// <param name="Scope">Where to look.</param>
/// <param name="Labels">What stands before it; empty for nothing.</param>
/// <param name="Regex">What it looks like; null for what its type says.</param>
/// <param name="CheckDigit">Its check digit.</param>
/// <param name="Codes">The vocabulary of a code field.</param>
internal sealed record FieldRule(
    string Name, FieldType Type, string? Fixed, SearchScope Scope, IReadOnlyList<PhraseMatcher> Labels, RegexMatcher? Regex, CheckDigitRule CheckDigit, CodeList? Codes);

/// <summary>A value that was found for a field.</summary>
internal sealed record FoundValue(string Value, SearchedText? Text, string? Words)
{
    /// <summary>Whether it is a date that was found, whose words are kept with it.</summary>
    public bool IsDate { get; init; }

    /// <summary>Of a date: day and month could be the other way round.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>All codes, the value first.</summary>
    public IReadOnlyList<FoundCode>? Codes { get; init; }
}

/// <summary>Finds fields in one document.</summary>
/// <param name="document">The document.</param>
/// <param name="language">Its language; null where unknown.</param>
internal sealed class FieldFinder(SearchedDocument document, string? language)
{
    private const int LongestText = 256;
    private const int MostCodes = 64;
    private const int MostUnitLines = 2;
    private const int LongestUnit = 3;

    private static readonly string[] CommaLanguages = ["de", "fr", "es", "it", "nl", "pt", "pl", "cs", "da", "sv", "nb"];
    private static readonly string[] NumberWords = ["no", "nr", "num", "number", "nummer", "id"];

    private readonly DateFinder _dates = new(document, language);

    /// <summary>The first value that fits; null where there is none.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public FoundValue? Find(FieldRule field, Allowance allowance)
    {
        if (field.Fixed is { } value)
        {
            return new FoundValue(value, null, null);
        }

        if (field.Type == FieldType.Code)
        {
            return FindCodes(field, allowance);
        }

        if (field is { Type: FieldType.Date, Labels.Count: 0, Regex: null })
        {
            return _dates.OfDocument(field.Scope.Of(document), allowance) is { } date ? Of(date) : null;
        }

        return Stretches(field, allowance).Select(stretch => Read(field, stretch, allowance)).OfType<FoundValue>().FirstOrDefault();
    }

    private FoundValue? FindCodes(FieldRule field, Allowance allowance)
    {
        var found = new List<(VocabularyCode Code, Stretch At)>();
        foreach (var stretch in Stretches(field, allowance))
        {
            foreach (var (code, span) in field.Codes?.In(stretch.Value) ?? [])
            {
                allowance.Check();
                if (found.Count < MostCodes && !found.Exists(earlier => earlier.Code == code))
                {
                    found.Add((code, stretch with { Span = new Span(stretch.Span.Start + span.Start, span.Length) }));
                }
            }

            if (found.Count == MostCodes)
            {
                break;
            }
        }

        return found.Count == 0 ? null : new FoundValue(
            found[0].Code.Value, found[0].At.Text, found[0].At.Words)
        {
            Codes = [.. found.Select(one => new FoundCode(field.Name, one.Code.Value, one.Code.Term, one.At.Text.Page))],
        };
    }

    // Where a value may be: behind the labels, within the expression's matches, or the whole text.
    private IEnumerable<Stretch> Stretches(FieldRule field, Allowance allowance)
    {
        foreach (var text in field.Scope.Of(document))
        {
            allowance.Check();
            var regions = field.Labels.Count > 0
                ? field.Labels.SelectMany(label => BehindLabel(label, text, allowance))
                : [new Stretch(text, new Span(0, text.Original.Length), null)];
            foreach (var region in regions)
            {
                if (field.Regex is not { } regex)
                {
                    yield return region;
                    continue;
                }

                for (int from = 0; regex.Match(region.Value, from, allowance) is { } match; from = Math.Max(from + 1, match.Whole.End))
                {
                    yield return region with { Span = new Span(region.Span.Start + match.Value.Start, match.Value.Length) };
                    if (match.Whole.End >= region.Value.Length)
                    {
                        break;
                    }
                }
            }
        }
    }

    private static IEnumerable<Stretch> BehindLabel(PhraseMatcher label, SearchedText text, Allowance allowance)
    {
        string page = text.Original;
        foreach (var span in label.FindAll(text, allowance))
        {
            int start = SkipDividers(page, span.End);
            bool isLeftBlank = page.AsSpan(span.End, start - span.End).ContainsAny('_', '-', '\u2013');   // "Ward: ____"
            if ((start >= page.Length || page[start] == '\n') && !isLeftBlank)
            {
                start = Below(page, start);
            }

            int end = EndOfValue(page, start);
            if (end > start)
            {
                yield return new Stretch(text, new Span(start, end - start), span.Start);
            }
        }
    }

    private static int SkipDividers(string text, int at)
    {
        while (at < text.Length && text[at] != '\n' && (char.IsWhiteSpace(text[at]) || text[at] is ':' or '.' or '#' or '=' or '_' or '|' or ')' or '-' or '\u2013'))
        {
            at++;
        }

        return at;
    }

    // Where the value begins that stands below its label, perhaps with a unit or a colon on a line of its own between them.
    private static int Below(string text, int at)
    {
        int start = SkipDividers(text, SkipBlankLines(text, at));
        for (int line = 0; line < MostUnitLines; line++)
        {
            int end = EndOfValue(text, start);
            if (end - start > LongestUnit || text.AsSpan(start, end - start).ContainsAnyInRange('0', '9') || end >= text.Length || text[end] != '\n')
            {
                break;
            }

            int next = SkipDividers(text, SkipBlankLines(text, end));
            if (next >= text.Length || !char.IsAsciiDigit(text[next]))
            {
                break;   // a short value, not a unit
            }

            start = next;
        }

        return start;
    }

    private static int SkipBlankLines(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    // To the end of the line, or to a gap between columns.
    private static int EndOfValue(string text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] is not ('\n' or '\t') && !(text[end] == ' ' && end + 1 < text.Length && text[end + 1] == ' ') && end - start < 2 * LongestText)
        {
            end++;
        }

        return end;
    }

    private FoundValue? Read(FieldRule field, Stretch stretch, Allowance allowance) => field.Type switch
    {
        FieldType.Text => ReadText(stretch),
        FieldType.Identifier => ReadIdentifier(field, stretch),
        FieldType.Number => NumberReader.First(stretch.Value, CommaLanguages.Contains(language)) is { } number ? new FoundValue(number.Value, stretch.Text, stretch.Words) : null,
        FieldType.Date => ReadDate(stretch, allowance),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static FoundValue? ReadText(Stretch stretch)
    {
        string line = string.Join(' ', stretch.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim(' ', ',', ';', ':');
        return !line.Any(char.IsLetterOrDigit) ? null : new FoundValue(line.Length <= LongestText ? line : line[..LongestText], stretch.Text, stretch.Words);
    }

    private static FoundValue? ReadIdentifier(FieldRule field, Stretch stretch)
    {
        string written = field.Regex is null && field.Labels.Count > 0 ? FirstToken(stretch.Value, joins: field.CheckDigit != CheckDigitRule.None) : stretch.Value;
        foreach (string candidate in new[] { written, written.Split(' ')[0] })
        {
            string value = string.Concat(candidate.Where(character => !char.IsWhiteSpace(character)));
            if (value.Length is > 0 and <= LongestText && value.Any(char.IsLetterOrDigit) && CheckDigits.Hold(field.CheckDigit, value))
            {
                return new FoundValue(value, stretch.Text, stretch.Words);
            }
        }

        return null;
    }

    // Behind a label an identifier comes at once and has a digit; groups of digits may be divided by blanks where a check digit tells that they belong together.
    private static string FirstToken(string text, bool joins)
    {
        var tokens = new Queue<string>(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(token => token.Trim('.', ',', ':', ';', '#', '(', ')', '-')));
        while (tokens.TryPeek(out string? word) && (word.Length == 0 || NumberWords.Contains(word.ToLowerInvariant())))
        {
            tokens.Dequeue();
        }

        if (!tokens.TryDequeue(out string? first) || !first.Any(char.IsAsciiDigit) || first.Any(character => !char.IsLetterOrDigit(character) && character is not ('-' or '/' or '.')))
        {
            return "";
        }

        while (joins && first.All(character => char.IsAsciiDigit(character) || character == ' ') && tokens.TryDequeue(out string? more) && more.All(char.IsAsciiDigit))
        {
            first += " " + more;
        }

        return first;
    }

    private FoundValue? ReadDate(Stretch stretch, Allowance allowance)
    {
        var only = new SearchedText(stretch.Text.Place, stretch.Text.Page, stretch.Value);
        return _dates.In(only, allowance).FirstOrDefault() is not { } date ? null : Of(date) with
        {
            Text = stretch.Text,
            Words = stretch.Text.Words(new Span(stretch.LabelStart ?? stretch.Span.Start, stretch.Span.Start + date.Span.End - (stretch.LabelStart ?? stretch.Span.Start))),
        };
    }

    private static FoundValue Of(FoundDate date) => new(date.Day.ToString("yyyy-MM-dd"), date.Text, date.Words) { IsDate = true, IsAmbiguous = date.IsAmbiguous };

    // A part of a text, and where its label begins.
    private sealed record Stretch(SearchedText Text, Span Span, int? LabelStart)
    {
        public string Value => Text.Original.Substring(Span.Start, Span.Length);

        public string Words => Text.Words(LabelStart is { } start ? new Span(start, Span.End - start) : Span);
    }
}
