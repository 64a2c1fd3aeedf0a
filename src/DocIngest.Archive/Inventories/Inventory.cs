namespace DocIngest.Archive;

/// <summary>An object's whole history: which content it holds and which logical paths each version gives it (OCFL 1.1, 3.5).</summary>
/// <remarks>Every instance keeps the rules of the specification: <see cref="InventoryReader"/> proves them, <see cref="StagedVersion"/> builds by them.</remarks>
internal sealed record Inventory
{
    public const string TypeUri = "https://ocfl.io/1.1/spec/#inventory";
    public const string DefaultContentDirectory = "content";

    /// <summary>The object's id.</summary>
    public required string Id { get; init; }

    /// <summary>Set only where another program chose another name; we keep what version 1 said (E019, E020).</summary>
    public string? ContentDirectory { get; init; }

    /// <summary>Content paths by digest, in the order they were added.</summary>
    public required OrderedDictionary<Sha512Digest, IReadOnlyList<string>> Manifest { get; init; }

    /// <summary>Version blocks, v1 first.</summary>
    public required IReadOnlyList<InventoryVersion> Versions { get; init; }

    /// <summary>Digests in further algorithms, as another program wrote them: algorithm, digest, content paths. Carried over unchanged.</summary>
    public OrderedDictionary<string, OrderedDictionary<string, IReadOnlyList<string>>>? Fixity { get; init; }

    public VersionNumber Head => new(Versions.Count);

    public string ContentDirectoryName => ContentDirectory ?? DefaultContentDirectory;

    /// <summary>The content files that came with a version, by their paths below the object root.</summary>
    public IEnumerable<(string Path, Sha512Digest Digest)> ContentOf(VersionNumber version) =>
        from entry in Manifest
        from path in entry.Value
        where path.StartsWith($"{version.Name}/", StringComparison.Ordinal)
        select (path, entry.Key);

    public InventoryVersion this[VersionNumber version] => Versions[version.Value - 1];
}

/// <summary>One version block.</summary>
/// <param name="Created">When, as written: it must stay the same text in every later inventory (W011).</param>
/// <param name="State">Digest by logical path, in ordinal order.</param>
internal sealed record InventoryVersion(
    string Created, string? Message, InventoryUser? User, IReadOnlyDictionary<string, Sha512Digest> State);

/// <summary>Who made a version.</summary>
internal sealed record InventoryUser(string Name, string? Address);

/// <summary>An inventory with the bytes it was read from or is written as, and their digest.</summary>
internal sealed record InventoryFile(Inventory Inventory, byte[] Bytes, Sha512Digest Digest)
{
    public byte[] SidecarBytes => Sidecar.Write(Digest);
}
