using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class ClassifierTests
{
    private static readonly ConditionOptions Never = new() { Phrase = "not there" };

    [Fact]
    public void All_of_when_one_of_whenAny_and_none_of_unless_must_hold()
    {
        var rule = new RuleOptions
        {
            Name = "r",
            RecordClass = "letter",
            When = [new ConditionOptions { Phrase = "alpha" }, new ConditionOptions { In = Place.FileName, Regex = @"\.pdf$" }],
            WhenAny = [Never, new ConditionOptions { Any = ["none", "beta"] }],
            Unless = [new ConditionOptions { All = ["gamma", "delta"] }],
        };
        Assert.Equal("letter", ClassOf(rule, "alpha beta gamma"));
        Assert.Null(ClassOf(rule, "alpha"));
        Assert.Null(ClassOf(rule, "beta"));
        Assert.Null(ClassOf(rule, "alpha beta gamma delta"));
    }

    [Fact]
    public void Each_place_is_looked_at_by_itself()
    {
        var document = Rules.Document("in the text", "on page two") with
        {
            FileName = "LAB_7.pdf",
            Subfolder = "ward 3/incoming",
            Metadata = new Dictionary<string, string> { ["pdf:title"] = "A title", ["pdf:author"] = "somebody" },
            BarCodes = [new BarCode(2, "CODE-128", "ENC-00012"), new BarCode(1, "QR-Code", "other")],
        };
        Assert.True(Holds(new ConditionOptions { In = Place.FileName, Phrase = "LAB*" }, document));
        Assert.True(Holds(new ConditionOptions { In = Place.Folder, Phrase = "ward 3" }, document));
        Assert.True(Holds(new ConditionOptions { In = Place.Metadata, Phrase = "title" }, document));
        Assert.True(Holds(new ConditionOptions { In = Place.Metadata, MetadataKey = "PDF:Author", Phrase = "somebody" }, document));
        Assert.False(Holds(new ConditionOptions { In = Place.Metadata, MetadataKey = "pdf:author", Phrase = "title" }, document));
        Assert.True(Holds(new ConditionOptions { In = Place.BarCode, Regex = "^ENC-" }, document));
        Assert.False(Holds(new ConditionOptions { In = Place.BarCode, Symbology = "QR-Code", Regex = "^ENC-" }, document));
        Assert.False(Holds(new ConditionOptions { In = Place.BarCode, Pages = 1, Regex = "^ENC-" }, document));
        Assert.True(Holds(new ConditionOptions { Phrase = "page two" }, document));
        Assert.False(Holds(new ConditionOptions { Pages = 1, Phrase = "page two" }, document));
        Assert.False(Holds(new ConditionOptions { Phrase = "text on" }, document));   // no phrase goes over the end of a page
    }

    [Fact]
    public void Of_two_rules_the_earlier_counts_and_tags_and_flags_add_up()
    {
        var found = Rules.Set(
            new RuleOptions { Name = "a", RecordClass = "first", Tags = ["x"], Flags = ["allergy"], Fields = [new FieldOptions { Name = "documentType", Value = "one" }] },
            new RuleOptions { Name = "b", RecordClass = "second", Title = "B", Tags = ["a", "x"], Flags = ["consent-limit"], Fields = [new FieldOptions { Name = "documentType", Value = "two" }] })
            .Classify(Rules.Document("anything"), traces: true);
        Assert.Equal(("first", "B", "x", "one"), (found.RecordClass, found.Title, found.Tags[1], found.Fields["documentType"]));
        Assert.Equal(["allergy", "consent-limit"], found.Flags);
        Assert.Equal(("rule", "a"), (found.Evidence["documentType"].Source, found.Evidence["documentType"].Rule));
        Assert.Equal(["recordClass", "documentType"], found.Steps[1].Said.Where(said => said.OverriddenBy == "a").Select(said => said.What));
    }

    [Fact]
    public void A_sidecar_wins_over_rules_and_rules_over_the_file_name()
    {
        var rules = Rules.Set(new RuleOptions
        {
            Name = "a",
            RecordClass = "by-rule",
            DocumentKey = "{order}",
            Fields = [Rules.Field("order", FieldType.Identifier, "Order"), new FieldOptions { Name = "department", Value = "by rule" }],
        });
        var document = Rules.Document("Order: 77") with { KeyFromName = "K1" };
        var byRule = rules.Classify(document);
        Assert.Equal(("by-rule", "77", "by rule"), (byRule.RecordClass, byRule.DocumentKey, byRule.Fields["department"]));
        var bySidecar = rules.Classify(document with
        {
            Sidecar = new Sidecar("S1", "by-sidecar", new Dictionary<string, string> { ["department"] = "by sidecar" }, null),
        }, traces: true);
        Assert.Equal(("by-sidecar", "S1", "by sidecar", "77"), (bySidecar.RecordClass, bySidecar.DocumentKey, bySidecar.Fields["department"], bySidecar.Fields["order"]));
        Assert.Equal("sidecar", bySidecar.Evidence["department"].Source);
        Assert.Equal(
            ["recordClass", "department", "documentKey"], bySidecar.Steps[0].Said.Where(said => said.OverriddenBy == "sidecar").Select(said => said.What));
        Assert.Equal("K1", rules.Classify(document with { Text = DocumentText.Empty }).DocumentKey);
    }

    [Fact]
    public void Titles_and_keys_hold_fields_of_other_rules_and_a_key_needs_all_of_its_own()
    {
        var rules = Rules.Set(
            new RuleOptions { Name = "a", Title = "Report of {documentDate} for {department}", DocumentKey = "{encounterId}/{order}" },
            new RuleOptions { Name = "b", DocumentKey = "{order}", Fields = [Rules.Field("order", FieldType.Identifier, "Order"), Rules.Field("documentDate", FieldType.Date)] });
        var found = rules.Classify(Rules.Document("Order 77 of 2 May 2026"), traces: true);
        Assert.Equal(("Report of 2026-05-02 for", "77"), (found.Title, found.DocumentKey));
        Assert.Null(found.Steps[0].Said.Single(said => said.What == "documentKey").Value);
        Assert.Null(rules.Classify(Rules.Document("nothing")).DocumentKey);
    }

    [Theory]
    [InlineData("Patient ID: 943 476 5919\nnext", "9434765919")]
    [InlineData("Patient ID : # 9434765919", "9434765919")]
    [InlineData("PATIENT ID\n9434765919", "9434765919")]
    [InlineData("Patient id No. 9434765919 born", "9434765919")]
    [InlineData("Patient ID: 9434765918\nPatient ID: 9434765919", "9434765919")]
    [InlineData("Patient ID: unknown, see 9434765919", null)]
    [InlineData("Patient ID: 9434765918", null)]
    [InlineData("Outpatient ID: 9434765919", null)]
    public void An_identifier_stands_behind_its_label_and_has_its_check_digit(string text, string? value) =>
        Assert.Equal(value, FieldOf(text, new FieldOptions { Name = "f", Type = FieldType.Identifier, Labels = ["Patient ID"], CheckDigit = CheckDigitRule.Mod11 }));

    [Theory]
    [InlineData(FieldType.Text, "Ward:   North  7   DOB: 1.1.1950", "North")]
    [InlineData(FieldType.Text, "Ward: North 7\tBed 3", "North 7")]
    [InlineData(FieldType.Text, "Ward\n\n  North 7\n", "North 7")]
    [InlineData(FieldType.Number, "Ward: 12,5 kg", "12.5")]
    [InlineData(FieldType.Date, "Ward: seen 2 May 2026", "2026-05-02")]
    [InlineData(FieldType.Text, "Ward: ---\nWard: South", "South")]
    [InlineData(FieldType.Text, "Ward:", null)]
    public void A_value_stands_behind_its_label(FieldType type, string text, string? value) =>
        Assert.Equal(value, FieldOf(text, Rules.Field("f", type, "Ward")));

    [Theory]
    [InlineData("order LAB-12 and LAB-13", "LAB-12")]
    [InlineData("none", null)]
    public void A_value_looks_like_its_expression(string text, string? value) =>
        Assert.Equal(value, FieldOf(text, new FieldOptions { Name = "f", Type = FieldType.Identifier, Regex = "LAB-[0-9]+" }));

    [Fact]
    public void A_bar_code_is_a_value_as_it_is() => Assert.Equal("ENC-7", Rules.Set(Rules.Rule("r", new FieldOptions
    {
        Name = "encounterId", Type = FieldType.Identifier, In = Place.BarCode,
    })).Classify(Rules.Document() with { BarCodes = [new BarCode(1, "CODE-128", "ENC-7")] }).Fields["encounterId"]);

    [Fact]
    public void Codes_of_a_vocabulary_are_kept_with_term_and_page()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["codes.csv"], "code,term\nX10.0,Broken hip\nX22.3,High pressure\n");
        var rules = Rules.Build(
            new RulesOptions
            {
                CodeLists = [new CodeListOptions { Name = "dx", File = "codes.csv" }],
                Rules = [Rules.Rule("r", new FieldOptions { Name = "diagnosis", Type = FieldType.Code, CodeList = "dx" })],
            },
            folder.Path);
        var found = rules.Classify(Rules.Document("seen x223", "X10.0; X22.3 again"));
        Assert.Equal("X22.3", found.Fields["diagnosis"]);
        Assert.Equal([new FoundCode("diagnosis", "X22.3", "High pressure", 1), new FoundCode("diagnosis", "X10.0", "Broken hip", 2)], found.Codes);
    }

    [Fact]
    public void The_words_of_a_date_are_evidence_with_page_and_rule()
    {
        var evidence = Rules.Set(Rules.Rule("dates", Rules.Field("documentDate", FieldType.Date, "Reported"), Rules.Field("ward", FieldType.Text, "Ward")))
            .Classify(Rules.Document("Ward: 7", "Reported on: 03/04/2026 10:00")).Evidence;
        Assert.Equal(
            new FieldEvidence("rule") { Rule = "dates", Place = "text", Page = 2, Words = "Reported on: 03/04/2026", IsAmbiguous = true }, evidence["documentDate"]);
        Assert.Equal(new FieldEvidence("rule") { Rule = "dates", Place = "text", Page = 1 }, evidence["ward"]);
    }

    [Fact]
    public void A_rule_that_takes_too_long_is_left_out_and_noted_and_the_others_have_their_say()
    {
        var rules = Rules.Build(new RulesOptions
        {
            RuleLimit = TimeSpan.FromMilliseconds(50),
            Rules =
            [
                new RuleOptions { Name = "slow", RecordClass = "slow", Flags = ["allergy"], When = [new ConditionOptions { Regex = @"^(?!z)(\w|a|\wa)+\d\d!$" }] },
                new RuleOptions { Name = "quick", RecordClass = "quick" },
            ],
        });
        var found = rules.Classify(Rules.Document(new string('a', 5_000)), traces: true);
        Assert.Equal("quick", found.RecordClass);
        Assert.Equal(["rules-incomplete"], found.Flags);
        Assert.Equal("Rule slow took too long with this document and was left out.", Assert.Single(found.Notes));
        Assert.Equal([RuleOutcome.OutOfTime, RuleOutcome.Matched], found.Steps.Select(step => step.Outcome));
    }

    [Fact]
    public void All_rules_together_have_a_limit_too()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var rules = Rules.Build(new RulesOptions
        {
            RuleLimit = TimeSpan.FromSeconds(5),
            DocumentLimit = TimeSpan.FromSeconds(12),
            Rules = [.. Enumerable.Range(0, 20).Select(at => new RuleOptions { Name = $"r{at}", Tags = [$"t{at:00}"], When = [new ConditionOptions { Phrase = "here" }] })],
        });
        var found = new Classifier(rules, LanguageDetector.None, time).Classify(Rules.Document("here"));
        Assert.InRange(found.Tags.Count, 1, 10);
        Assert.Equal(20 - found.Tags.Count, found.Notes.Count);
    }

    [Fact]
    public void A_rule_for_another_profile_has_no_say() => Assert.Equal(
        RuleOutcome.OtherProfile,
        Rules.Set(new RuleOptions { Name = "a", Profiles = ["ward"], Tags = ["x"] }).Classify(Rules.Document("x"), traces: true).Steps.Single().Outcome);

    [Fact]
    public void A_trace_says_where_each_condition_held()
    {
        var step = Rules.Set(new RuleOptions
        {
            Name = "a", Tags = ["x"], When = [new ConditionOptions { All = ["alpha", "beta"] }, new ConditionOptions { In = Place.FileName, Phrase = "scan*" }],
        }).Classify(Rules.Document("none here", "Beta and\nALPHA"), traces: true).Steps.Single();
        Assert.Equal(
            [new RuleHit("when[0]", Place.Text, 2, "ALPHA"), new RuleHit("when[0]", Place.Text, 2, "Beta"), new RuleHit("when[1]", Place.FileName, null, "scan")],
            step.Hits);
    }

    [Theory]
    [InlineData("(((((((((((((((((((((((((", 40)]
    [InlineData("a- \n", 200_000)]
    [InlineData("Patient ID:\n", 100_000)]
    [InlineData("1/1/", 200_000)]
    [InlineData("\uD800é\u0301\uFB01", 100_000)]
    public void No_text_makes_it_stumble_or_stall(string piece, int times)
    {
        var rules = Rules.Set(new RuleOptions
        {
            Name = "a",
            WhenAny = [Never, new ConditionOptions { Fuzzy = "patient identity" }, new ConditionOptions { Regex = "(a|b)*c" }],
            Tags = ["x"],
        }, Rules.Rule(
            "b", Rules.Field("p", FieldType.Identifier, "Patient ID"), Rules.Field("d", FieldType.Date), Rules.Field("n", FieldType.Number, "Patient ID")));
        var started = TimeProvider.System.GetTimestamp();
        rules.Classify(Rules.Document(string.Concat(Enumerable.Repeat(piece, times))));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(8));   // 2 s a rule, and a loaded machine
    }

    private static string? ClassOf(RuleOptions rule, string text) => Rules.Set(rule).Classify(Rules.Document(text)).RecordClass;

    private static bool Holds(ConditionOptions condition, DocumentFacts document) =>
        Rules.Set(new RuleOptions { Name = "r", Tags = ["x"], When = [condition] }).Classify(document).Tags.Count > 0;

    private static string? FieldOf(string text, FieldOptions field) =>
        Rules.Set(Rules.Rule("r", field)).Classify(Rules.Document(text)).Fields.GetValueOrDefault(field.Name);
}
