namespace DocIngest.Archive.Validation;

/// <summary>What could be understood of an inventory. What could not is among the findings, and absent here.</summary>
internal sealed class InventoryFacts
{
    /// <summary>The inventory's path below the object root.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-512 of its bytes.</summary>
    public required Sha512Digest BytesDigest { get; init; }

    public string? Id { get; set; }

    /// <summary>The version of the specification that its type names.</summary>
    public string? Spec { get; set; }

    public DigestAlgorithm? Algorithm { get; set; }

    public string? Head { get; set; }

    /// <summary>As it is set; null where the key is absent or its value cannot be a name.</summary>
    public string? ContentDirectory { get; set; }

    public string ContentName => ContentDirectory ?? Inventory.DefaultContentDirectory;

    /// <summary>Digest, in lower case, by content path.</summary>
    public Dictionary<string, string> Manifest { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order of their numbers.</summary>
    public List<VersionFacts> Versions { get; } = [];

    public List<FixityFact> Fixity { get; } = [];

    public VersionFacts? Find(int number) => Versions.Find(version => version.Name.Number == number);

    /// <summary>Content paths by digest.</summary>
    public ILookup<string, string> PathsByDigest => field ??= Manifest.ToLookup(entry => entry.Value, entry => entry.Key, StringComparer.Ordinal);
}

/// <summary>A version block.</summary>
/// <param name="About">Created, message and user in one text, for comparing.</param>
/// <param name="State">Digest, in lower case, by logical path.</param>
internal sealed record VersionFacts(VersionName Name, string About, Dictionary<string, string> State);

/// <summary>A digest in a fixity block, in lower case.</summary>
internal readonly record struct FixityFact(DigestAlgorithm Algorithm, string Digest, string Path);
