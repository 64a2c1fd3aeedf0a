using System.Text;

namespace DocIngest.Pipeline.Classification;

/// <summary>A text in which <c>{field}</c> stands for a field's value.</summary>
internal sealed class Template
{
    private readonly List<(string Text, bool IsField)> _parts = [];

    /// <exception cref="ArgumentException">A brace without its other half, or nothing between the two.</exception>
    public Template(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int open = text.IndexOfAny(['{', '}'], at);
            if (open < 0)
            {
                _parts.Add((text[at..], false));
                break;
            }

            int close = text.IndexOf('}', open);
            if (text[open] == '}' || close <= open + 1 || text.AsSpan(open + 1, close - open - 1).Contains('{'))
            {
                throw new ArgumentException($"has a brace without its other half at character {open + 1}: write {{field}}", nameof(text));
            }

            _parts.Add((text[at..open], false));
            _parts.Add((text[(open + 1)..close], true));
            at = close + 1;
        }
    }

    /// <summary>The fields it names.</summary>
    public IReadOnlyList<string> Fields => [.. _parts.Where(part => part.IsField).Select(part => part.Text).Distinct()];

    /// <summary>The text with all values in place; null where one is missing.</summary>
    public string? FillAll(IReadOnlyDictionary<string, string> fields) =>
        Fields.All(fields.ContainsKey) ? Fill(fields) : null;

    /// <summary>The text with the values there are; missing ones leave no gap.</summary>
    public string Fill(IReadOnlyDictionary<string, string> fields)
    {
        var filled = new StringBuilder();
        foreach (var (text, isField) in _parts)
        {
            filled.Append(isField ? fields.GetValueOrDefault(text, "") : text);
        }

        string line = string.Join(' ', filled.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Trim(' ', ',', '-', ':', ';', '/');
    }
}
