using System.Runtime.CompilerServices;

namespace DocIngest.Archive;

/// <summary>What a listing of the storage root shows at one place. Closed: only the cases below exist.</summary>
internal abstract record BlobListing
{
    private BlobListing()
    {
    }

    /// <summary>The place of an object.</summary>
    /// <param name="Path">The object root.</param>
    /// <param name="Stray">The first blob there that belongs to no version, such as one in <c>logs/</c>; null where there is none.</param>
    public sealed record Place(string Path, string? Stray) : BlobListing;

    /// <summary>A blob that belongs to no object and is none of the root's.</summary>
    public sealed record Foreign(Finding Finding) : BlobListing;
}

/// <summary>Goes through the storage root by one listing, one object in memory at a time.</summary>
internal sealed class BlobObjectWalk(BlobPlaces places)
{
    public async IAsyncEnumerable<BlobListing> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        BlobListing.Place? current = null;
        await foreach (var blob in places.Store.ListAsync(places.RootPrefix, cancellation))
        {
            string below = blob.Name[places.RootPrefix.Length..];
            if (!below.Contains('/') || below.StartsWith($"{StorageRootFiles.ExtensionsFolder}/", StringComparison.Ordinal))
            {
                continue;   // of the root
            }

            if (ObjectPathOf(below) is not { } objectPath)
            {
                yield return new BlobListing.Foreign(new Finding("E088", blob.Name, "The file lies where the layout puts no object."));
                continue;
            }

            string path = places.Below(objectPath);
            if (current is not null && current.Path != path)
            {
                yield return current;
                current = null;
            }

            current ??= new BlobListing.Place(path, Stray: null);
            if (current.Stray is null && !IsOfAVersion(below[(objectPath.Length + 1)..]))
            {
                current = current with { Stray = blob.Name };
            }
        }

        if (current is not null)
        {
            yield return current;
        }
    }

    /// <summary>The object's place in the layout, of a file below the storage root; null for what belongs to none.</summary>
    /// <remarks>As in a folder: whatever lies at the depth of objects is treated as one, so that one that lost its declaration is reported.</remarks>
    public static string? ObjectPathOf(string below)
    {
        var layout = HashedNTupleLayout.Default;
        string[] elements = below.Split('/', layout.NumberOfTuples + 2);
        return elements.Length == layout.NumberOfTuples + 2 && elements.Take(layout.NumberOfTuples).Select(layout.IsTuple).All(isTuple => isTuple)
            ? string.Join('/', elements[..^1])
            : null;
    }

    private static bool IsOfAVersion(string below) =>
        below is ArchivePlaces.InventoryFileName or ArchivePlaces.SidecarFileName or ArchivePlaces.ObjectDeclaration
        || (below.Contains('/') && VersionNumber.TryParse(below.Split('/')[0], out _));
}
