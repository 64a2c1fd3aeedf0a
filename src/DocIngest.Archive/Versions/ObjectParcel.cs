namespace DocIngest.Archive;

/// <summary>Versions on their way into a blob store: one of a commit, or several of a copy.</summary>
/// <param name="ObjectId">The object.</param>
/// <param name="Base">Digest of the root inventory that they follow; null for a new object.</param>
/// <param name="Versions">In order, at least one; the last becomes the head.</param>
internal sealed record ObjectParcel(string ObjectId, Sha512Digest? Base, IReadOnlyList<VersionParcel> Versions)
{
    public VersionParcel Head => Versions[^1];

    public bool IsNewObject => Base is null;
}

/// <summary>One version: what lies in its directory.</summary>
/// <param name="Inventory">Its own inventory, to the byte.</param>
/// <param name="Sidecar">The inventory's sidecar, to the byte.</param>
/// <param name="Contents">Files that came with this version.</param>
internal sealed record VersionParcel(VersionNumber Number, InventoryFile Inventory, byte[] Sidecar, IReadOnlyList<ContentParcel> Contents);

/// <summary>One content file.</summary>
/// <param name="Path">Below the object root, for example <c>v1/content/original.pdf</c>.</param>
/// <param name="OpenAsync">Opens the source from its beginning; may be called again. The read that meets the end throws where the bytes are not the promised ones.</param>
internal sealed record ContentParcel(string Path, Sha512Digest Digest, Func<CancellationToken, Task<VerifyingStream>> OpenAsync);
