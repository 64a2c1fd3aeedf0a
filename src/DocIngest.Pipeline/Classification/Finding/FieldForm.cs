namespace DocIngest.Pipeline.Classification;

/// <summary>
/// The form in which a field's values are kept and compared, whoever gives them: that in which rules find them. So <c>450 557 7104</c>, said by a person,
/// is found by <c>4505577104</c>.
/// </summary>
internal static class FieldForm
{
    private static readonly Dictionary<string, FieldType> Standard = new()
    {
        [IdentityCheck.NumberField] = FieldType.Identifier, [IdentityCheck.CaseField] = FieldType.Identifier, ["documentDate"] = FieldType.Date,
    };

    /// <summary>Puts a value into that form. What is no value of the field's type, or could mean two, stays as it is.</summary>
    /// <param name="rule">The rule that looks for the field; null where none does: then only the standard names have a type.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">As somebody wrote it.</param>
    public static string Of(FieldRule? rule, string name, string value)
    {
        string written = value.Trim();
        var type = rule?.Type ?? (Standard.TryGetValue(name, out var standard) ? standard : null as FieldType?);
        string? normal = type switch
        {
            null => null,   // nobody says what it holds
            FieldType.Text => string.Join(' ', written.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            FieldType.Identifier => string.Concat(written.Where(character => !char.IsWhiteSpace(character))),
            FieldType.Date => Day(written),
            FieldType.Number => Number(written),
            FieldType.Code => rule?.Codes?.In(written).Where(found => found.Span.Length == written.Length).Select(found => found.Code.Value).FirstOrDefault(),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return normal is { Length: > 0 } ? normal : value;
    }

    /// <summary>Whether two values say the same, as far as that can be told without rules: the same letters and digits, or the same day.</summary>
    public static bool IsSame(string one, string other) =>
        (PatientIndex.Bare(one) is { Length: > 0 } bare ? bare == PatientIndex.Bare(other) : string.Equals(one.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase))
        || (Day(one.Trim()) is { } day && day == Day(other.Trim()));

    // A year of two digits could be of two centuries, 03/04/2026 two days.
    private static string? Day(string written)
    {
        var date = DateScanner.Scan(written, DateOnly.MaxValue.Year, compact: true).FirstOrDefault();
        DateOnly? day = date.Span.Length != written.Length ? null : date.Reading switch
        {
            DateReading.Plain plain => plain.Day,
            DateReading.Shown shown => shown.Day,
            _ => null,
        };
        return day is { } known && written.Contains($"{known.Year:0000}", StringComparison.Ordinal) ? known.ToString("yyyy-MM-dd") : null;
    }

    // 1.234 is a thousand to one reader, and little more than one to another.
    private static string? Number(string written) =>
        NumberReader.First(written, isCommaDecimal: false) is { } one && one.Span.Length == written.Length && NumberReader.First(written, isCommaDecimal: true) == one
            ? one.Value : null;
}
