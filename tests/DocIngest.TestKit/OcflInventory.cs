using System.Text.Json;

namespace DocIngest.TestKit;

/// <summary>What could be understood of an inventory; the rest went into findings (OCFL 1.1, 3.5).</summary>
internal sealed class OcflInventory
{
    private readonly List<OcflFinding> _findings;
    private readonly string _path;
    private readonly JsonElement _json;

    private OcflInventory(byte[] bytes, JsonElement json, string path, List<OcflFinding> findings)
    {
        (Bytes, _json, _path, _findings) = (bytes, json, path, findings);
        OnlyKeys(json, "id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity");
        Id = Text("id");
        Spec = Text("type") switch
        {
            "https://ocfl.io/1.0/spec/#inventory" => "1.0",
            "https://ocfl.io/1.1/spec/#inventory" => "1.1",
            { } => Bad<string>("E038", "unknown type"),
            null => null,
        };
        Algorithm = Text("digestAlgorithm") is { } algorithm and ("sha512" or "sha256") ? algorithm
            : json.TryGetProperty("digestAlgorithm", out _) ? Bad<string>("E025", "digestAlgorithm") : null;
        Head = Text("head", wrong: "E040");
        ContentDirectory = ReadContentDirectory();
        ReadManifest();
        ReadVersions();
        ReadFixity();
        Warn(Id is not null && !OcflNames.IsUri(Id), "W005", "id is no URI");
        Warn(Algorithm == "sha256", "W004", "sha256");
    }

    public byte[] Bytes { get; }

    public string? Id { get; }

    public string? Spec { get; }

    public string? Algorithm { get; }

    public string? Head { get; }

    public string? ContentDirectory { get; }

    public string ContentName => ContentDirectory ?? "content";

    /// <summary>Content path to digest, lower case.</summary>
    public Dictionary<string, string> Manifest { get; } = new(StringComparer.Ordinal);

    public List<OcflVersion> Versions { get; } = [];

    /// <summary>Algorithm, digest in lower case, content path.</summary>
    public List<(string Algorithm, string Digest, string Path)> Fixity { get; } = [];

