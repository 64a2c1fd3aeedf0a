using System.Text.Json;
using DocIngest.Pipeline.Classification;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Classification;

/// <summary>Text that nobody made for these rules: receipts with known dates and totals, notes and conversations from clinics.</summary>
public sealed class When_real_text_is_classified(ITestOutputHelper output)
{
    private static readonly RuleSet Receipts = Rules.Set(
        Rules.Rule("dates", Rules.Field("documentDate", FieldType.Date)),
        Rules.Rule("totals", new FieldOptions
        {
            Name = "total", Type = FieldType.Number, Regex = @"[0-9][0-9 ,]*\.[0-9]{2}\b",
            Labels = ["final total", "grand total", "rounded total", "total payable", "nett total", "net total", "total amount", "total sales inclusive*", "total sales (inclusive*", "total inclusive*", "total incl*", "total rm", "total"],
        }));

    // What dates look like on these receipts is known: a day the finder gets wrong counts as not found.
    [Fact]
    public void Dates_and_totals_of_receipts_are_found()
    {
        int dates = 0, rightDates = 0, totals = 0, rightTotals = 0;
        foreach (string file in Corpora.Files("sroie", "*.json"))
        {
            using var key = JsonDocument.Parse(File.ReadAllText(file));
            string box = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file)) ?? "", "box", Path.GetFileNameWithoutExtension(file) + ".csv");
            string text = string.Join('\n', File.ReadLines(box).Select(line => line.Split(',', 9)).Where(cells => cells.Length == 9).Select(cells => cells[8]));
            var found = Receipts.Classify(Rules.Document(text) with { DateOrder = DateOrder.DayFirst });
            if (key.RootElement.TryGetProperty("date", out var date) && Day(date.GetString() ?? "") is { } day)
            {
                dates++;
                bool isRight = found.Fields.GetValueOrDefault("documentDate") == day;
                rightDates += isRight ? 1 : 0;
                Tell(isRight, file, $"date {day} as {date}", found.Fields.GetValueOrDefault("documentDate"));
            }

            if (key.RootElement.TryGetProperty("total", out var total))
            {
                totals++;
                bool isRight = NumberReader.First(total.GetString() ?? "", false)?.Value == found.Fields.GetValueOrDefault("total");
                rightTotals += isRight ? 1 : 0;
                Tell(isRight, file, $"total {total}", found.Fields.GetValueOrDefault("total"));
            }
        }

        output.WriteLine($"dates {rightDates} of {dates}, totals {rightTotals} of {totals}");
        Assert.True(dates >= 50);
        Assert.True(rightDates >= 0.9 * dates, $"{rightDates} of {dates} dates");
        Assert.True(rightTotals >= totals / 3, $"{rightTotals} of {totals} totals");   // the boxes come without their layout: most labels have lost their value
    }

    [Fact]
    public void Birth_dates_in_visits_are_never_taken_for_the_date_of_the_document()
    {
        int births = 0;
        foreach (string line in Notes().Where(line => line.Contains("birth", StringComparison.OrdinalIgnoreCase)))
        {
            births++;
            var found = Receipts.Classify(Rules.Document(line) with { DateOrder = DateOrder.MonthFirst });
            string? words = found.Evidence.GetValueOrDefault("documentDate")?.Words;
            Assert.DoesNotContain("birth", words ?? "", StringComparison.OrdinalIgnoreCase);
        }

        Assert.True(births > 5, $"{births} births");
    }

    [Fact]
    public void Every_note_is_English_and_classified_at_once()
    {
        var detector = new LanguageDetector(["en", "de"]);
        var rules = Rules.Set(
            new RuleOptions { Name = "allergy", Flags = ["allergy"], When = [new ConditionOptions { Any = ["allerg*", "anaphyla*"] }], Unless = [new ConditionOptions { Fuzzy = "no known drug allergies" }] },
            new RuleOptions { Name = "fuzzy", Tags = ["x"], When = [new ConditionOptions { Fuzzy = "history of present illness" }] },
            Rules.Rule("standard", Rules.Field("patientId", FieldType.Identifier, "MRN", "Patient ID"), Rules.Field("documentDate", FieldType.Date)));
        var classifier = new Classifier(rules, detector, TimeProvider.System);
        int notes = 0, english = 0, flagged = 0;
        var started = TimeProvider.System.GetTimestamp();
        foreach (string note in Notes().Where(line => line.Length > 200))
        {
            var found = classifier.Classify(Rules.Document(note) with { Languages = ["en", "de"] });
            notes++;
            english += found.Language == "en" ? 1 : 0;
            flagged += found.Flags.Contains("allergy") ? 1 : 0;
            Assert.Empty(found.Notes);
        }

        output.WriteLine($"{notes} notes in {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds / notes:0.00} ms each, {english} English, {flagged} flagged");
        Assert.True(notes > 1000);
        Assert.True(english >= 0.995 * notes, $"{english} of {notes}");
        Assert.InRange(flagged, 1, notes / 2);
    }

    private void Tell(bool isRight, string file, string wanted, string? found)
    {
        if (!isRight)
        {
            output.WriteLine($"{Path.GetFileName(file)}: {wanted}, found {found}");
        }
    }

    private static IEnumerable<string> Notes() =>
        Corpora.Files("mts-dialog", "*.csv").Concat(Corpora.Files("aci-bench", "*.csv")).SelectMany(file => File.ReadLines(file));

    private static string? Day(string written)
    {
        string[] forms = ["dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy", "dd/MM/yy", "dd-MM-yy", "dd.MM.yyyy", "yyyy-MM-dd", "dd MMM yyyy", "dd MMM yy", "d MMM yyyy", "dd-MMM-yyyy", "dd-MMM-yy", "dd/MMM/yyyy", "MMM dd, yyyy", "MMMM d, yyyy"];
        return DateOnly.TryParseExact(written.Trim(), forms, out var day) ? day.ToString("yyyy-MM-dd") : null;
    }
}
