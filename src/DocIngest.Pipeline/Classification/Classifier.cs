using System.Diagnostics;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>Says what documents are, by rules, and in which language they are. Serves all documents at once.</summary>
/// <param name="rules">The rules.</param>
/// <param name="languages">Detects languages.</param>
/// <param name="time">The clock that limits rules.</param>
/// <param name="patients">The patient indexes of those profiles that have one, by name; null for none.</param>
/// <param name="subjectFields">Fields besides <c>patientId</c> and <c>encounterId</c> that say whose a record is: those that retention follows; null for none.</param>
public sealed class Classifier(
    RuleSet rules, LanguageDetector languages, TimeProvider time, IReadOnlyDictionary<string, PatientIndex>? patients = null, IEnumerable<string>? subjectFields = null)
{
    private readonly string[] _subjectFields = [.. new[] { IdentityCheck.NumberField, IdentityCheck.CaseField }.Union(subjectFields ?? [])];

    private const string RecordClassWord = "recordClass";
    private const string TitleWord = "title";
    private const string KeyWord = "documentKey";

    // 20 MB of text take about two seconds.
    private static readonly TimeSpan IdentityLimit = TimeSpan.FromSeconds(10);

    /// <summary>One without rules and languages: only sidecar and profile have a say.</summary>
    public static Classifier WithoutRules { get; } = new(RuleSet.Empty, LanguageDetector.None, TimeProvider.System);

    /// <summary>The rules.</summary>
    public RuleSet Rules => rules;

    /// <summary>
    /// Classifies a document. Never throws for what is in it: a rule that takes too long is left out, and noted.
    /// </summary>
    /// <param name="facts">What is known of it.</param>
    /// <param name="traces">Whether to tell what each rule did, also what was overridden; costs time.</param>
    public DocumentClass Classify(DocumentFacts facts, bool traces = false)
    {
        string? language = languages.Detect(facts.Text, facts.Languages);
        var builder = new DocumentClassBuilder(facts, rules);
        var document = new SearchedDocument(facts);
        var finder = new FieldFinder(document, language);
        var steps = new List<(Rule Rule, RuleStep Step)>();
        long started = time.GetTimestamp();
        foreach (var rule in rules.Rules)
        {
            if (!rule.IsFor(facts.Profile))
            {
                steps.Add((rule, new RuleStep(rule.Name, RuleOutcome.OtherProfile, [], [])));
                continue;
            }

            var left = rules.DocumentLimit - time.GetElapsedTime(started);
            steps.Add((rule, Apply(rule, document, finder, builder, new Allowance(time, left < rules.RuleLimit ? left : rules.RuleLimit), traces)));
        }

        bool isPersons = facts.Person?.Fields.ContainsKey(IdentityCheck.NumberField) == true;
        if (!isPersons && patients?.GetValueOrDefault(facts.Profile) is { } index && IdentityFault(index, document, builder) is { } fault)
        {
            builder.Unassign(fault, _subjectFields);
        }

        var result = builder.Build(language);
        return traces ? result with { Steps = [.. steps.Select(pair => Tell(pair.Rule, pair.Step, facts, builder))] } : result;
    }

    /// <summary>A document's text with the language of each page.</summary>
    /// <inheritdoc cref="LanguageDetector.Detect" path="/param" />
    public DocumentText WithLanguages(DocumentText text, IReadOnlyList<string> possible) => languages.WithLanguages(text, possible);

    /// <summary>Whether the patient index of a profile has a number; null where the profile has no index.</summary>
    public bool? KnowsPatient(string profile, string number) => patients?.GetValueOrDefault(profile) is { } index ? index.Find(number) is not null : null;

    private string? IdentityFault(PatientIndex index, SearchedDocument document, DocumentClassBuilder builder)
    {
        try
        {
            return IdentityCheck.FaultOf(index, builder.ValueOf(IdentityCheck.NumberField), document, new Allowance(time, IdentityLimit));
        }
        catch (OutOfTimeException)
        {
            return "it took too long with this document";
        }
    }

    private static RuleStep Apply(
        Rule rule, SearchedDocument document, FieldFinder finder, DocumentClassBuilder builder, Allowance allowance, bool traces)
    {
        IReadOnlyList<RuleHit> hits = [];
        try
        {
            allowance.Check();
            (bool holds, hits) = rule.Apply(document, allowance);
            if (!holds)
            {
                return new RuleStep(rule.Name, RuleOutcome.NotMatched, hits, []);
            }

            // All fields first: a rule says everything or nothing.
            var found = rule.Fields
                .Where(field => traces || builder.GiverOf(field.Name) is null)
                .Select(field => (Field: field, Value: finder.Find(field, allowance))).ToList();
            return new RuleStep(rule.Name, RuleOutcome.Matched, hits, Say(rule, found, builder));
        }
        catch (OutOfTimeException)
        {
            builder.AddFlag(RecordFlag.RulesIncomplete);
            builder.AddNote($"Rule {rule.Name} took too long with this document and was left out.");
            return new RuleStep(rule.Name, RuleOutcome.OutOfTime, hits, []);
        }
    }

    private static List<RuleStatement> Say(Rule rule, List<(FieldRule Field, FoundValue? Value)> found, DocumentClassBuilder builder)
    {
        var said = new List<RuleStatement>();
        if (rule.RecordClass is { } recordClass)
        {
            said.Add(new RuleStatement(RecordClassWord, recordClass, OverriddenBy: builder.SetClass(rule.Name, recordClass)));
        }

        foreach (var (field, value) in found)
        {
            string? earlier = builder.GiverOf(field.Name);
            if (value is not null && earlier is null)
            {
                builder.SetField(rule.Name, field.Name, value);
            }

            said.Add(new RuleStatement(field.Name, value?.Value, value?.Text?.Place, value?.Text?.Page, value?.Words, value is null ? null : earlier));
            said.AddRange(value?.Codes?.Skip(1).Select(code => new RuleStatement(field.Name, code.Code, Page: code.Page, OverriddenBy: earlier)) ?? []);
        }

        foreach (string tag in rule.Tags)
        {
            builder.AddTag(tag);
            said.Add(new RuleStatement("tag", tag));
        }

        foreach (string flag in rule.Flags)
        {
            builder.AddFlag(flag);
            said.Add(new RuleStatement("flag", flag));
        }

        if (rule.Title is { } title)
        {
            said.Add(new RuleStatement(TitleWord, null, OverriddenBy: builder.SetTitle(rule.Name, title)));
        }

        if (rule.DocumentKey is { } key)
        {
            builder.AddKey(rule.Name, key);
            said.Add(new RuleStatement(KeyWord, null));
        }

        return said;
    }

    // Titles and keys hold fields that later rules may have given.
    private static RuleStep Tell(Rule rule, RuleStep step, DocumentFacts facts, DocumentClassBuilder builder) => step with
    {
        Said =
        [
            .. step.Said.Select(said => said.What switch
            {
                TitleWord when rule.Title is { } title && said.Value is null => said with { Value = builder.Fill(title) },
                KeyWord when rule.DocumentKey is { } key && said.Value is null => TellKey(said with { Value = builder.FillKey(key) }, rule, facts, builder),
                _ => said,
            }),
        ],
    };

    private static RuleStatement TellKey(RuleStatement said, Rule rule, DocumentFacts facts, DocumentClassBuilder builder) => said with
    {
        OverriddenBy = said.Value is null ? null
            : facts.Person?.DocumentKey is not null ? FieldEvidence.Person
            : facts.Sidecar?.DocumentKey is not null ? FieldEvidence.Sidecar
            : builder.FindKey() is { } winner && winner.Rule != rule.Name ? winner.Rule
            : null,
    };
}

/// <summary>The words for places.</summary>
internal static class Places
{
    /// <summary>As the rules file writes it.</summary>
    public static string Word(Place place) => place switch
    {
        Place.Text => "text",
        Place.FileName => "fileName",
        Place.Folder => "folder",
        Place.BarCode => "barCode",
        Place.Metadata => "metadata",
        _ => throw new UnreachableException(),
    };
}
