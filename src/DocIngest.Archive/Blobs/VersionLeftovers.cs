namespace DocIngest.Archive;

/// <summary>Blobs of versions that the root inventory does not know: what writers left who died before their decision. All members are called under the object's lease.</summary>
/// <param name="head">What the root inventory knows; null where it is only reserved.</param>
internal sealed class VersionLeftovers(BlobPlaces places, string path, VersionNumber? head)
{
    /// <summary>Keeps what belongs to the parcel, to the byte, and removes everything else.</summary>
    /// <returns>Content that is there, by its path below the object root.</returns>
    public async Task<IReadOnlySet<string>> KeepOnlyAsync(ObjectParcel parcel, CancellationToken cancellation)
    {
        var contents = parcel.Versions.SelectMany(version => version.Contents).ToDictionary(content => content.Path, content => content.Digest);
        var inventories = parcel.Versions.ToDictionary(version => ObjectRootFiles.InventoryPathOf(version.Number.Name), version => version.Inventory.Bytes);
        parcel.Versions.ToList().ForEach(version => inventories.Add(ObjectRootFiles.SidecarPathOf(version.Number.Name), version.Sidecar));
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in await ListAsync(cancellation))
        {
            string below = name[(path.Length + 1)..];
            bool isOurs = contents.TryGetValue(below, out var digest) ? await new BlobContent(places).HoldsAsync(name, digest, cancellation)
                : inventories.TryGetValue(below, out byte[]? bytes) && await HoldsAsync(name, bytes, cancellation);
            if (!isOurs)
            {
                await places.Store.DeleteAsync(name, lease: null, cancellation);
            }
            else if (contents.ContainsKey(below))
            {
                kept.Add(below);
            }
        }

        return kept;
    }

    /// <summary>Removes them all, what vouches for a version before what it vouches for.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RemoveAsync(CancellationToken cancellation)
    {
        var names = await ListAsync(cancellation);
        foreach (string name in names.OrderBy(name => Rank(name[(path.Length + 1)..])).ThenByDescending(name => name, StringComparer.Ordinal))
        {
            await places.Store.DeleteAsync(name, lease: null, cancellation);
        }

        return names.Count;
    }

    private async Task<List<string>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<string>();
        await foreach (var blob in places.Store.ListAsync($"{path}/", cancellation))
        {
            if (IsLeftover(blob.Name[(path.Length + 1)..]))
            {
                found.Add(blob.Name);
            }
        }

        return found;
    }

    // Only what lies in a directory of a later version: whatever else somebody put here is for the validator to report, not for us to delete.
    private bool IsLeftover(string below) => VersionOf(below) is { } version && version.Value > (head?.Value ?? 0);

    /// <summary>Whether a path below an object root lies in a directory of a version.</summary>
    public static bool IsOfVersion(string below) => VersionOf(below) is not null;

    /// <summary>What vouches for other files comes before them.</summary>
    public static int Rank(string below) =>
        below.EndsWith($"/{ArchivePlaces.SidecarFileName}", StringComparison.Ordinal) ? 0
        : below.EndsWith($"/{ArchivePlaces.InventoryFileName}", StringComparison.Ordinal) ? 1
        : 2;

    private static VersionNumber? VersionOf(string below)
    {
        int slash = below.IndexOf('/');
        return slash > 0 && VersionNumber.TryParse(below[..slash], out var version) ? version : null;
    }

    private async Task<bool> HoldsAsync(string name, byte[] expected, CancellationToken cancellation) =>
        await places.TryReadWholeAsync(name, InventoryReader.LimitBytes, cancellation) is { } there && expected.AsSpan().SequenceEqual(there);
}
