using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>Makes rules ready and gathers every fault in them.</summary>
internal sealed class RuleSetBuilder(string folder, IReadOnlyCollection<string> profiles)
{
    private const int LongestTag = 100;
    private const long LargestCodeListBytes = 64L << 20;   // ten times ICD-10-CM with long titles

    /// <summary>Fields that mean the same everywhere: rules and sidecars should use these names.</summary>
    public static readonly string[] StandardFields = ["patientId", "encounterId", "documentType", "documentDate", "author", "department"];

    private readonly List<RuleFault> _faults = [];
    private readonly Dictionary<string, CodeList?> _codeLists = [];
    private HashSet<string> _fieldNames = [];
    private TimeSpan _ruleLimit;

    public IReadOnlyList<RuleFault> Faults => _faults;

    public RuleSet Build(RulesOptions options)
    {
        _ruleLimit = options.RuleLimit;
        _fieldNames = [.. StandardFields, .. options.Rules.SelectMany(rule => rule.Fields).Select(field => field.Name)];
        for (int index = 0; index < options.CodeLists.Count; index++)
        {
            AddCodeList(options.CodeLists[index], $"codeLists[{index}]");
        }

        var names = new Dictionary<string, int>();
        var rules = options.Rules.Select((rule, index) => Build(rule, $"rules[{index}]", index, names)).ToList();
        return new RuleSet(rules, [.. _codeLists.Values.OfType<CodeList>()], options.RuleLimit, options.DocumentLimit);
    }

    private void AddCodeList(CodeListOptions options, string path)
    {
        if (options.Name.Length == 0)
        {
            Fault($"{path}.name", "is missing: fields call the list by it");
        }
        else if (_codeLists.ContainsKey(options.Name))
        {
            Fault($"{path}.name", $"is \"{options.Name}\", which an earlier code list has already");
            return;
        }

        _codeLists[options.Name] = ReadCodeList(options, path);
    }

    private CodeList? ReadCodeList(CodeListOptions options, string path)
    {
        if (options.File.Length == 0)
        {
            Fault($"{path}.file", "is missing: the CSV file with the codes");
            return null;
        }

        string file = Path.GetFullPath(options.File, folder);
        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > LargestCodeListBytes)
            {
                Fault($"{path}.file", $"is \"{options.File}\", which has {info.Length:N0} bytes, more than {LargestCodeListBytes:N0}");
                return null;
            }

            var list = CodeListReader.Read(options, File.ReadAllText(file), out var faults);
            foreach (string fault in faults)
            {
                Fault($"{path}.file", $"is \"{options.File}\", which {fault}");
            }

