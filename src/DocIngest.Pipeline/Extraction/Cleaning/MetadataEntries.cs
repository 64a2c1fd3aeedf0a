namespace DocIngest.Pipeline.Extraction.Cleaning;

/// <summary>Embedded metadata on its way into a record: bounded in number and length, the first of equal keys wins.</summary>
internal sealed class MetadataEntries
{
    /// <summary>Entries kept of one document.</summary>
    public const int MaxEntries = 500;

    /// <summary>Characters kept of one value.</summary>
    public const int MaxValueChars = 4096;

    /// <summary>Characters of a key; a longer one is left out.</summary>
    public const int MaxKeyChars = 128;

    /// <summary>Characters kept of all values together: keeps the answer well under the pipe's line limit.</summary>
    public const int MaxTotalChars = 256 * 1024;

    private readonly SortedDictionary<string, string> _entries = new(StringComparer.Ordinal);
    private int _totalChars;

    /// <summary>What was kept, in the order of keys.</summary>
    public IReadOnlyDictionary<string, string> Entries => _entries;

    /// <summary>Keeps a value where there is one and room for it.</summary>
    public void Add(string key, string? value)
    {
        if (string.IsNullOrWhiteSpace(value) || _entries.Count == MaxEntries || key.Length is 0 or > MaxKeyChars || _entries.ContainsKey(key))
        {
            return;
        }

        // Cut first: a value of many megabytes is not to be walked for the sake of 4,096 characters.
        string kept = PlainText.Clean(Cut(value)).Trim();
        kept = Cut(kept);
        if (kept.Length == 0 || _totalChars + kept.Length > MaxTotalChars || !PlainText.IsClean(key))
        {
            return;
        }

        _totalChars += kept.Length;
        _entries.Add(key, kept);
    }

    private static string Cut(string value) =>
        value.Length <= MaxValueChars ? value
        : value[..(char.IsHighSurrogate(value[MaxValueChars - 1]) ? MaxValueChars - 1 : MaxValueChars)];
}
