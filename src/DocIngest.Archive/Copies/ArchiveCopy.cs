using System.Collections.Concurrent;
using System.Diagnostics;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Copies an archive into another store: every object with all its versions, to the byte.</summary>
/// <remarks>
/// <para>An object is written as any other (docs/adr/0019-archive-in-blobs.md), so that its root inventory comes last and a copy that is cut short is taken up again
/// where it was: what is there and equal is passed over by the digest of its inventory, what is half there is finished.</para>
/// <para>Content is compared with its digest while it is read from the source; a damaged object is a finding, is taken back in the target, and the others go on.</para>
/// </remarks>
public sealed class ArchiveCopy
{
    private readonly OcflBlobRoot _source;
    private readonly OcflBlobRoot _target;
    private readonly ArchiveCopyOptions _options;
    private readonly IProgress<ArchiveCopyProgress>? _progress;
    private readonly ConcurrentBag<ArchiveCopyFinding> _findings = [];
    private long _all;
    private long _done;
    private long _objects;
    private long _copied;
    private long _present;
    private long _bytes;

    private ArchiveCopy(OcflBlobRoot source, OcflBlobRoot target, ArchiveCopyOptions options, IProgress<ArchiveCopyProgress>? progress)
    {
        _source = source;
        _target = target;
        _options = options;
        _progress = progress;
    }

    /// <summary>Copies.</summary>
    /// <returns>What was done, and everything that is wrong. Damage is a finding, never an exception.</returns>
    /// <exception cref="StorageException">A store failed, or another writer has an object of the target. What was copied is there; run it again.</exception>
    /// <exception cref="OperationCanceledException">As before.</exception>
    public static Task<ArchiveCopyReport> RunAsync(
        OcflBlobRoot source, OcflBlobRoot target, ArchiveCopyOptions options, IProgress<ArchiveCopyProgress>? progress = null,
        CancellationToken cancellation = default) =>
        new ArchiveCopy(source, target, options, progress).RunAsync(cancellation);

    private async Task<ArchiveCopyReport> RunAsync(CancellationToken cancellation)
    {
        var listings = new List<BlobListing>();
        await _options.Attempt("list the source", async stop =>
        {
            listings.Clear();   // a listing that breaks off begins again
            await foreach (var listing in new BlobObjectWalk(_source.Places).AllAsync(stop))
            {
                listings.Add(listing);
            }
        }, cancellation);

        _all = listings.Count;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(listings, parallel, CopyAsync);
        var findings = _findings.OrderBy(found => found.Finding.Path, StringComparer.Ordinal).ThenBy(found => found.Finding.Code, StringComparer.Ordinal);
        return new ArchiveCopyReport(_objects, _copied, _present, _bytes, [.. findings]);
    }

    private async ValueTask CopyAsync(BlobListing listing, CancellationToken cancellation)
    {
        var result = new ObjectResult(IsObject: false, IsCopied: false, IsPresent: false, []);
        switch (listing)
        {
            case BlobListing.Foreign foreign:
                result = result with { Findings = [OfSource(foreign.Finding)] };
                break;
            case BlobListing.Place place:
                await _options.Attempt($"copy {place.Path}", async stop => result = await CopyObjectAsync(place, stop), cancellation);
                break;
            default:
                throw new UnreachableException();
        }

        result.Findings.ForEach(_findings.Add);
        Add(ref _objects, result.IsObject);
        Add(ref _copied, result.IsCopied);
        Add(ref _present, result.IsPresent);
        _progress?.Report(new ArchiveCopyProgress(Interlocked.Increment(ref _done), _all, Volatile.Read(ref _bytes)));
    }

    private async Task<ObjectResult> CopyObjectAsync(BlobListing.Place place, CancellationToken cancellation)
    {
        List<ArchiveCopyFinding> findings = place.Stray is { } stray
            ? [OfSource(new Finding(FindingCodes.NotOfAVersion, stray, "The file belongs to no version of the object. It was not copied."))]
            : [];
        var result = new ObjectResult(IsObject: true, IsCopied: false, IsPresent: false, findings);
        try
        {
            if (await _source.Objects.ReadAtAsync(place.Path, cancellation) is not { } found)
            {
                return result with { IsObject = false };   // only being made
            }

            if (_source.Places.ObjectPath(found.Id) != place.Path)
            {
                throw new DamagedObjectException("E083", place.Path, "The object lies elsewhere than the layout puts its id.");
            }

            return await BringAsync(found, result, cancellation);
        }
        catch (DamagedObjectException damage)
        {
            findings.Add(OfSource(damage.Finding));
            return result;
        }
    }

