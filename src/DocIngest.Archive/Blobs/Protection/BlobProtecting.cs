using System.Runtime.CompilerServices;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Protects objects of an archive in a store that can.</summary>
internal sealed class BlobProtecting(BlobPlaces places, IBlobProtection blobs, TimeSpan window, TimeProvider time) : IArchiveProtection
{
    private const int Parallelism = 8;   // each blob is a request of its own, and waits for the line

    public TimeSpan Window => window;

    public Task<bool> IsSupportedAsync(CancellationToken cancellation) => blobs.IsSupportedAsync(cancellation);

    public string PlaceOf(string objectId) => HashedNTupleLayout.Default.PathOf(objectId);

    public async Task<ObjectGuard> FindAsync(string place, CancellationToken cancellation) => GuardOf(place, await BlobsOfAsync(place, cancellation));

    public async IAsyncEnumerable<ObjectGuard> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var ofRoot = new List<ProtectedBlob>();
        var ofObject = new List<ProtectedBlob>();
        string? place = null;
        await foreach (var blob in blobs.ListAsync(places.RootPrefix, cancellation))
        {
            if (PlaceIn(blob.Name) is not { } its)
            {
                ofRoot.AddRange(IsNeverReplaced("", blob.Name) ? [blob] : []);
                continue;
            }

            if (its != place && place is not null)   // in the order of names, what belongs to one object stands together
            {
                yield return GuardOf(place, ofObject);
                ofObject.Clear();
            }

            place = its;
            if (IsNeverReplaced(place, blob.Name))
            {
                ofObject.Add(blob);
            }
        }

        if (place is not null)
        {
            yield return GuardOf(place, ofObject);
        }

        yield return GuardOf("", ofRoot);
    }

    public async Task<int> KeepAsync(string place, CancellationToken cancellation)
    {
        var due = (await BlobsOfAsync(place, cancellation)).Where(IsDueForRenewal).Select(blob => blob.Name).ToList();
        var until = time.GetUtcNow() + window;
        await EachAsync(due, name => blobs.KeepUntilAsync(name, until, cancellation), cancellation);
        return due.Count;
    }

    public async Task<int> SetLegalHoldAsync(string place, bool isHeld, CancellationToken cancellation)
    {
        var others = (await BlobsOfAsync(place, cancellation)).Where(blob => blob.IsHeld != isHeld).Select(blob => blob.Name).ToList();
        await EachAsync(others, name => blobs.SetLegalHoldAsync(name, isHeld, cancellation), cancellation);
        return others.Count;
    }

    /// <summary>Deletes what was kept of an object's blobs that were replaced or deleted.</summary>
    public Task DeleteFormerVersionsAsync(string place, CancellationToken cancellation) => blobs.DeleteFormerVersionsAsync($"{places.Below(place)}/", cancellation);

    private static Task EachAsync(IEnumerable<string> names, Func<string, Task> protect, CancellationToken cancellation) => Parallel.ForEachAsync(
        names, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation }, async (name, _) => await protect(name));

    private async Task<List<ProtectedBlob>> BlobsOfAsync(string place, CancellationToken cancellation)
    {
        string prefix = place.Length == 0 ? places.RootPrefix : $"{places.Below(place)}/";
        return await blobs.ListAsync(prefix, cancellation).Where(blob => IsNeverReplaced(place, blob.Name)).ToListAsync(cancellation);
    }

    private ObjectGuard GuardOf(string place, IReadOnlyCollection<ProtectedBlob> protectable)
    {
        var now = time.GetUtcNow();
        var until = protectable.Max(blob => blob.KeptUntil);
        return new ObjectGuard(place, protectable.Any(IsDueForRenewal), until > now ? until : null, protectable.Count, protectable.Count(blob => blob.IsHeld));
    }

    private bool IsDueForRenewal(ProtectedBlob blob) => blob.KeptUntil is not { } until || until < time.GetUtcNow() + window / 2;

    private string? PlaceIn(string name) => BlobObjectWalk.ObjectPathOf(name[places.RootPrefix.Length..]);

    private bool IsNeverReplaced(string place, string name)
    {
        if (place.Length == 0)
        {
            return StorageRootFiles.All.Any(file => places.Below(file.Path) == name);
        }

        string below = name[(places.Below(place).Length + 1)..];
        return below == ArchivePlaces.ObjectDeclaration || VersionLeftovers.IsOfVersion(below);
    }
}
