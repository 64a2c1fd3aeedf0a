using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>One version block (OCFL 1.1, 3.5.3.1).</summary>
internal static class VersionReading
{
    /// <param name="manifest">The manifest's digests as they are spelled; null where there are none to compare with.</param>
    /// <param name="used">Digests that versions use, as spelled; gets this one's.</param>
    public static VersionFacts Read(VersionName name, JsonElement json, Dictionary<string, string>? manifest, HashSet<string> used, InventoryPage page)
    {
        var state = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json.ValueKind != JsonValueKind.Object)
        {
            page.Bad(ValidationRules.E047, $"{name.Text} is no JSON object.");
            return new VersionFacts(name, "", state);
        }

        page.OnlyKeys(json, "created", "state", "message", "user");
        string? created = page.Text(json, "created", ValidationRules.E048, ValidationRules.E049);
        page.Demand(created is null || InventoryReader.TryParseCreated(created, out _), ValidationRules.E049, $"created of {name.Text} is no time with seconds and zone.");
        string? message = Message(name, json, page);
        string? user = User(name, json, page);
        ReadState(name, json, state, manifest, used, page);
        return new VersionFacts(name, $"{created}\0{message}\0{user}", state);
    }

    private static string? Message(VersionName name, JsonElement json, InventoryPage page)
    {
        if (json.TryGetProperty("message", out _))
        {
            return page.Text(json, "message", ValidationRules.E094, ValidationRules.E094);
        }

        page.Bad(ValidationRules.W007, $"{name.Text} has no message.");
        return null;
    }

    private static string? User(VersionName name, JsonElement json, InventoryPage page)
    {
        if (!json.TryGetProperty("user", out var user))
        {
            page.Bad(ValidationRules.W007, $"{name.Text} has no user.");
            return null;
        }

        if (user.ValueKind != JsonValueKind.Object)
        {
            page.Bad(ValidationRules.E054, $"The user of {name.Text} is no JSON object.");
            return null;
        }

        page.OnlyKeys(user, "name", "address");
        string? called = page.Text(user, "name", ValidationRules.E054, ValidationRules.E054);
        page.Demand(called is not "", ValidationRules.E054, $"The name of the user of {name.Text} is empty.");
        string? address = null;
        if (user.TryGetProperty("address", out _))
        {
            address = page.Text(user, "address", ValidationRules.W008, ValidationRules.W009);
            page.Demand(address is null || TextShapes.IsUri(address), ValidationRules.W009, $"The address of the user of {name.Text} is no URI.");
        }
        else
        {
            page.Bad(ValidationRules.W008, $"The user of {name.Text} has no address.");
        }

        return $"{called}\0{address}";
    }

    private static void ReadState(
        VersionName name, JsonElement json, Dictionary<string, string> state, Dictionary<string, string>? manifest, HashSet<string> used, InventoryPage page)
    {
        if (page.Block(json, "state", ValidationRules.E048, ValidationRules.E050) is not { } block)
        {
            return;
        }

        var paths = new List<string>();
        foreach (var entry in block.EnumerateObject())
        {
            used.Add(entry.Name);
            page.Demand(
                manifest is null || manifest.ContainsKey(entry.Name), ValidationRules.E050, $"{name.Text} uses a digest that the manifest does not hold in these letters.");
            string digest = manifest?.GetValueOrDefault(entry.Name) ?? entry.Name.ToLowerInvariant();   // the manifest's own string: one a digest, not one a file
            foreach (string path in page.Paths(entry.Value, ValidationRules.E051, ValidationRules.E051))
            {
                CheckLogicalPath(name, path, page);
                paths.Add(path);
                state.TryAdd(path, digest);
            }
        }

        foreach (string path in PathRules.Conflicts(paths))
        {
            page.Bad(ValidationRules.E095, $"A logical path of {name.Text} occurs twice, or is the directory of another", path);
        }
    }

    private static void CheckLogicalPath(VersionName name, string path, InventoryPage page)
    {
        if (path.Length > 0 && (path[0] == '/' || path[^1] == '/'))
        {
            page.Bad(ValidationRules.E053, $"A logical path of {name.Text} begins or ends with a slash", path);
        }

        if (!PathRules.IsSafe(path.Trim('/')))
        {
            page.Bad(ValidationRules.E052, $"A logical path of {name.Text} has an element that is empty, '.' or '..'", path);
        }
    }
}
