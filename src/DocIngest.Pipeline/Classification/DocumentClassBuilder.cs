using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>Gathers what sidecar and rules say of one document. Who says a thing first is who counts: the sidecar, then the rules in their order. A person's word stands above them.</summary>
internal sealed class DocumentClassBuilder
{
    private readonly DocumentFacts _facts;
    private readonly RuleSet _rules;
    private readonly SortedDictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FieldEvidence> _evidence = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _tags = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _flags = new(StringComparer.Ordinal);
    private readonly List<FoundCode> _codes = [];
    private readonly List<string> _notes = [];
    private readonly List<(string Rule, Template Key)> _keys = [];
    private bool _isAssigned = true;
    private (string Value, string By)? _recordClass;
    private (Template Template, string By)? _title;

    public DocumentClassBuilder(DocumentFacts facts, RuleSet rules)
    {
        _facts = facts;
        _rules = rules;
        Take(facts.Sidecar?.Fields, facts.Sidecar?.RecordClass, FieldEvidence.Sidecar);
        Take(facts.Person?.Fields, facts.Person?.RecordClass, FieldEvidence.Person);
    }

    private void Take(IReadOnlyDictionary<string, string>? fields, string? recordClass, string source)
    {
        foreach (var (name, value) in (fields ?? new Dictionary<string, string>()).Where(field => !IsRemoved(field.Key)))
        {
            _fields[name] = _rules.Normalise(_facts.Profile, name, value);
            _evidence[name] = new FieldEvidence(source);
        }

        if (recordClass is not null)
        {
            _recordClass = (recordClass, source);
        }
    }

    /// <summary>A field's value as it is now; null where there is none.</summary>
    public string? ValueOf(string field) => _fields.GetValueOrDefault(field);

    /// <summary>
    /// Takes away what says whose the document is, patient and case, and any key: it is nobody's, and no version of another's, until a person has looked.
    /// What a person said stays.
    /// </summary>
    public void Unassign(string fault, IEnumerable<string> subjectFields)
    {
        _isAssigned = false;
        foreach (string name in subjectFields.Where(name => _evidence.TryGetValue(name, out var evidence) && evidence.Source != FieldEvidence.Person))
        {
            _fields.Remove(name);
            _evidence.Remove(name);
            _codes.RemoveAll(code => code.Field == name);
        }

        AddFlag(RecordFlag.IdentityMismatch);
        AddNote($"Identity check: {fault}. The record is assigned to nobody.");
    }

    /// <summary>Who gave a field already; null where nobody has.</summary>
    public string? GiverOf(string field) => _evidence.TryGetValue(field, out var evidence) ? evidence.Rule ?? evidence.Source : null;

    /// <returns>Who overrides it; null where it counts.</returns>
    public string? SetClass(string rule, string recordClass)
    {
        string? earlier = _recordClass?.By;
        _recordClass ??= (recordClass, rule);
        return earlier;
    }

    /// <returns>Who overrides it; null where it counts.</returns>
    public string? SetTitle(string rule, Template title)
    {
        string? earlier = _title?.By;
        _title ??= (title, rule);
        return earlier;
    }

    public void AddKey(string rule, Template key) => _keys.Add((rule, key));

    public void AddTag(string tag) => _tags.Add(tag);

    public void AddFlag(string flag) => _flags.Add(flag);

    public void AddNote(string note) => _notes.Add(note);

    /// <summary>Sets a field that nobody has given yet, unless a person took it away.</summary>
    public void SetField(string rule, string field, FoundValue found)
    {
        if (IsRemoved(field))
        {
            return;
        }

        _fields[field] = found.Value;
        _codes.AddRange(found.Codes ?? []);
        _evidence[field] = new FieldEvidence(FieldEvidence.ByRule)
        {
            Rule = rule,
            Place = found.Text is { } text ? Places.Word(text.Place) : null,
            Page = found.Text?.Page,
            Words = found.IsDate ? found.Words : null,
            IsAmbiguous = found.IsAmbiguous,
        };
    }

    /// <summary>The key by rules and who gives it: the first whose fields were all found.</summary>
    public (string Key, string Rule)? FindKey() => _keys
        .Select(pair => (Key: DocumentKeyRule.Normalise(pair.Key.FillAll(_fields)), pair.Rule))
        .Where(pair => pair.Key is { Length: <= DocumentKeyRule.MostCharacters })
        .Select(pair => ((string, string)?)(pair.Key ?? "", pair.Rule)).FirstOrDefault();

    private bool IsRemoved(string field) => _facts.Person?.Removed.Contains(field) == true;

    /// <summary>A title as it stands once all fields are known.</summary>
    public string Fill(Template template) => template.Fill(_fields);

    /// <summary>A key as it stands once all fields are known; null where one is missing.</summary>
    public string? FillKey(Template template) => template.FillAll(_fields);

    public DocumentClass Build(string? language) => new()
    {
        RecordClass = _recordClass?.Value,
        Title = _title is { } title && Fill(title.Template) is { Length: > 0 } filled ? filled : null,
        Tags = [.. _tags],
        Flags = [.. _flags],
        Fields = _fields,
        Evidence = _evidence,
        Codes = _codes,
        IsAssigned = _isAssigned,
        DocumentKey = _isAssigned ? _facts.Person?.DocumentKey ?? _facts.Sidecar?.DocumentKey ?? FindKey()?.Key ?? _facts.KeyFromName : null,
        Language = language,
        Notes = _notes,
    };
}
