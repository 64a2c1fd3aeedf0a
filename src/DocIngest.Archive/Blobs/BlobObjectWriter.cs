using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Adds versions to one object in a blob store, which knows no rename: every put is conditional, and one put decides.</summary>
/// <remarks>
/// <para>The order, and what a crash leaves at each point (docs/adr/0019-archive-in-blobs.md):</para>
/// <para>1 a new object only: the declaration is put (the claim). 2 a new object only: an empty root inventory is put (the reservation).
/// 3 the root inventory is leased, and what an earlier writer left is looked through. 4 content is put. 5 version inventories are put, each before its
/// sidecar. 6 the root inventory is replaced at the version that was read, under the lease: the decision. 7 the root sidecar is put. 8 where the archive is protected: what is never
/// replaced is made immutable (not before the decision: what was not decided must be removed again). 9 the lease is given up.</para>
/// <para>Up to 6 readers see the object as it was; from 6 on they see it whole. Repeating after a crash at any point finishes what is there.</para>
/// </remarks>
internal sealed class BlobObjectWriter(BlobPlaces places, BlobObjectReader objects, TimeProvider time, TimeSpan wait)
{
    /// <summary>Makes immutable what was decided; null where the archive is not protected.</summary>
    public BlobProtecting? Protecting { get; init; }

    /// <summary>Publishes the parcel. Safe to repeat.</summary>
    /// <returns>Whether it was there already.</returns>
    /// <exception cref="ObjectExistsException">Another object stands under the id. Nothing changed.</exception>
    /// <exception cref="ObjectOutOfSyncException">The object is not, or no longer, what the parcel follows. What was put remains until the next recovery.</exception>
    /// <exception cref="DamagedObjectException">The source cannot be read, or the object is damaged. As before.</exception>
    /// <exception cref="FixityException">The source does not have its digest. As before.</exception>
    /// <exception cref="LockHeldException">Another writer has the object. Nothing changed, but for a claim that the next recovery removes.</exception>
    /// <exception cref="StorageException">The store failed. The object is as before or decided; repeat, or recover it.</exception>
    public async Task<BlobWrite> PublishAsync(ObjectParcel parcel, CancellationToken cancellation)
    {
        string path = places.ObjectPath(parcel.ObjectId);
        if (parcel.IsNewObject && await objects.ReadRootAsync(path, cancellation) is null)   // an object that lost its inventory is damage, and no place for another
        {
            await ClaimAsync(path, cancellation);   // 1
            await ReserveAsync(path, cancellation);   // 2
        }

        await using var lease = await LeaseAsync(parcel, path, cancellation);   // 3
        return await lease.RunAsync(async token =>
        {
            var write = await PublishLeasedAsync(parcel, path, lease, token);
            if (Protecting is not null)
            {
                await Protecting.KeepAsync(Protecting.PlaceOf(parcel.ObjectId), CancellationToken.None);   // 8
            }

            return write;
        });
    }

    /// <summary>Puts the declaration; does nothing where it is there.</summary>
    /// <exception cref="DamagedObjectException">Something else is there in its place.</exception>
    public async Task ClaimAsync(string path, CancellationToken cancellation)
    {
        string declaration = ObjectRootFiles.DeclarationPathOf(path);
        if (!await places.PutOnceAsync(declaration, ObjectRootFiles.Declaration.ToArray(), cancellation))
        {
            throw new DamagedObjectException("E007", declaration, "The object's declaration does not say what its name says.");
        }
    }

