using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>The manifest: which content has which digest (OCFL 1.1, 3.5.2).</summary>
internal static class ManifestReading
{
    /// <summary>Fills <see cref="InventoryFacts.Manifest"/>.</summary>
    /// <returns>The digests as they are spelled, each with its lower case; null where there is no manifest to compare states with.</returns>
    public static Dictionary<string, string>? Read(JsonElement json, InventoryFacts facts, ContentPathRules contentPaths, InventoryPage page)
    {
        if (page.Block(json, "manifest", ValidationRules.E041, ValidationRules.E106) is not { } manifest)
        {
            return null;
        }

        var spelled = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var paths = new List<string>();
        foreach (var entry in manifest.EnumerateObject())
        {
            string digest = entry.Name.ToLowerInvariant();
            spelled[entry.Name] = digest;
            page.Demand(seen.Add(digest), ValidationRules.E096, "The manifest holds a digest twice, in different letters.");
            CheckEncoding(digest, facts.Algorithm, page);
            page.Demand(
                entry.Value.ValueKind != JsonValueKind.Array || entry.Value.GetArrayLength() > 0, ValidationRules.E092, "A digest of the manifest gives no path.");
            foreach (string path in page.Paths(entry.Value, ValidationRules.E092, ValidationRules.E098))
            {
                paths.Add(path);
                if (contentPaths.Check(path))
                {
                    facts.Manifest.TryAdd(path, digest);
                }
            }
        }

        foreach (string path in PathRules.Conflicts(paths))
        {
            page.Bad(ValidationRules.E101, "A content path occurs twice, or is the directory of another", path);
        }

        return spelled;
    }

    private static void CheckEncoding(string digest, DigestAlgorithm? algorithm, InventoryPage page)
    {
        if (algorithm is null || algorithm.IsWellFormed(digest))
        {
            return;
        }

        var other = algorithm == DigestAlgorithm.Sha512 ? DigestAlgorithm.Sha256 : DigestAlgorithm.Sha512;
        if (other.IsWellFormed(digest))
        {
            page.Bad(ValidationRules.E039, $"The digestAlgorithm is {algorithm.Name}, and the manifest holds a digest of {other.Name}.");
        }
        else
        {
            page.Bad(algorithm.Encoding, $"A digest of the manifest is none of {algorithm.Name} in hexadecimal.");
        }
    }
}
