namespace DocIngest.Archive;

/// <summary>Reads the versions of one object that are to be copied, as they are to the byte.</summary>
internal sealed class ObjectForCopy(OcflBlobRoot source, OcflObject found)
{
    /// <summary>What was wrong in the source while it was read; null as long as nothing was.</summary>
    public Finding? Damage { get; private set; }

    /// <summary>Digest of the inventory that the object had at a version.</summary>
    /// <exception cref="DamagedObjectException">The version's inventory cannot be trusted.</exception>
    public async Task<Sha512Digest> DigestAtAsync(VersionNumber version, CancellationToken cancellation) =>
        version == found.Head ? found.InventoryDigest : (await source.Objects.ReadVersionAsync(found, version, cancellation)).Inventory.Digest;

    /// <summary>The versions after <paramref name="base"/>; all of them where it is null.</summary>
    /// <exception cref="DamagedObjectException">A version's inventory cannot be trusted.</exception>
    public async Task<ObjectParcel> PackAsync(OcflObject? @base, CancellationToken cancellation)
    {
        var versions = new List<VersionParcel>();
        for (var version = @base?.Head.Next ?? VersionNumber.First; version.CompareTo(found.Head) <= 0; version = version.Next)
        {
            var (inventory, sidecar) = await source.Objects.ReadVersionAsync(found, version, cancellation);
            DemandSameHistory(inventory, version);
            var contents = found.File.Inventory.ContentOf(version).Select(content => new ContentParcel(content.Path, content.Digest, stop => OpenAsync(content.Path, content.Digest, stop)));
            versions.Add(new VersionParcel(version, inventory, sidecar, [.. contents]));
        }

        return new ObjectParcel(found.Id, @base?.InventoryDigest, versions);
    }

    // Each inventory has its sidecar's word. What they must not do is to contradict each other.
    private void DemandSameHistory(InventoryFile inventory, VersionNumber version)
    {
        string path = ObjectRootFiles.InventoryPathOf($"{found.Path}/{version.Name}");
        if (version == found.Head && inventory.Digest != found.InventoryDigest)
        {
            throw new DamagedObjectException("E064", path, "The root inventory is not the one of its highest version.");
        }

        for (var earlier = VersionNumber.First; earlier.CompareTo(version) <= 0; earlier = earlier.Next)
        {
            if (!IsSame(inventory.Inventory[earlier].State, found.File.Inventory[earlier].State))
            {
                throw new DamagedObjectException("E066", path, $"The inventory tells another {earlier} than the object's root.");
            }
        }
    }

    private static bool IsSame(IReadOnlyDictionary<string, Sha512Digest> one, IReadOnlyDictionary<string, Sha512Digest> other) =>
        one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var digest) && digest == entry.Value);

    private async Task<VerifyingStream> OpenAsync(string path, Sha512Digest digest, CancellationToken cancellation)
    {
        try
        {
            string name = $"{found.Path}/{path}";
            return new VerifyingStream(await source.Places.OpenContentAsync(name, cancellation), name, digest);
        }
        catch (DamagedObjectException damage)
        {
            Damage = damage.Finding;
            throw;
        }
    }
}
