using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>The fixity block: digests beside those of the manifest (OCFL 1.1, 3.5.4).</summary>
internal static class FixityReading
{
    /// <summary>Fills <see cref="InventoryFacts.Fixity"/>.</summary>
    public static void Read(JsonElement json, InventoryFacts facts, ContentPathRules contentPaths, InventoryPage page)
    {
        if (!json.TryGetProperty("fixity", out var fixity))
        {
            return;
        }

        if (fixity.ValueKind != JsonValueKind.Object)
        {
            page.Bad(ValidationRules.E111, "The value of 'fixity' is no JSON object.");
            return;
        }

        foreach (var entry in fixity.EnumerateObject())
        {
            var algorithm = DigestAlgorithm.Named(entry.Name);
            if (algorithm is null)
            {
                page.Bad(ValidationRules.E056, "The fixity block names an algorithm outside the vocabulary", entry.Name);
            }

            if (entry.Value.ValueKind == JsonValueKind.Object)
            {
                ReadBlock(entry.Value, algorithm, facts, contentPaths, page);
            }
            else
            {
                page.Bad(ValidationRules.E057, "The fixity block of an algorithm is no JSON object.");
            }
        }
    }

    private static void ReadBlock(JsonElement block, DigestAlgorithm? algorithm, InventoryFacts facts, ContentPathRules contentPaths, InventoryPage page)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var paths = new List<string>();
        foreach (var entry in block.EnumerateObject())
        {
            string digest = entry.Name.ToLowerInvariant();
            page.Demand(seen.Add(digest), ValidationRules.E097, "A fixity block holds a digest twice, in different letters.");
            if (algorithm?.IsWellFormed(digest) is false)
            {
                page.Bad(algorithm.Encoding, $"A digest of the fixity block is none of {algorithm.Name}.");
            }

            foreach (string path in page.Paths(entry.Value, ValidationRules.E057, ValidationRules.E098))
            {
                paths.Add(path);
                if (contentPaths.Check(path) && algorithm is not null)
                {
                    facts.Fixity.Add(new FixityFact(algorithm, digest, path));
                }
            }
        }

        foreach (string path in PathRules.Conflicts(paths))
        {
            page.Bad(ValidationRules.E101, "A content path of the fixity block occurs twice, or is the directory of another", path);
        }
    }
}
