namespace DocIngest.Archive;

/// <summary>Reads one object's root in a blob store, and trusts nothing that a sidecar does not vouch for.</summary>
internal sealed class BlobObjectReader(BlobPlaces places)
{
    /// <summary>Reads the object of this id; null where the archive holds none, or one that is only being made.</summary>
    /// <exception cref="DamagedObjectException">It is there and breaks a rule.</exception>
    public async Task<OcflObject?> FindAsync(string objectId, CancellationToken cancellation)
    {
        string path = places.ObjectPath(objectId);
        return await ReadAtAsync(path, cancellation) is not { } found ? null
            : found.Id == objectId ? found
            : throw new DamagedObjectException("E083", path, "Another object lies where the layout puts this id.");
    }

    /// <summary>Reads whatever object lies here; null where there is none, or one that is only being made.</summary>
    /// <exception cref="DamagedObjectException">It breaks a rule.</exception>
    public async Task<OcflObject?> ReadAtAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await ReadOnceAsync(path, cancellation);
        }
        catch (DamagedObjectException)
        {
            if (await ReadRootAsync(path, cancellation) is null)
            {
                return null;   // destroyed while it was read
            }

            throw;
        }
    }

    private async Task<OcflObject?> ReadOnceAsync(string path, CancellationToken cancellation)
    {
        var root = await ReadRootAsync(path, cancellation);
        while (root is not null && !root.IsMatch && !await IsAheadAsync(root, cancellation))
        {
            // Damage stands still. What a second look shows otherwise was writers at work between the two reads.
            var again = await ReadRootAsync(path, cancellation);
            root = again is null || again.IsSameAs(root) ? throw root.Mismatch() : again;
        }

        if (root is null)
        {
            return null;
        }

        string declaration = ObjectRootFiles.DeclarationPathOf(path);
        byte[] declared = await places.TryReadWholeAsync(declaration, Sidecar.LimitBytes, cancellation)
            ?? throw new DamagedObjectException("E003", declaration, "The file is missing.");
        ObjectRootFiles.DemandDeclaration(declared, declaration);
        return root.ToObject();
    }

    /// <summary>A version's own inventory with its sidecar.</summary>
    /// <exception cref="DamagedObjectException">Missing, not matching its sidecar, breaking a rule, or not that version's.</exception>
    public async Task<(InventoryFile Inventory, byte[] Sidecar)> ReadVersionAsync(OcflObject found, VersionNumber version, CancellationToken cancellation)
    {
        string versionPath = $"{found.Path}/{version.Name}";
        string inventoryPath = ObjectRootFiles.InventoryPathOf(versionPath);
        byte[] bytes = await places.TryReadWholeAsync(inventoryPath, InventoryReader.LimitBytes, cancellation)
            ?? throw new DamagedObjectException("E063", inventoryPath, "The version has no inventory of its own.");
        string sidecarPath = ObjectRootFiles.SidecarPathOf(versionPath);
        byte[] sidecar = await places.TryReadWholeAsync(sidecarPath, Sidecar.LimitBytes, cancellation)
            ?? throw new DamagedObjectException("E058", sidecarPath, "The file is missing.");
        if (ObjectRootFiles.ReadSidecar(sidecar, sidecarPath) != Sha512Digest.Of(bytes))
        {
            throw ObjectRootFiles.Mismatch(inventoryPath);
        }

        var inventory = InventoryReader.Read(bytes, inventoryPath);
        return inventory.Inventory.Id != found.Id ? throw new DamagedObjectException("E110", inventoryPath, "The version's inventory is of another object.")
            : inventory.Inventory.Head != version ? throw new DamagedObjectException("E040", inventoryPath, $"The inventory in {version} is not that version's.")
            : (inventory, sidecar);
    }

    /// <summary>The digest in the sidecar below a path; null where there is none that can be used.</summary>
    public async Task<Sha512Digest?> TryReadSidecarAsync(string path, CancellationToken cancellation)
    {
        byte[]? content = await places.TryReadWholeAsync(ObjectRootFiles.SidecarPathOf(path), Sidecar.LimitBytes, cancellation);
        return content is null ? null : Sidecar.TryParse(content);
    }

    /// <summary>An object root as it is; null where no inventory decides that there is an object.</summary>
    /// <remarks>The sidecar first: a reader may then meet an inventory newer than its sidecar (<see cref="IsAheadAsync"/>), never an older one.</remarks>
    /// <exception cref="DamagedObjectException">The inventory is gone from an object that had one.</exception>
    public async Task<ObjectRootFiles?> ReadRootAsync(string path, CancellationToken cancellation)
    {
        string sidecarPath = ObjectRootFiles.SidecarPathOf(path);
        byte[]? sidecar = await places.TryReadWholeAsync(sidecarPath, Sidecar.LimitBytes, cancellation);
        string inventoryPath = ObjectRootFiles.InventoryPathOf(path);
        byte[]? bytes = await places.TryReadWholeAsync(inventoryPath, InventoryReader.LimitBytes, cancellation);
        if (bytes is { Length: > 0 })
        {
            Sha512Digest? told = sidecar is null ? null : ObjectRootFiles.ReadSidecar(sidecar, sidecarPath);
            return new ObjectRootFiles(path, bytes, Sha512Digest.Of(bytes), told);
        }

        // Empty and without a sidecar: the place is reserved by who makes the object. Nothing at all: there may be nothing, or a claim.
        bool isLost = sidecar is not null || (bytes is null && await HoldsVersionsAsync(path, cancellation));
        return isLost ? throw new DamagedObjectException("E063", inventoryPath, "The inventory is missing, and the object is not one that is being made.") : null;
    }

    /// <summary>
    /// Whether the inventory is in place and the sidecar still that of an earlier version, or not there yet. Such an object is sound:
    /// its version's own sidecar vouches for the inventory, and readers meet it for an instant in every commit.
    /// </summary>
    public async Task<bool> IsAheadAsync(ObjectRootFiles root, CancellationToken cancellation)
    {
        if (root.TryHead() is not { } head || await TryReadSidecarAsync($"{root.Path}/{head.Name}", cancellation) != root.Digest)
        {
            return false;
        }

        if (root.Sidecar is null)
        {
            return true;   // a new object's is written last
        }

        for (int version = head.Value - 1; version >= 1; version--)   // one step in a commit, several where a copy brings several versions at once
        {
            if (await TryReadSidecarAsync($"{root.Path}/{new VersionNumber(version).Name}", cancellation) == root.Sidecar)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> HoldsVersionsAsync(string path, CancellationToken cancellation)
    {
        await foreach (var blob in places.Store.ListAsync($"{path}/", cancellation))
        {
            if (blob.Name == ObjectRootFiles.InventoryPathOf(path))
            {
                return false;   // reserved since we looked
            }

            if (blob.Name != ObjectRootFiles.DeclarationPathOf(path))
            {
                return true;
            }
        }

        return false;
    }
}