            return list;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            Fault($"{path}.file", $"is \"{options.File}\", which is not there (looked for at {file})");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fault($"{path}.file", $"is \"{options.File}\", which cannot be read: check its permissions");
        }

        return null;
    }

    private Rule Build(RuleOptions options, string path, int index, Dictionary<string, int> names)
    {
        if (options.Name.Length == 0)
        {
            Fault($"{path}.name", "is missing: records and messages call the rule by it");
        }
        else if (!names.TryAdd(options.Name, index))
        {
            Fault($"{path}.name", $"is \"{options.Name}\", which rules[{names[options.Name]}] has already");
        }

        for (int at = 0; at < options.Profiles.Count; at++)
        {
            if (!profiles.Contains(options.Profiles[at]))
            {
                Fault($"{path}.profiles[{at}]", $"is \"{options.Profiles[at]}\", which is no profile. Known: {string.Join(", ", profiles)}." + NearestWords.Hint(options.Profiles[at], profiles));
            }
        }

        if (options is { RecordClass: null, Title: null, Tags.Count: 0, Flags.Count: 0, DocumentKey: null, Fields.Count: 0 })
        {
            Fault(path, "says nothing: give it a recordClass, title, tags, flags, documentKey or fields");
        }

        return new Rule
        {
            Name = options.Name,
            Profiles = options.Profiles,
            When = Conditions(options.When, $"{path}.when"),
            WhenAny = Conditions(options.WhenAny, $"{path}.whenAny"),
            Unless = Conditions(options.Unless, $"{path}.unless"),
            RecordClass = options.RecordClass,
            Title = Template(options.Title, $"{path}.title"),
            Tags = Tags(options.Tags, $"{path}.tags"),
            Flags = Flags(options.Flags, $"{path}.flags"),
            DocumentKey = Key(options.DocumentKey, $"{path}.documentKey"),
            Fields = Fields(options.Fields, $"{path}.fields"),
        };
    }

    private List<Condition> Conditions(IReadOnlyList<ConditionOptions> conditions, string path) =>
        [.. conditions.Select((condition, index) => Build(condition, $"{path}[{index}]")).OfType<Condition>()];

    private Condition? Build(ConditionOptions options, string path)
    {
        var scope = Scope(options, path);
        string[] given =
        [
            .. new (string Name, bool IsGiven)[]
            {
                ("any", options.Any is not null), ("all", options.All is not null), ("phrase", options.Phrase is not null),
                ("regex", options.Regex is not null), ("fuzzy", options.Fuzzy is not null),
            }.Where(matcher => matcher.IsGiven).Select(matcher => matcher.Name),
        ];
        if (given.Length != 1)
        {
            Fault(path, given.Length == 0
                ? "looks for nothing: give it one of any, all, phrase, regex and fuzzy"
                : $"has {string.Join(" and ", given)}: give it one of them, and further conditions for the others");
            return null;
        }

        if (options.MostSlips is not null && options.Fuzzy is null)
        {
            Fault($"{path}.mostSlips", "belongs to fuzzy only");
        }

        var folding = new Folding(options.MatchCase, options.MatchDiacritics);
        IReadOnlyList<ITextMatcher> matchers = given[0] switch
        {
            "any" => Phrases(options.Any ?? [], $"{path}.any", folding),
            "all" => Phrases(options.All ?? [], $"{path}.all", folding),
            "phrase" => Phrase(options.Phrase ?? "", $"{path}.phrase", folding),
            "regex" => Regex(options.Regex, options.MatchCase, $"{path}.regex") is { } regex ? new List<RegexMatcher> { regex } : [],
            _ => Fuzzy(options.Fuzzy ?? "", options.MostSlips, $"{path}.fuzzy", folding),
        };
        string relative = path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return new Condition(relative, scope, matchers, NeedsAll: options.Any is null);
    }

    private SearchScope Scope(PlaceOptions options, string path)
    {
        if (options.MetadataKey is not null && options.In != Place.Metadata)
        {
            Fault($"{path}.metadataKey", "belongs to \"in\": \"metadata\" only");
        }

        if (options.Symbology is not null && options.In != Place.BarCode)
        {
            Fault($"{path}.symbology", "belongs to \"in\": \"barCode\" only");
        }

        if (options.Pages > 0 && options.In is not (Place.Text or Place.BarCode))
        {
            Fault($"{path}.pages", "belongs to text and bar codes only");
        }

        return new SearchScope(options.In, options.MetadataKey ?? options.Symbology, options.Pages);
    }

    private List<PhraseMatcher> Phrases(IReadOnlyList<string> phrases, string path, Folding folding) =>
        [.. phrases.SelectMany((phrase, index) => Phrase(phrase, $"{path}[{index}]", folding))];

    private List<PhraseMatcher> Phrase(string phrase, string path, Folding folding) =>
        Try(path, () => new PhraseMatcher(phrase, folding)) is { } matcher ? [matcher] : [];

    private List<FuzzyMatcher> Fuzzy(string phrase, int? mostSlips, string path, Folding folding) =>
        Try(path, () => new FuzzyMatcher(phrase, mostSlips, folding)) is { } matcher ? [matcher] : [];

    private RegexMatcher? Regex(string? pattern, bool matchCase, string path) =>
        pattern is null ? null : Try(path, () => new RegexMatcher(pattern, matchCase, _ruleLimit));

    private Template? Template(string? text, string path)
    {
        if (text is null || Try(path, () => new Template(text)) is not { } template)
        {
            return null;
        }

        foreach (string field in template.Fields.Where(field => !_fieldNames.Contains(field)))
        {
            Fault(path, $"names the field \"{field}\", which no rule finds and which is no standard field." + NearestWords.Hint(field, _fieldNames));
        }

        return template;
    }

    private Template? Key(string? text, string path)
    {
        var template = Template(text, path);
        if (template is { Fields.Count: 0 })
        {
            Fault(path, "names no field, so that all documents would have one key: write {field}");
        }
        else if (template is { Fields: ["patientId"] })
        {
            Fault(path, "is the patient's number alone, so that all documents of a patient would be versions of one: a key names one document");
        }

        return template;
    }

    private IReadOnlyList<string> Tags(IReadOnlyList<string> tags, string path)
    {
        for (int index = 0; index < tags.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(tags[index]) || tags[index].Length > LongestTag || tags[index].Any(char.IsControl))
            {
                Fault($"{path}[{index}]", $"must be 1 to {LongestTag} characters on one line");
            }
        }

        return tags;
    }

    private IReadOnlyList<string> Flags(IReadOnlyList<string> flags, string path)
    {
        for (int index = 0; index < flags.Count; index++)
        {
            if (!RecordClassRule.Holds(flags[index]))
            {
                Fault($"{path}[{index}]", $"is \"{flags[index]}\", but must have the form {RecordClassRule.Pattern}");
            }
            else if (RecordFlag.IsOfIntake(flags[index]))
            {
                Fault($"{path}[{index}]", $"is \"{flags[index]}\", which only intake itself may give");
            }
        }

        return flags;
    }

    private List<FieldRule> Fields(IReadOnlyList<FieldOptions> fields, string path)
    {
        var names = new HashSet<string>();
        var built = new List<FieldRule>();
        for (int index = 0; index < fields.Count; index++)
        {
            string of = $"{path}[{index}]";
            if (fields[index].Name.Length == 0)
            {
                Fault($"{of}.name", $"is missing. Standard fields are {string.Join(", ", StandardFields)}");
            }
            else if (!names.Add(fields[index].Name))
            {
                Fault($"{of}.name", $"is \"{fields[index].Name}\", which the rule has already");
            }

            built.Add(Build(fields[index], of));
        }

        return built;
    }

    private FieldRule Build(FieldOptions options, string path)
    {
        var scope = Scope(options, path);
        CheckWay(options, path);
        var codes = Codes(options, path);
        if (options.CheckDigit != CheckDigitRule.None && options.Type != FieldType.Identifier)
        {
            Fault($"{path}.checkDigit", "belongs to identifiers only");
        }

        if (options.Value is { } value && FaultOf(value, options, codes) is { } fault)
        {
            Fault($"{path}.value", $"is \"{value}\", but {fault}");
        }

        return new FieldRule(
            options.Name, options.Type, options.Value, scope, Phrases(options.Labels, $"{path}.labels", Folding.Loose),
            Regex(options.Regex, options.MatchCase, $"{path}.regex"), options.CheckDigit, codes);
    }

    private void CheckWay(FieldOptions options, string path)
    {
        bool isSought = options.Labels.Count > 0 || options.Regex is not null;
        if (options.Value is not null && (isSought || options.In != Place.Text || options.Pages > 0))
        {
            Fault($"{path}.value", "gives the value itself: nothing is looked for then");
        }
        else if (options.Value is null && !isSought && options.In == Place.Text && options.Type is not (FieldType.Date or FieldType.Code))
        {
            Fault(path, "does not say how it is found: give it labels, a regex or a value");
        }
    }

    private CodeList? Codes(FieldOptions options, string path)
    {
        if (options.Type != FieldType.Code)
        {
            if (options.CodeList is not null)
            {
                Fault($"{path}.codeList", "belongs to code fields only");
            }

            return null;
        }

        if (options.CodeList is not { } name)
        {
            Fault($"{path}.codeList", "is missing: the list whose codes are recognised");
            return null;
        }

        if (!_codeLists.TryGetValue(name, out var list))
        {
            string known = _codeLists.Count == 0 ? "There are none." : $"Known: {string.Join(", ", _codeLists.Keys)}.";
            Fault($"{path}.codeList", $"is \"{name}\", which is no code list. {known}" + NearestWords.Hint(name, _codeLists.Keys));
        }

        return list;
    }

    private static string? FaultOf(string value, FieldOptions options, CodeList? codes) => options.Type switch
    {
        FieldType.Date when !DateOnly.TryParseExact(value, "yyyy-MM-dd", out _) => "must be a day such as 2024-01-31",
        FieldType.Number when NumberReader.First(value, isCommaDecimal: false) is not { } number || number.Value != value => "must be a number such as 12.5",
        FieldType.Identifier when value.Any(char.IsWhiteSpace) => "must not have blanks",
        FieldType.Identifier when !CheckDigits.Hold(options.CheckDigit, value) => "its check digit is wrong",
        FieldType.Code when codes is not null && !codes.In(value).Any() => "the code list does not have it",
        _ => null,
    };

    private T? Try<T>(string path, Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (ArgumentException error)
        {
            Fault(path, error.Message.Split(" (Parameter")[0]);
            return null;
        }
    }

    private void Fault(string path, string message) => _faults.Add(new RuleFault(path, message));
}