    private async Task<ObjectResult> BringAsync(OcflObject found, ObjectResult result, CancellationToken cancellation)
    {
        var source = new ObjectForCopy(_source, found);
        OcflObject? there;
        try
        {
            there = await _target.FindAsync(found.Id, cancellation);
        }
        catch (DamagedObjectException damage)
        {
            return result.With(OfTarget(damage.Finding));
        }

        if (there is not null && await CompareAsync(found, source, there, cancellation) is { } contradiction)
        {
            return result.With(contradiction);
        }

        if (there?.InventoryDigest == found.InventoryDigest && await _target.Objects.TryReadSidecarAsync(there.Path, cancellation) == found.InventoryDigest)
        {
            return result with { IsPresent = true };
        }

        // Equal, but its sidecar was never written: all versions, of which the writer finds that they are there.
        var parcel = await source.PackAsync(there?.InventoryDigest == found.InventoryDigest ? null : there, cancellation);
        string targetPath = _target.Places.ObjectPath(found.Id);
        return parcel.Versions.SelectMany(version => version.Contents).Any(content => !BlobName.IsValid($"{targetPath}/{content.Path}"))
            ? result.With(OfSource(new Finding(FindingCodes.NoBlobName, found.Path, "A content path holds characters that no blob store carries unchanged.")))
            : await PublishAsync(parcel, source, result, cancellation);
    }

    /// <summary>What keeps the object from being brought up to the source's versions; null where nothing does.</summary>
    private async Task<ArchiveCopyFinding?> CompareAsync(OcflObject found, ObjectForCopy source, OcflObject there, CancellationToken cancellation)
    {
        if (there.Head.CompareTo(found.Head) > 0)
        {
            bool isAhead = await new ObjectForCopy(_target, there).DigestAtAsync(found.Head, cancellation) == found.InventoryDigest;
            return OfTarget(isAhead
                ? new Finding(FindingCodes.TargetIsAhead, there.Path, $"The object is at {there.Head} here, and at {found.Head} in the source. It was left alone.")
                : OtherHistory(there));
        }

        return await source.DigestAtAsync(there.Head, cancellation) == there.InventoryDigest ? null : OfTarget(OtherHistory(there));
    }

    private async Task<ObjectResult> PublishAsync(ObjectParcel parcel, ObjectForCopy source, ObjectResult result, CancellationToken cancellation)
    {
        try
        {
            var write = await _target.PublishAsync(parcel, cancellation);
            Interlocked.Add(ref _bytes, write.BytesPut);
            return write.IsAlready ? result with { IsPresent = true } : result with { IsCopied = true };
        }
        catch (FixityException damage)
        {
            await _target.RecoverAsync(parcel.ObjectId, cancellation);
            return result.With(OfSource(new Finding("E092", damage.Path, "The content does not match its SHA-512 digest.")));
        }
        catch (DamagedObjectException damage) when (source.Damage is not null)
        {
            await _target.RecoverAsync(parcel.ObjectId, cancellation);
            return result.With(OfSource(damage.Finding));
        }
        catch (DamagedObjectException damage)
        {
            return result.With(OfTarget(damage.Finding));
        }
        catch (Exception error) when (error is ObjectExistsException or ObjectOutOfSyncException)
        {
            string path = _target.Places.ObjectPath(parcel.ObjectId);
            return result.With(OfTarget(new Finding(FindingCodes.ChangedMeanwhile, path, "Somebody else wrote the object while it was copied. Copy again.")));
        }
    }

    private static Finding OtherHistory(OcflObject there) =>
        new(FindingCodes.OtherHistory, there.Path, "Another object of this id, or another history of it, is here. It was left alone.");

    private ArchiveCopyFinding OfSource(Finding finding) => new(_source.DisplayName, finding);

    private ArchiveCopyFinding OfTarget(Finding finding) => new(_target.DisplayName, finding);

    private static void Add(ref long counter, bool counts) => Interlocked.Add(ref counter, counts ? 1 : 0);

    /// <summary>What became of one object.</summary>
    private sealed record ObjectResult(bool IsObject, bool IsCopied, bool IsPresent, List<ArchiveCopyFinding> Findings)
    {
        public ObjectResult With(ArchiveCopyFinding finding) => this with { Findings = [.. Findings, finding] };
    }
}
