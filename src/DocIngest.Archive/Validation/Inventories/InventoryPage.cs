using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>An inventory that is being read: its findings, and the shapes that occur in every block of it.</summary>
internal sealed class InventoryPage(string path, FindingBag findings)
{
    public string Path => path;

    public void Bad(ValidationRule rule, string message) => findings.Add(rule, path, message);

    /// <param name="quoted">What is meant, out of the inventory: it is escaped and shortened.</param>
    public void Bad(ValidationRule rule, string message, string quoted) => Bad(rule, $"{message}: {TextShapes.Quote(quoted)}");

    public void Demand(bool holds, ValidationRule rule, string message) => findings.Unless(holds, rule, path, message);

    /// <summary>The text under a key; null, and a finding, where there is none.</summary>
    public string? Text(JsonElement json, string key, ValidationRule missing, ValidationRule wrong)
    {
        if (!json.TryGetProperty(key, out var value))
        {
            Bad(missing, $"The key '{key}' is missing.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Bad(wrong, $"The value of '{key}' is no text.");
        return null;
    }

    /// <summary>The JSON object under a key; null, and a finding, where there is none.</summary>
    public JsonElement? Block(JsonElement json, string key, ValidationRule missing, ValidationRule wrong)
    {
        if (!json.TryGetProperty(key, out var block))
        {
            Bad(missing, $"The block '{key}' is missing.");
            return null;
        }

        if (block.ValueKind == JsonValueKind.Object)
        {
            return block;
        }

        Bad(wrong, $"The block '{key}' is no JSON object.");
        return null;
    }

    /// <summary>The texts of a list of paths; a finding for what is none.</summary>
    public IEnumerable<string> Paths(JsonElement list, ValidationRule noList, ValidationRule noText)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            Bad(noList, "A digest gives no list of paths.");
            yield break;
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String)
            {
                yield return item.GetString() ?? "";
            }
            else
            {
                Bad(noText, "A path is no text.");
            }
        }
    }

    public void OnlyKeys(JsonElement json, params ReadOnlySpan<string> known)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                Bad(ValidationRules.E102, "OCFL does not know this key", property.Name);
            }
        }
    }
}