    /// <summary>Puts an empty root inventory; does nothing where any is there.</summary>
    public async Task ReserveAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await places.Store.PutIfAbsentAsync(ObjectRootFiles.InventoryPathOf(path), Stream.Null, cancellation);
        }
        catch (PreconditionFailedException)
        {
            // Reserved or decided: who holds the lease finds out.
        }
    }

    private async Task<ObjectLease> LeaseAsync(ObjectParcel parcel, string path, CancellationToken cancellation)
    {
        try
        {
            return await ObjectLease.TakeAsync(places, path, wait, time, cancellation);
        }
        catch (EntryNotFoundException)
        {
            throw OutOfSync(parcel, "the object is no longer there");
        }
    }

    private async Task<BlobWrite> PublishLeasedAsync(ObjectParcel parcel, string path, ObjectLease lease, CancellationToken cancellation)
    {
        string inventoryPath = ObjectRootFiles.InventoryPathOf(path);
        var decided = await places.Store.FindAsync(inventoryPath, cancellation) ?? throw OutOfSync(parcel, "the object is no longer there");
        var root = await objects.ReadRootAsync(path, cancellation);
        if (root?.Digest == parcel.Head.Inventory.Digest)
        {
            await WriteSidecarAsync(path, parcel.Head.Sidecar, cancellation);
            return new BlobWrite(IsAlready: true, BytesPut: 0);
        }

        if (root?.Digest != parcel.Base)
        {
            throw parcel.IsNewObject ? new ObjectExistsException(parcel.ObjectId) : OutOfSync(parcel, "its inventory has changed since it was read");
        }

        if (root is not null && !root.IsMatch && !await objects.IsAheadAsync(root, cancellation))
        {
            throw root.Mismatch();   // damage is not built upon
        }

        await ClaimAsync(path, cancellation);   // whoever undid an earlier attempt may have taken it away since 1
        var leftovers = new VersionLeftovers(places, path, root?.TryHead());
        var kept = await leftovers.KeepOnlyAsync(parcel, cancellation);
        long bytes = await PutContentsAsync(parcel, path, kept, cancellation);   // 4
        await PutInventoriesAsync(parcel, path, cancellation);   // 5
        await DecideAsync(parcel, path, decided.Version, lease, cancellation);   // 6
        await WriteSidecarAsync(path, parcel.Head.Sidecar, CancellationToken.None);   // 7: decided, so finished
        return new BlobWrite(IsAlready: false, bytes);
    }

    private async Task<long> PutContentsAsync(ObjectParcel parcel, string path, IReadOnlySet<string> kept, CancellationToken cancellation)
    {
        long bytes = 0;
        foreach (var content in parcel.Versions.SelectMany(version => version.Contents).Where(content => !kept.Contains(content.Path)))
        {
            bytes += await PutContentAsync(parcel, $"{path}/{content.Path}", content, cancellation);
        }

        return bytes;
    }

    private async Task<long> PutContentAsync(ObjectParcel parcel, string name, ContentParcel content, CancellationToken cancellation)
    {
        try
        {
            await using var source = await content.OpenAsync(cancellation);
            return (await places.Store.PutIfAbsentAsync(name, source, cancellation)).SizeBytes;
        }
        catch (PreconditionFailedException)
        {
            // Looked through at 3, and nobody else has the lease: our own put whose answer was lost, or a writer that lost its lease and goes on.
            return await new BlobContent(places).HoldsAsync(name, content.Digest, cancellation)
                ? 0
                : throw OutOfSync(parcel, "somebody else writes the same version");
        }
    }

    private async Task PutInventoriesAsync(ObjectParcel parcel, string path, CancellationToken cancellation)
    {
        foreach (var version in parcel.Versions)
        {
            string versionPath = $"{path}/{version.Number.Name}";
            bool isOurs = await places.PutOnceAsync(ObjectRootFiles.InventoryPathOf(versionPath), version.Inventory.Bytes, cancellation)
                && await places.PutOnceAsync(ObjectRootFiles.SidecarPathOf(versionPath), version.Sidecar, cancellation);
            if (!isOurs)
            {
                throw OutOfSync(parcel, "another version of that number is there");
            }
        }
    }

    // Who rolled the object back and built another history meanwhile (OCFL/spec#517), or took the lease, has changed the version or holds it.
    private async Task DecideAsync(ObjectParcel parcel, string path, BlobVersion decided, ObjectLease lease, CancellationToken cancellation)
    {
        try
        {
            using var content = BlobPlaces.StreamOf(parcel.Head.Inventory.Bytes);
            await places.Store.PutIfMatchAsync(ObjectRootFiles.InventoryPathOf(path), content, decided, lease.Lease, cancellation);
        }
        catch (PreconditionFailedException)
        {
            throw OutOfSync(parcel, "its inventory has changed since it was read, or the lease on it was lost");
        }
    }

    /// <summary>Makes the root sidecar that of the root inventory. Safe to repeat.</summary>
    public async Task WriteSidecarAsync(string path, byte[] sidecar, CancellationToken cancellation)
    {
        string name = ObjectRootFiles.SidecarPathOf(path);
        if (await places.Store.FindAsync(name, cancellation) is not { } there)
        {
            if (await places.PutOnceAsync(name, sidecar, cancellation))
            {
                return;
            }
        }
        else if (await places.TryReadWholeAsync(name, Sidecar.LimitBytes, cancellation) is { } old && !sidecar.AsSpan().SequenceEqual(old))
        {
            using var content = BlobPlaces.StreamOf(sidecar);
            await places.Store.PutIfMatchAsync(name, content, there.Version, lease: null, cancellation);
        }
    }

    private static ObjectOutOfSyncException OutOfSync(ObjectParcel parcel, string reason) => new(parcel.ObjectId, parcel.Head.Number, reason);
}

/// <summary>What a publication did.</summary>
/// <param name="IsAlready">The very same was there.</param>
/// <param name="BytesPut">Bytes of content written now.</param>
internal readonly record struct BlobWrite(bool IsAlready, long BytesPut);
