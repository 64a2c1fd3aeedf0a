using System.Runtime.CompilerServices;

namespace DocIngest.Archive;

/// <summary>Reads every object that a listing of the storage root shows.</summary>
internal sealed class BlobObjectListing(BlobPlaces places, BlobObjectReader objects)
{
    public async IAsyncEnumerable<ObjectListing> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var listing in new BlobObjectWalk(places).AllAsync(cancellation))
        {
            if (await ReadAsync(listing, cancellation) is { } read)
            {
                yield return read;
            }
        }
    }

    private async Task<ObjectListing?> ReadAsync(BlobListing listing, CancellationToken cancellation)
    {
        try
        {
            return listing switch
            {
                BlobListing.Place place => await objects.ReadAtAsync(place.Path, cancellation) is not { } found ? null
                    : places.ObjectPath(found.Id) == place.Path ? new ObjectListing.Readable(found)
                    : throw new DamagedObjectException("E083", place.Path, "The object lies elsewhere than the layout puts its id."),
                BlobListing.Foreign foreign => throw new DamagedObjectException(foreign.Finding),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (DamagedObjectException damage)
        {
            return new ObjectListing.Unreadable(damage);
        }
    }
}
