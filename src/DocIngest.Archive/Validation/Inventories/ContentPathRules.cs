namespace DocIngest.Archive.Validation;

/// <summary>Where content may lie, by one inventory (OCFL 1.1, 3.3.1 and 3.5.2).</summary>
/// <param name="contentName">The inventory's content directory.</param>
/// <param name="versions">Its versions.</param>
/// <param name="page">Where findings go.</param>
internal sealed class ContentPathRules(string contentName, IReadOnlyList<VersionName> versions, InventoryPage page)
{
    private readonly ILookup<int, string> _spellings = versions.ToLookup(version => version.Number, version => version.Text);

    /// <summary>Whether content can lie under this path; a finding where not.</summary>
    public bool Check(string path)
    {
        if (Broken(path) is not var (rule, message))
        {
            return true;
        }

        page.Bad(rule, message, path);
        return false;
    }

    private (ValidationRule Rule, string Message)? Broken(string path)
    {
        if (path.Length > 0 && (path[0] == '/' || path[^1] == '/'))
        {
            return (ValidationRules.E100, "A content path begins or ends with a slash");
        }

        if (!PathRules.IsSafe(path))
        {
            return (ValidationRules.E099, "A content path has an element that is empty, '.' or '..'");
        }

        if (!path.Contains('/') && path.Contains('\\'))
        {
            return (ValidationRules.E035, "A content path is separated by backslashes");
        }

        string[] elements = path.Split('/', 3);
        if (elements.Length < 3 || VersionName.TryParse(elements[0]) is not { } version || elements[1] != contentName || !_spellings.Contains(version.Number))
        {
            return (ValidationRules.E042, "A content path leads into the content of no version");
        }

        return _spellings[version.Number].Contains(version.Text)
            ? null
            : (ValidationRules.E014, "A content path spells a version differently");
    }
}
