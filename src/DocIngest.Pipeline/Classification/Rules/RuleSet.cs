namespace DocIngest.Pipeline.Classification;

/// <summary>One thing wrong with the rules.</summary>
/// <param name="Path">Where, as <c>rules[0].fields[1].regex</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record RuleFault(string Path, string Message);

/// <summary>All rules, checked and ready. Immutable: loaded once, it serves all documents at once.</summary>
public sealed class RuleSet
{
    internal RuleSet(IReadOnlyList<Rule> rules, IReadOnlyList<CodeList> codeLists, TimeSpan ruleLimit, TimeSpan documentLimit)
    {
        Rules = rules;
        CodeLists = codeLists;
        RuleLimit = ruleLimit;
        DocumentLimit = documentLimit;
    }

    /// <summary>No rules.</summary>
    public static RuleSet Empty { get; } = new([], [], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <summary>How many rules there are.</summary>
    public int RuleCount => Rules.Count;

    /// <summary>How many codes the code lists hold together.</summary>
    public int CodeCount => CodeLists.Sum(list => list.Count);

    /// <summary>Record classes that rules give.</summary>
    public IEnumerable<string> RecordClasses => Rules.Select(rule => rule.RecordClass).OfType<string>().Distinct();

    internal IReadOnlyList<Rule> Rules { get; }

    internal IReadOnlyList<CodeList> CodeLists { get; }

    internal TimeSpan RuleLimit { get; }

    internal TimeSpan DocumentLimit { get; }

    /// <summary>Makes rules ready.</summary>
    /// <param name="options">As read from the file.</param>
    /// <param name="folder">Absolute; what code list files are relative to.</param>
    /// <param name="profiles">The profiles there are.</param>
    /// <param name="faults">Every fault at once; empty when the rules can be used.</param>
    /// <returns>The rules; null where there are faults.</returns>
    public static RuleSet? Build(RulesOptions options, string folder, IReadOnlyCollection<string> profiles, out IReadOnlyList<RuleFault> faults)
    {
        var builder = new RuleSetBuilder(folder, profiles);
        var rules = builder.Build(options);
        faults = builder.Faults;
        return faults.Count == 0 ? rules : null;
    }

    /// <summary>Puts a value that a person or a sidecar gives into the form in which rules find values of its field.</summary>
    /// <param name="profile">The record's profile; null for a value of any.</param>
    /// <param name="field">Name of the field.</param>
    /// <param name="value">As written. What is no value of the field's type, or could mean two, comes back as it is.</param>
    public string Normalise(string? profile, string field, string value) => FieldForm.Of(
        Rules.Where(rule => profile is null || rule.IsFor(profile)).SelectMany(rule => rule.Fields).FirstOrDefault(rule => rule.Name == field && rule.Fixed is null), field, value);

    /// <summary>Whether some rule may give a scan of a profile its document key.</summary>
    public bool MayGiveKey(string profile) => Rules.Any(rule => rule.DocumentKey is not null && rule.IsFor(profile));

    /// <summary>Whether some rule may say what a scan of a profile is.</summary>
    public bool MayClassify(string profile) => Rules.Any(rule => rule.RecordClass is not null && rule.IsFor(profile));
}
