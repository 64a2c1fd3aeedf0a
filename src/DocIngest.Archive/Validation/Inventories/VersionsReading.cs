using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>The versions of an inventory (OCFL 1.1, 3.5.3).</summary>
internal static class VersionsReading
{
    /// <summary>The names of the versions; null where there is no such block.</summary>
    public static NamedVersions? Names(JsonElement json, InventoryPage page)
    {
        if (page.Block(json, "versions", ValidationRules.E043, ValidationRules.E044) is not { } block)
        {
            return null;
        }

        var named = new List<(VersionName Name, JsonElement Json)>();
        foreach (var entry in block.EnumerateObject())
        {
            if (VersionName.TryParse(entry.Name) is { } name)
            {
                named.Add((name, entry.Value));
            }
            else if (entry.Name.StartsWith('v'))
            {
                page.Bad(ValidationRules.E105, "The number of a version is no positive decimal number.");
            }
            else
            {
                page.Bad(ValidationRules.E104, "The name of a version does not begin with v.");
            }
        }

        named.Sort((left, right) => left.Name.Number.CompareTo(right.Name.Number));
        return new NamedVersions([.. named.Select(version => version.Name)], named);
    }

    /// <summary>Fills <see cref="InventoryFacts.Versions"/>.</summary>
    public static void Read(NamedVersions versions, InventoryFacts facts, Dictionary<string, string>? manifest, InventoryPage page)
    {
        CheckSequence(versions.Names, page);
        CheckPadding(versions.Names, page);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, json) in versions.Blocks)
        {
            facts.Versions.Add(VersionReading.Read(name, json, manifest, used, page));
        }

        page.Demand(
            facts.Head is null || versions.Names.Count == 0 || versions.Names[^1].Text == facts.Head, ValidationRules.E040, "The head is not the highest version.");
        foreach (string digest in (manifest?.Keys ?? Enumerable.Empty<string>()).Where(key => !used.Contains(key)))
        {
            page.Bad(ValidationRules.E107, "The manifest holds a digest that no version uses", digest);
        }
    }

    private static void CheckSequence(IReadOnlyList<VersionName> names, InventoryPage page)
    {
        page.Demand(names.Count > 0, ValidationRules.E008, "The inventory has no version.");
        page.Demand(names.Count == 0 || names[0].Number == 1, ValidationRules.E009, "The versions do not begin at 1.");
        for (int index = 1; index < names.Count; index++)
        {
            page.Demand(names[index].Number == names[index - 1].Number + 1, ValidationRules.E010, $"There is a gap, or a number twice, before {names[index].Text}.");
        }
    }

    private static void CheckPadding(IReadOnlyList<VersionName> names, InventoryPage page)
    {
        if (names.Count == 0)
        {
            return;
        }

        page.Demand(!names.Any(name => name.IsPadded), ValidationRules.W001, "Version numbers are zero-padded.");
        bool padded = names[0].IsPadded;
        int length = names[0].Text.Length;
        foreach (var name in names.Skip(1))
        {
            if (padded && !name.IsPadded && name.Text.Length == length)
            {
                page.Bad(ValidationRules.E011, $"{name.Text} has no leading zero, and the versions before it have.");
            }

            page.Demand(name.IsPadded == padded, ValidationRules.E013, $"{name.Text} is not named in the manner of {names[0].Text}.");
            page.Demand(!padded || !name.IsPadded || name.Text.Length == length, ValidationRules.E012, $"{name.Text} is not padded to the length of {names[0].Text}.");
        }
    }
}

/// <summary>The versions of an inventory by number, not yet read.</summary>
internal sealed record NamedVersions(IReadOnlyList<VersionName> Names, IReadOnlyList<(VersionName Name, JsonElement Json)> Blocks);
