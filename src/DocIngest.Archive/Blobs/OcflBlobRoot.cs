using System.Collections.Concurrent;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The archive: an OCFL 1.1 storage root in a blob store, such as a container of Azure.</summary>
/// <remarks>
/// <para>Members may be called from several threads and machines. Writers need no lock of their own: each object is written under a lease on its root
/// inventory, and the put that decides is fenced by it, so of two writers one wins and the other is refused. Readers need none.</para>
/// <para>Nothing but the archive lies below the root: no lock, no temporary blob. What a writer that died left is removed or finished by the next
/// who writes the object, and by <see cref="RecoverAsync"/>.</para>
/// <para>Crash points and their order: docs/adr/0019-archive-in-blobs.md. Form: docs/formats/archive.md.</para>
/// </remarks>
/// <exception cref="StorageUnavailableException">Any member: the store does not answer. Every member is safe to repeat.</exception>
/// <exception cref="StorageDeniedException">Any member: the store answers, but not to us.</exception>
public sealed class OcflBlobRoot
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _leaseWait;

    private OcflBlobRoot(BlobPlaces places, TimeProvider time, TimeSpan leaseWait)
    {
        Places = places;
        Objects = new BlobObjectReader(places);
        _time = time;
        _leaseWait = leaseWait;
    }

    /// <summary>What the store is called in messages for people.</summary>
    public string DisplayName => ArchivePlaces.Below(Places.Store.DisplayName, Places.Root).TrimEnd('/');

    /// <summary>What protects its objects; null where that was not asked for.</summary>
    public IArchiveProtection? Protection => Protecting;

    internal BlobProtecting? Protecting { get; private init; }

    internal BlobPlaces Places { get; }

    internal BlobObjectReader Objects { get; }

    /// <summary>Opens the archive; creates it where there is none, and finishes it where creating it was cut short.</summary>
    /// <param name="store">Holds the storage root.</param>
    /// <param name="rootPath">The prefix of the storage root in the store; empty where the store is nothing else.</param>
    /// <param name="time">The clock, for leases.</param>
    /// <param name="leaseWait">How long writes wait for another writer of the same object. One that died keeps it for 30 s. Default: not at all.</param>
    /// <exception cref="StorageRootRefusedException">Another version of OCFL, another layout, or a store with other things in it. Nothing changed.</exception>
    public static async Task<OcflBlobRoot> OpenOrCreateAsync(
        IBlobStore store, string rootPath, TimeProvider time, TimeSpan leaseWait = default, CancellationToken cancellation = default)
    {
        var places = new BlobPlaces(store, rootPath);
        await new BlobRootSetup(places).OpenOrCreateAsync(cancellation);
        return new OcflBlobRoot(places, time, leaseWait);
    }

    /// <summary>Opens an archive that must be there. Writes nothing.</summary>
    /// <inheritdoc cref="OpenOrCreateAsync" path="/param" />
    /// <exception cref="StorageRootRefusedException">None there, half-made, another version of OCFL or another layout.</exception>
    public static async Task<OcflBlobRoot> OpenAsync(
        IBlobStore store, string rootPath, TimeProvider time, TimeSpan leaseWait = default, CancellationToken cancellation = default)
    {
        var places = new BlobPlaces(store, rootPath);
        await new BlobRootSetup(places).CheckAsync(cancellation);
        return new OcflBlobRoot(places, time, leaseWait);
    }

    /// <summary>Opens an archive on the caller's thread. Writes nothing.</summary>
    /// <returns>Null where nothing declares a storage root.</returns>
    /// <inheritdoc cref="OpenOrCreateAsync" path="/param" />
    /// <exception cref="StorageRootRefusedException">Half-made, another version of OCFL or another layout.</exception>
    public static OcflBlobRoot? TryOpen(IBlobStore store, string rootPath, TimeProvider time, TimeSpan leaseWait = default)
    {
        var places = new BlobPlaces(store, rootPath);
        var setup = new BlobRootSetup(OnCallersThread.PlacesOf(places));
        if (!OnCallersThread.Completed(setup.IsDeclaredAsync(CancellationToken.None)))
        {
            return null;
        }

        OnCallersThread.Completed(setup.CheckedAsync(CancellationToken.None));
        return new OcflBlobRoot(places, time, leaseWait);
    }

    /// <summary>The same archive, which makes what it commits immutable for a while, and destroys nothing that is protected.</summary>
    /// <param name="window">For how long. Whoever asks for this renews it (<see cref="IArchiveProtection.KeepAsync"/>).</param>
    /// <exception cref="NotSupportedException">The store has nothing of the kind.</exception>
    public OcflBlobRoot ProtectedFor(TimeSpan window) => Places.Store.Protection is { } blobs
        ? new OcflBlobRoot(Places, _time, _leaseWait) { Protecting = new BlobProtecting(Places, blobs, window, _time) }
        : throw new NotSupportedException($"{DisplayName} can protect nothing.");

    /// <summary>Makes a sealed version part of the archive. Safe to repeat after a crash, from the same staging entry: it finishes what is there.</summary>
    /// <exception cref="ArgumentException">It is not sealed. Nothing changed.</exception>
    /// <exception cref="OperationCanceledException">Nothing was decided; commit again, or <see cref="RecoverAsync"/>.</exception>
    public async Task<CommitResult> CommitAsync(StagedVersion staged, CancellationToken cancellation = default)
    {
        try
        {
            var write = await PublishAsync(staged.ToParcel(), cancellation);
            return write.IsAlready ? new CommitResult.AlreadyCommitted(staged) : new CommitResult.Committed(staged);
        }
        catch (ArchiveException refusal)
        {
            return new CommitResult.Refused(staged, refusal);
        }
        catch (StorageException error)
        {
            return new CommitResult.Failed(staged, error);
        }
    }

    /// <summary>Settles an object whose last write may have been cut short: finishes what was decided, and takes back what was not. Safe to repeat.</summary>
    public Task<BlobRecoveryOutcome> RecoverAsync(string objectId, CancellationToken cancellation = default) =>
        RecoverAtAsync(Places.ObjectPath(objectId), cancellation);

    /// <summary>Settles every object. For start-up: it lists the whole root, and asks three times of each object.</summary>
    /// <param name="parallelism">Objects at once.</param>
    /// <returns>What was not <see cref="BlobRecoveryOutcome.Sound"/>, by object root; and how many objects were looked at.</returns>
    public async Task<BlobRecoverySummary> RecoverAllAsync(int parallelism = 8, CancellationToken cancellation = default)
    {
        var changed = new ConcurrentDictionary<string, BlobRecoveryOutcome>(StringComparer.Ordinal);
        int objects = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(new BlobObjectWalk(Places).AllAsync(cancellation), options, async (listing, token) =>
        {
            if (listing is BlobListing.Place place)
            {
                Interlocked.Increment(ref objects);
                var outcome = await RecoverAtAsync(place.Path, token);
                if (outcome is not BlobRecoveryOutcome.Sound)
                {
                    changed[place.Path] = outcome;
                }
            }
        });
        return new BlobRecoverySummary(objects, changed);
    }

    /// <summary>Reads an object; null where the archive holds none of this id, or one that is only being made.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted; the finding says why. Do not retry.</exception>
    public Task<OcflObject?> FindAsync(string objectId, CancellationToken cancellation = default) => Objects.FindAsync(objectId, cancellation);

    /// <summary>Opens a file of a version. The read that meets its end throws where the bytes are not the archived ones.</summary>
    /// <returns>A stream for reading from beginning to end. One that is not read to its end proves nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The object, as it was read, has no such version.</exception>
    /// <exception cref="ArgumentException">The version has no such file.</exception>
    /// <exception cref="DamagedObjectException">The content file is missing.</exception>
    /// <exception cref="FixityException">From the stream: the content does not match its digest. Nothing that was read may be used.</exception>
    public async Task<Stream> OpenContentAsync(OcflObject found, VersionNumber version, string logicalPath, CancellationToken cancellation = default)
    {
        var file = found.FindFile(version, logicalPath)
            ?? throw new ArgumentException($"{version} of object {found.Id} has no such file.", nameof(logicalPath));
        return new VerifyingStream(await Places.OpenContentAsync(file.ContentPath, cancellation), file.ContentPath, file.Digest);
    }

    /// <summary>Reads every file of a version again and compares digests; checks the object's inventory on the way.</summary>
    /// <returns>What was read and everything that is wrong. Damage is a finding, never an exception.</returns>
    public Task<VersionVerification> VerifyAsync(string objectId, VersionNumber version, CancellationToken cancellation = default) =>
        new BlobObjectVerifier(Places, Objects).VerifyAsync(objectId, version, cancellation);

    /// <summary>Every object, in the order of the layout, and everything that should be an object and is not. One that is only being made is left out.</summary>
    public IAsyncEnumerable<ObjectListing> EnumerateObjectsAsync(CancellationToken cancellation = default) => new BlobObjectListing(Places, Objects).AllAsync(cancellation);

    /// <summary>The right to write an object, waited for as long as this root waits.</summary>
    internal Task<ObjectLease> LeaseAsync(string path, CancellationToken cancellation) => ObjectLease.TakeAsync(Places, path, _leaseWait, _time, cancellation);

    internal BlobObjectWriter Writer() => new(Places, Objects, _time, _leaseWait) { Protecting = Protecting };

    internal Task<BlobWrite> PublishAsync(ObjectParcel parcel, CancellationToken cancellation) =>
        Writer().PublishAsync(parcel, cancellation);

    private Task<BlobRecoveryOutcome> RecoverAtAsync(string path, CancellationToken cancellation) =>
        new BlobObjectRecovery(Places, Objects, _time, _leaseWait).RecoverAsync(path, cancellation);
}

/// <summary>What the recovery of a whole archive found.</summary>
/// <param name="Objects">Places of objects that were looked at.</param>
/// <param name="Changed">Every object that was not sound, by its object root.</param>
public sealed record BlobRecoverySummary(int Objects, IReadOnlyDictionary<string, BlobRecoveryOutcome> Changed);