    private HashSet<string> ManifestKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>Null where it is no JSON object at all.</summary>
    public static OcflInventory? Read(byte[] bytes, string path, List<OcflFinding> findings)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return new OcflInventory(bytes, json.RootElement.Clone(), path, findings);
            }
        }
        catch (JsonException error)
        {
            findings.Add(new OcflFinding("E033", path, error.Message));
            return null;
        }

        findings.Add(new OcflFinding("E033", path, "no JSON object"));
        return null;
    }

    private string? ReadContentDirectory()
    {
        if (!_json.TryGetProperty("contentDirectory", out _))
        {
            return null;
        }

        string name = Text("contentDirectory", wrong: "E033") ?? "content";
        Demand(!name.Contains('/'), "E017", "contentDirectory is a path");
        Demand(name is not ("" or "." or ".."), "E018", "contentDirectory is a dot");
        return name;
    }

    private void ReadManifest()
    {
        if (Block(_json, "manifest", "E041", "E106") is not { } manifest)
        {
            return;
        }

        var paths = new List<string>();
        foreach (var (digest, path) in Entries(manifest, "E096", "E106"))
        {
            ManifestKeys.Add(digest);
            paths.Add(path);
            CheckContentPath(path);
            Manifest.TryAdd(path, digest.ToLowerInvariant());
        }

        Demand(!OcflNames.Conflicts(paths).Any(), "E101", "content paths repeat or conflict");
    }

    private void CheckContentPath(string path)
    {
        Demand(!OcflNames.HasUnsafeElement(path), "E099", "content path with '.', '..' or empty element");
        Demand(!OcflNames.HasOuterSlash(path), "E100", "content path begins or ends with '/'");
        string[] elements = path.Split('/');
        Demand(elements.Length > 2 && OcflNames.VersionNumber(elements[0]) is not null && elements[1] == ContentName, "E042", "content path not in a version's content");
    }

    private void ReadVersions()
    {
        if (Block(_json, "versions", "E043", "E044") is not { } versions)
        {
            return;
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in versions.EnumerateObject())
        {
            if (OcflNames.VersionNumber(entry.Name) is not { } number)
            {
                Bad<string>(entry.Name.StartsWith('v') ? "E105" : "E104", "version name");
                continue;
            }

            Warn(entry.Name.StartsWith("v0", StringComparison.Ordinal), "W001", "zero-padded version");
            if (entry.Value.ValueKind != JsonValueKind.Object)
            {
                Bad<string>("E047", "version is no object");
                continue;
            }

            Versions.Add(ReadVersion(entry.Name, number, entry.Value, used));
        }

        Versions.Sort((left, right) => left.Number.CompareTo(right.Number));
        Demand(Versions.Count > 0, "E008", "no versions");
        Demand(!Versions.Where((version, index) => version.Number != index + 1).Any(), "E010", "gap in versions");
        Demand(Versions.Count == 0 || Head is null || Versions[^1].Name == Head, "E040", "head is not the highest version");
        Demand(ManifestKeys.IsSubsetOf(used), "E107", "manifest digest that no state uses");
    }

    private OcflVersion ReadVersion(string name, int number, JsonElement json, HashSet<string> used)
    {
        OnlyKeys(json, "created", "state", "message", "user");
        string? created = json.TryGetProperty("created", out var time) ? time.ToString() : Bad<string>("E048", "no created");
        Demand(created is null || (time.ValueKind == JsonValueKind.String && OcflNames.IsRfc3339(created)), "E049", "created");
        bool hasMessage = json.TryGetProperty("message", out var message);
        Demand(!hasMessage || message.ValueKind == JsonValueKind.String, "E094", "message is no string");
        bool hasUser = json.TryGetProperty("user", out var user);
        Warn(!hasMessage || !hasUser, "W007", "no message or user");
        if (hasUser)
        {
            ReadUser(user);
        }

        return new OcflVersion(name, number, $"{created}|{message}|{user}", ReadState(json, used));
    }

    private void ReadUser(JsonElement user)
    {
        if (user.ValueKind != JsonValueKind.Object
            || !user.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String || name.GetString() is not { Length: > 0 })
        {
            Bad<string>("E054", "user without name");
            return;
        }

        OnlyKeys(user, "name", "address");
        bool hasAddress = user.TryGetProperty("address", out var address);
        Warn(!hasAddress, "W008", "user without address");
        Warn(hasAddress && !OcflNames.IsUri(address.ToString()), "W009", "address is no URI");
    }

    private Dictionary<string, string> ReadState(JsonElement version, HashSet<string> used)
    {
        var state = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Block(version, "state", "E048", "E050") is not { } block)
        {
            return state;
        }

        var paths = new List<string>();
        foreach (var (digest, path) in Entries(block, "E050", "E050"))
        {
            Demand(ManifestKeys.Contains(digest), "E050", "state digest that the manifest does not hold in these letters");
            Demand(!OcflNames.HasUnsafeElement(path), "E052", "logical path with '.', '..' or empty element");
            Demand(!OcflNames.HasOuterSlash(path), "E053", "logical path begins or ends with '/'");
            used.Add(digest);
            paths.Add(path);
            state.TryAdd(path, digest.ToLowerInvariant());
        }

        Demand(!OcflNames.Conflicts(paths).Any(), "E095", "logical paths repeat or conflict");
        return state;
    }

    private void ReadFixity()
    {
        if (!_json.TryGetProperty("fixity", out var fixity))
        {
            return;
        }

        if (fixity.ValueKind != JsonValueKind.Object)
        {
            Bad<string>("E111", "fixity is no object");
            return;
        }

        foreach (var block in fixity.EnumerateObject())
        {
            if (block.Value.ValueKind != JsonValueKind.Object)
            {
                Bad<string>("E057", "fixity block is no object");
                continue;
            }

            foreach (var (digest, path) in Entries(block.Value, "E097", "E057"))
            {
                CheckContentPath(path);
                Fixity.Add((block.Name, digest.ToLowerInvariant(), path));
            }
        }
    }

    private IEnumerable<(string Digest, string Path)> Entries(JsonElement block, string twice, string wrong)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in block.EnumerateObject())
        {
            Demand(seen.Add(entry.Name), twice, "digest twice");
            if (entry.Value.ValueKind != JsonValueKind.Array)
            {
                Bad<string>(wrong, "digest gives no array");
                continue;
            }

            foreach (var path in entry.Value.EnumerateArray())
            {
                yield return (entry.Name, path.ToString());
            }
        }
    }

    private JsonElement? Block(JsonElement json, string key, string missing, string wrong)
    {
        if (!json.TryGetProperty(key, out var block))
        {
            Bad<string>(missing, $"no {key}");
            return null;
        }

        Demand(block.ValueKind == JsonValueKind.Object, wrong, $"{key} is no object");
        return block.ValueKind == JsonValueKind.Object ? block : null;
    }

    private string? Text(string key, string wrong = "E036") =>
        !_json.TryGetProperty(key, out var value) ? Bad<string>("E036", $"no {key}")
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Bad<string>(wrong, $"{key} is no string");

    private void OnlyKeys(JsonElement json, params string[] known) =>
        Demand(json.EnumerateObject().All(property => known.Contains(property.Name)), "E102", "unknown key");

    private T? Bad<T>(string code, string message)
        where T : class
    {
        _findings.Add(new OcflFinding(code, _path, message));
        return null;
    }

    private void Demand(bool holds, string code, string message) => Warn(!holds, code, message);

    private void Warn(bool occurs, string code, string message)
    {
        if (occurs)
        {
            Bad<string>(code, message);
        }
    }
}

/// <param name="About">Created, message and user in one text, to compare (W011).</param>
/// <param name="State">Logical path to digest, lower case.</param>
internal sealed record OcflVersion(string Name, int Number, string About, Dictionary<string, string> State);
