using System.Text;

namespace DocIngest.Archive.Validation;

/// <summary>The file whose name says what a directory is (NAMASTE; OCFL 1.1, 3.2 and 4.1): the rules for objects and for storage roots.</summary>
internal sealed record Declaration(
    string Prefix, ValidationRule Missing, ValidationRule NotOne, ValidationRule Shape, ValidationRule Tag, ValidationRule Value, ValidationRule Content)
{
    private const int LimitBytes = 4096;

    public IReadOnlyList<ValidationRule> Rules => [Missing, NotOne, Shape, Tag, Value, Content];

    public static Declaration OfObject { get; } = new(
        "ocfl_object_", ValidationRules.E003, ValidationRules.E003, ValidationRules.E004, ValidationRules.E005, ValidationRules.E006, ValidationRules.E007);

    public static Declaration OfStorageRoot { get; } = new(
        "ocfl_", ValidationRules.E069, ValidationRules.E076, ValidationRules.E077, ValidationRules.E078, ValidationRules.E079, ValidationRules.E080);

    /// <summary>Whether a name is, or tries to be, a declaration: <c>T=dvalue</c>, or the dvalue alone or behind a number.</summary>
    public bool IsCandidate(string name)
    {
        var rest = name.AsSpan().TrimStart("0123456789");
        bool hasTag = rest.Length < name.Length && rest is ['=', ..];
        return hasTag || (rest.StartsWith(Prefix, StringComparison.Ordinal) && SpecVersion.IsShaped(rest[Prefix.Length..]));
    }

    /// <summary>Whether a name declares a directory to be of this kind, in whatever version.</summary>
    public bool Declares(string name) =>
        name.StartsWith($"0={Prefix}", StringComparison.Ordinal)
        && (ReferenceEquals(this, OfObject) || !OfObject.Declares(name));   // ocfl_object_ begins with ocfl_ as well

    /// <summary>Checks the candidates among a directory's files.</summary>
    /// <returns>The version of the specification; null where none is declared that is known.</returns>
    public string? Check(IReadOnlyList<string> candidates, ObjectTree tree, FindingBag findings)
    {
        var proper = candidates.Where(name => IsProper(name, findings)).ToList();
        if (proper.Count != 1)
        {
            findings.Add(proper.Count == 0 ? Missing : NotOne, "", proper.Count == 0 ? $"There is no declaration 0={Prefix}…." : "There is more than one declaration.");
        }

        foreach (string name in proper)
        {
            byte[]? content = tree.ReadWhole(name, LimitBytes, Content);
            findings.Unless(
                content is null || content.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes($"{name[2..]}\n")), Content, name,
                "The declaration does not hold what its name says, and a line feed.");
        }

        return proper.Select(VersionOf).Max(StringComparer.Ordinal);
    }

    private string VersionOf(string name) => name[(2 + Prefix.Length)..];

    private bool IsProper(string name, FindingBag findings)
    {
        int equals = name.IndexOf('=');
        if (equals <= 0)
        {
            findings.Add(Shape, name, "The name of the declaration has not the form T=dvalue.");
        }
        else if (name[..equals] != "0")
        {
            findings.Add(Tag, name, "The name of the declaration does not begin with 0=.");
        }
        else if (!Declares(name))
        {
            findings.Add(Value, name, $"The declaration is none of {Prefix}.");
        }
        else if (!SpecVersion.IsKnown(VersionOf(name)))
        {
            findings.Add(Value, name, "The declaration names no version of OCFL that is known here (1.0 or 1.1).");
        }
        else
        {
            return true;
        }

        return false;
    }
}
