using System.Text.Json;
using System.Text.Unicode;

namespace DocIngest.Archive.Validation;

/// <summary>Reads an inventory of anybody's, notes every rule it breaks, and keeps what can be used all the same (OCFL 1.1, 3.5).</summary>
/// <remarks>Unlike <see cref="InventoryReader"/>, which refuses at the first fault. No path in an inventory is ever opened: files are found by listing, and looked up here.</remarks>
internal static class InventoryParser
{
    /// <summary>Longest inventory that is read: about 300,000 files in one version.</summary>
    public const int LimitBytes = 128 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };   // its depth limit of 64 is far beyond an inventory's

    /// <param name="content">The bytes.</param>
    /// <param name="digest">Their SHA-512.</param>
    /// <param name="path">Below the object root.</param>
    /// <param name="findings">Where to note what is wrong.</param>
    /// <returns>Null where it is no JSON object at all.</returns>
    public static InventoryFacts? Read(byte[] content, Sha512Digest digest, string path, FindingBag findings)
    {
        var page = new InventoryPage(path, findings);
        try
        {
            if (!Utf8.IsValid(content))
            {
                page.Bad(ValidationRules.E033, "The inventory is no UTF-8.");
                return null;
            }

            using var json = JsonDocument.Parse(content, Strict);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return Read(json.RootElement, new InventoryFacts { Path = path, BytesDigest = digest }, page);
            }

            page.Bad(ValidationRules.E033, "The inventory is no JSON object.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no valid UTF-16 (a lone surrogate escape).
            page.Bad(ValidationRules.E033, "The inventory is no well-formed JSON, or repeats a key.");
        }

        return null;
    }

    private static InventoryFacts Read(JsonElement json, InventoryFacts facts, InventoryPage page)
    {
        page.OnlyKeys(json, "id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity");
        ReadId(json, facts, page);
        ReadType(json, facts, page);
        ReadAlgorithm(json, facts, page);
        facts.Head = page.Text(json, "head", ValidationRules.E036, ValidationRules.E040);
        ReadContentDirectory(json, facts, page);
        var versions = VersionsReading.Names(json, page);
        var contentPaths = new ContentPathRules(facts.ContentName, versions?.Names ?? [], page);
        var manifest = ManifestReading.Read(json, facts, contentPaths, page);
        if (versions is not null)
        {
            VersionsReading.Read(versions, facts, manifest, page);
        }

        FixityReading.Read(json, facts, contentPaths, page);
        return facts;
    }

    private static void ReadId(JsonElement json, InventoryFacts facts, InventoryPage page)
    {
        string? id = page.Text(json, "id", ValidationRules.E036, ValidationRules.E037);
        if (id is { Length: 0 })
        {
            page.Bad(ValidationRules.E037, "The id is empty.");
            return;
        }

        facts.Id = id;
        page.Demand(id is null || TextShapes.IsUri(id), ValidationRules.W005, "The id is no URI.");
    }

    private static void ReadType(JsonElement json, InventoryFacts facts, InventoryPage page)
    {
        if (page.Text(json, "type", ValidationRules.E036, ValidationRules.E038) is { } type)
        {
            facts.Spec = SpecVersion.OfInventoryType(type);
            page.Demand(facts.Spec is not null, ValidationRules.E038, "The type is the inventory URI of no version of OCFL that is known here.");
        }
    }

    private static void ReadAlgorithm(JsonElement json, InventoryFacts facts, InventoryPage page)
    {
        if (page.Text(json, "digestAlgorithm", ValidationRules.E036, ValidationRules.E025) is { } name)
        {
            facts.Algorithm = DigestAlgorithm.ForContent(name);
            page.Demand(facts.Algorithm is not null, ValidationRules.E025, "The digestAlgorithm is neither sha512 nor sha256.");
            page.Demand(facts.Algorithm != DigestAlgorithm.Sha256, ValidationRules.W004, "The digestAlgorithm is sha256.");
        }
    }

    private static void ReadContentDirectory(JsonElement json, InventoryFacts facts, InventoryPage page)
    {
        if (!json.TryGetProperty("contentDirectory", out _)
            || page.Text(json, "contentDirectory", ValidationRules.E033, ValidationRules.E033) is not { } name)
        {
            return;
        }

        bool isName = true;
        Refuse(name.Contains('/'), ValidationRules.E017, "The contentDirectory holds a slash.");
        Refuse(name is "" or "." or "..", ValidationRules.E018, "The contentDirectory is empty or consists of dots.");
        Refuse(
            name.Contains('\0') || name.StartsWith(ArchivePlaces.InventoryFileName, StringComparison.Ordinal),
            ValidationRules.E108,
            "The contentDirectory can be no directory of a version.");
        facts.ContentDirectory = isName ? name : null;

        void Refuse(bool occurs, ValidationRule rule, string message)
        {
            page.Demand(!occurs, rule, message);
            isName &= !occurs;
        }
    }
}
