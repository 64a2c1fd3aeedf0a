using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DocIngest.Archive;

/// <summary>
/// Reads inventories strictly: a key too many, a digest in another case or a path that climbs refuses the whole, before any
/// path is used (OCFL 1.1, 3.5).
/// </summary>
/// <remarks>
/// What is legal OCFL but nothing this archive writes (sha256, zero-padded versions) is refused with its W code, so that a
/// foreign object in our root is noticed and not half understood.
/// </remarks>
internal sealed partial class InventoryReader
{
    /// <summary>Longest inventory that is read. A version adds about 1 KiB, so this is far beyond any record.</summary>
    public const int LimitBytes = 64 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly string _path;

    private InventoryReader(string path) => _path = path;

    /// <param name="content">The bytes.</param>
    /// <param name="path">Where they were read, for the finding.</param>
    /// <exception cref="DamagedObjectException">A rule is broken; the code says which.</exception>
    public static InventoryFile Read(byte[] content, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(content, Strict);
            return new InventoryFile(new InventoryReader(path).Inventory(json.RootElement), content, Sha512Digest.Of(content));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-16 (a lone surrogate escape).
            throw new DamagedObjectException("E033", path, "The inventory is no well-formed JSON, or repeats a key.", error);
        }
    }

    private Inventory Inventory(JsonElement json)
    {
        Demand(json.ValueKind == JsonValueKind.Object, "E033", "The inventory is no JSON object.");
        OnlyKeys(json, "E102", "id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity");
        string id = Text(json, "id", "E036");
        Demand(id.Length > 0, "E036", "The id is empty.");
        Demand(Text(json, "type", "E036") == Archive.Inventory.TypeUri, "E038", "The inventory is not of OCFL 1.1.");
        Algorithm(Text(json, "digestAlgorithm", "E036"));
        string head = Text(json, "head", "E036");
        string? contentDirectory = ContentDirectory(json);

        var versionNames = VersionNames(json);
        Demand(VersionNumber.TryParse(head, out var headVersion) && headVersion.Value == versionNames.Count, "E040", "The head is not the highest version.");

        string contentName = contentDirectory ?? Archive.Inventory.DefaultContentDirectory;
        var (manifest, manifestKeys) = Manifest(json, contentName, headVersion);
        var used = new HashSet<string>(StringComparer.Ordinal);
        var versions = versionNames.ConvertAll(name => Version(json.GetProperty("versions").GetProperty(name), manifestKeys, used));
        Demand(manifestKeys.IsSubsetOf(used), "E107", "The manifest holds a digest that no version uses.");

        return new Inventory
        {
            Id = id,
            ContentDirectory = contentDirectory,
            Manifest = manifest,
            Versions = versions,
            Fixity = Fixity(json, manifest),
        };
    }

    private void Algorithm(string name)
    {
        Demand(name != "sha256", "W004", "The object uses sha256; this archive holds sha512 only.");
        Demand(name == "sha512", "E025", "The digest algorithm is neither sha512 nor sha256.");
    }

    private string? ContentDirectory(JsonElement json)
    {
        if (!json.TryGetProperty("contentDirectory", out _))
        {
            return null;
        }

        string name = Text(json, "contentDirectory", "E033");
        Demand(!name.Contains('/'), "E017", "The content directory is a path.");
        Demand(PathRules.IsSafeContent(name), "E018", "The content directory has no usable name.");
        return name;
    }

    private List<string> VersionNames(JsonElement json)
    {
        var versions = Block(json, "versions", missing: "E043", wrong: "E044");
        var numbers = new List<VersionNumber>();
        foreach (var entry in versions.EnumerateObject())
        {
            Demand(!PaddedVersion.IsMatch(entry.Name), "W001", "The object uses zero-padded version names; this archive does not.");
            Demand(VersionNumber.TryParse(entry.Name, out var number), "E046", "A version has no proper name.");
            numbers.Add(number);
        }

        Demand(numbers.Count > 0, "E008", "The inventory has no version.");
        numbers.Sort();
        Demand(numbers[^1].Value == numbers.Count, "E010", "The sequence of versions has a gap.");
        return numbers.ConvertAll(number => number.Name);
    }

    private (OrderedDictionary<Sha512Digest, IReadOnlyList<string>> Manifest, HashSet<string> Keys) Manifest(
        JsonElement json, string contentName, VersionNumber head)
    {
        var manifest = new OrderedDictionary<Sha512Digest, IReadOnlyList<string>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in Block(json, "manifest", missing: "E041", wrong: "E106").EnumerateObject())
        {
            var paths = Paths(entry.Value, "E106");
            paths.ForEach(path => ContentPath(path, contentName, head));
            Demand(manifest.TryAdd(Digest(entry.Name, "E106"), paths), "E096", "The manifest holds a digest twice.");
            keys.Add(entry.Name);
        }

        Demand(PathRules.FirstConflict(manifest.Values.SelectMany(paths => paths)) is null, "E101", "Content paths repeat or conflict.");
        return (manifest, keys);
    }

    private void ContentPath(string path, string contentName, VersionNumber head)
    {
        Demand(path.Length > 0 && path[0] != '/' && path[^1] != '/', "E100", "A content path begins or ends with a slash.");
        Demand(PathRules.IsSafeContent(path), "E099", "A content path has an unsafe element.");
        string[] elements = path.Split('/', 3);
        Demand(
            elements.Length == 3 && elements[1] == contentName && VersionNumber.TryParse(elements[0], out var version) && version.Value <= head.Value,
            "E042",
            "A content path lies outside the content of any version.");
    }

    private InventoryVersion Version(JsonElement json, HashSet<string> manifestKeys, HashSet<string> used)
    {
        Demand(json.ValueKind == JsonValueKind.Object, "E047", "A version is no JSON object.");
        OnlyKeys(json, "E102", "created", "state", "message", "user");
        string created = Text(json, "created", "E048");
        Demand(TryParseCreated(created, out _), "E049", "A version's time is not RFC 3339 with seconds and zone.");
        string? message = json.TryGetProperty("message", out _) ? Text(json, "message", "E094") : null;
        return new InventoryVersion(created, message, User(json), State(json, manifestKeys, used));
    }

    private SortedDictionary<string, Sha512Digest> State(JsonElement json, HashSet<string> manifestKeys, HashSet<string> used)
    {
        var state = new SortedDictionary<string, Sha512Digest>(StringComparer.Ordinal);
        foreach (var entry in Block(json, "state", missing: "E048", wrong: "E050").EnumerateObject())
        {
            Demand(manifestKeys.Contains(entry.Name), "E050", "A version uses a digest that the manifest does not hold in these letters.");
            used.Add(entry.Name);
            foreach (string path in Paths(entry.Value, "E051"))
            {
                Demand(path.Length > 0 && path[0] != '/' && path[^1] != '/', "E053", "A logical path begins or ends with a slash.");
                Demand(PathRules.IsSafe(path), "E052", "A logical path has an unsafe element.");
                Demand(state.TryAdd(path, Digest(entry.Name, "E050")), "E095", "A logical path occurs twice in a version.");
            }
        }

        Demand(PathRules.FirstConflict(state.Keys) is null, "E095", "Logical paths of a version conflict.");
        return state;
    }

    private InventoryUser? User(JsonElement json)
    {
        if (!json.TryGetProperty("user", out var user))
        {
            return null;
        }

        Demand(user.ValueKind == JsonValueKind.Object, "E054", "A version's user is no JSON object.");
        OnlyKeys(user, "E102", "name", "address");
        string name = Text(user, "name", "E054");
        Demand(name.Length > 0, "E054", "A version's user has no name.");
        return new InventoryUser(name, user.TryGetProperty("address", out _) ? Text(user, "address", "E054") : null);
    }

    private OrderedDictionary<string, OrderedDictionary<string, IReadOnlyList<string>>>? Fixity(
        JsonElement json, OrderedDictionary<Sha512Digest, IReadOnlyList<string>> manifest)
    {
        if (!json.TryGetProperty("fixity", out var fixity))
        {
            return null;
        }

        Demand(fixity.ValueKind == JsonValueKind.Object, "E111", "The fixity block is no JSON object.");
        var contentPaths = manifest.Values.SelectMany(paths => paths).ToHashSet(StringComparer.Ordinal);
        var blocks = new OrderedDictionary<string, OrderedDictionary<string, IReadOnlyList<string>>>();
        foreach (var algorithm in fixity.EnumerateObject())
        {
            Demand(algorithm.Value.ValueKind == JsonValueKind.Object, "E057", "A fixity block is not shaped like a manifest.");
            var block = new OrderedDictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
            foreach (var entry in algorithm.Value.EnumerateObject())
            {
                var paths = Paths(entry.Value, "E057");
                Demand(paths.TrueForAll(contentPaths.Contains), "E093", "A fixity block names a file that the manifest does not hold.");
                Demand(block.TryAdd(entry.Name, paths), "E097", "A fixity block holds a digest twice.");
            }

            blocks.Add(algorithm.Name, block);
        }

        return blocks;
    }

    /// <summary>Reads a version's time. <see cref="DateTimeOffset"/> alone would also take one without zone or seconds.</summary>
    public static bool TryParseCreated(string text, out DateTimeOffset created)
    {
        created = default;
        return Rfc3339.IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out created);
    }

    private JsonElement Block(JsonElement json, string key, string missing, string wrong)
    {
        Demand(json.TryGetProperty(key, out var block), missing, $"The block '{key}' is missing.");
        Demand(block.ValueKind == JsonValueKind.Object, wrong, $"The block '{key}' is no JSON object.");
        return block;
    }

    private string Text(JsonElement json, string key, string code)
    {
        Demand(json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String, code, $"The key '{key}' is missing or no text.");
        return value.GetString() ?? "";
    }

    private List<string> Paths(JsonElement json, string code)
    {
        Demand(json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0, code, "A digest does not give a list of paths.");
        var paths = new List<string>(json.GetArrayLength());
        foreach (var path in json.EnumerateArray())
        {
            Demand(path.ValueKind == JsonValueKind.String, code, "A path is no text.");
            paths.Add(path.GetString() ?? "");
        }

        return paths;
    }

    private Sha512Digest Digest(string hex, string code)
    {
        Demand(hex.Length == Sha512Digest.HexLength && hex.All(char.IsAsciiHexDigit), code, "A digest is not 128 hexadecimal digits.");
        return new Sha512Digest(hex);
    }

    private void OnlyKeys(JsonElement json, string code, params ReadOnlySpan<string> known)
    {
        foreach (var property in json.EnumerateObject())
        {
            // The key itself is not repeated: it is somebody else's text.
            Demand(known.Contains(property.Name), code, "The inventory holds a key that OCFL does not know.");
        }
    }

    private void Demand(bool holds, string code, string otherwise)
    {
        if (!holds)
        {
            throw new DamagedObjectException(code, _path, otherwise);
        }
    }

    [GeneratedRegex(
        @"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rfc3339 { get; }

    [GeneratedRegex(@"\Av0[0-9]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PaddedVersion { get; }
}
