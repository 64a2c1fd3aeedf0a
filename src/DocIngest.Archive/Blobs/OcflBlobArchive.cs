using DocIngest.Archive.Validation;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The archive in a blob store, with a staging folder on a local disk where versions are put together.</summary>
/// <remarks>
/// <para>What is staged is flushed before the first blob of it is put, so the staging entry is the journal of its commit, whatever cuts it short. Once put, blobs are
/// durable: nothing waits for a later flush.</para>
/// <para>Every change asks for the ownership first: one installation writes an archive (<see cref="ArchiveOwnership"/>). Within it, objects are locked by the caller
/// as for any archive; a lease on each object fences those who believe in a right they have lost.</para>
/// <para>Crash points: docs/adr/0019-archive-in-blobs.md, docs/adr/0025-the-service-on-an-archive-in-blobs.md.</para>
/// </remarks>
public sealed class OcflBlobArchive : IArchive
{
    private const int FewToAskOneByOne = 50;   // a listing is a request for every 5,000 blobs there are

    private readonly OcflBlobRoot _root;
    private readonly ArchivePlaces _staging;
    private readonly ArchiveOwnership _ownership;
    private readonly string _rootName;
    private readonly BlobPlaces _places;
    private readonly BlobObjectReader _objects;

    /// <param name="root">The storage root.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="stagingPath">The staging folder in it; must exist.</param>
    /// <param name="ownership">The right to write this storage root.</param>
    /// <param name="rootName">What <see cref="PathOf"/> puts before the place of an object: a data folder may have backups of the days when its archive was on its disk.</param>
    public OcflBlobArchive(OcflBlobRoot root, IDurableFolder folder, string stagingPath, ArchiveOwnership ownership, string rootName)
    {
        _rootName = rootName;
        _root = root;
        _staging = new ArchivePlaces(folder, rootPath: "", stagingPath);
        _ownership = ownership;
        _places = OnCallersThread.PlacesOf(root.Places);
        _objects = new BlobObjectReader(_places);
    }

    /// <inheritdoc />
    public IArchiveProtection? Protection => _root.Protection;

    /// <inheritdoc />
    public string ContentFolderFor(string stagingName) =>
        $"{_staging.StagingPath(stagingName)}/{VersionNumber.First.Name}/{Inventory.DefaultContentDirectory}";

    /// <inheritdoc />
    public StagedVersion StageNewObject(string objectId, string stagingName, FlushMark? since = null) =>
        new(_staging, objectId, stagingName, current: null, since);

    /// <inheritdoc />
    public StagedVersion StageNextVersion(OcflObject current, string stagingName, FlushMark? since = null) =>
        new(_staging, current.Id, stagingName, current, since);

    /// <inheritdoc />
    /// <remarks>Objects are put side by side. One that was cancelled before it was decided is <see cref="CommitResult.Failed"/> where another was decided already.</remarks>
    /// <exception cref="LockHeldException">The archive is another installation's. Nothing changed.</exception>
    public Task<IReadOnlyList<CommitResult>> CommitGroupAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation = default) =>
        new BlobGroupCommit(_root, _staging.Folder, _ownership).CommitAsync(group, cancellation);

    /// <inheritdoc />
    /// <remarks>A version that was not decided is removed, and is <see cref="RecoveryOutcome.Absent"/>: what is staged is still there.</remarks>
    /// <exception cref="LockHeldException">The archive is another installation's, or somebody writes the object, or died less than half a minute ago. Recover again.</exception>
    public async ValueTask<RecoveryOutcome> RecoverAsync(string objectId, VersionNumber version, string stagingName, CancellationToken cancellation = default)
    {
        await _ownership.EnsureAsync(cancellation);
        return await new BlobVersionRecovery(_root, _staging).RecoverAsync(objectId, version, stagingName, cancellation);
    }

    /// <inheritdoc />
    public void Discard(string stagingName) => _staging.Folder.DeleteTree(_staging.StagingPath(stagingName));

    /// <inheritdoc />
    public int SweepStaging(Func<string, bool> isOpen) => _staging.SweepStaging(isOpen);

    /// <inheritdoc />
    /// <remarks>Crash points: <see cref="BlobObjectDestruction"/>, docs/formats/archive.md.</remarks>
    /// <exception cref="LockHeldException">The archive is another installation's, or somebody writes the object. Nothing changed.</exception>
    public async Task<DestroyOutcome> DestroyAsync(
        string objectId, Sha512Digest approvedInventory, bool acceptsDamage = false, CancellationToken cancellation = default)
    {
        await _ownership.EnsureAsync(cancellation);
        return await Destruction().DestroyAsync(objectId, approvedInventory, acceptsDamage, cancellation);
    }

    /// <inheritdoc />
    public IReadOnlyList<string> ListUnfinishedDestructions() => _staging.ListDestroyed();

    /// <inheritdoc />
    /// <exception cref="LockHeldException">As for <see cref="DestroyAsync"/>.</exception>
    public async Task<bool> RecoverDestroyAsync(string objectId)
    {
        await _ownership.EnsureAsync(CancellationToken.None);
        return await Destruction().FinishAsync(objectId);
    }

    /// <inheritdoc />
    public bool IsThere(string objectId) =>
        OnCallersThread.Completed(_places.Store.ListAsync($"{_places.ObjectPath(objectId)}/", CancellationToken.None)).Any();

    /// <inheritdoc />
    public IReadOnlySet<string> WhichAreThere(IReadOnlyCollection<string> objectIds)
    {
        if (objectIds.Count <= FewToAskOneByOne)
        {
            return objectIds.Where(IsThere).ToHashSet(StringComparer.Ordinal);
        }

        var there = OnCallersThread.Completed(_places.Store.ListAsync(_places.RootPrefix, CancellationToken.None))
            .Select(blob => BlobObjectWalk.ObjectPathOf(blob.Name[_places.RootPrefix.Length..])).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return objectIds.Where(id => there.Contains(HashedNTupleLayout.Default.PathOf(id))).ToHashSet(StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public ObjectExtent? Measure(string objectId)
    {
        if (Find(objectId) is not { } found)
        {
            return null;
        }

        var sizes = OnCallersThread.Completed(_places.Store.ListAsync($"{found.Path}/", CancellationToken.None)).ToDictionary(blob => blob.Name, blob => blob.SizeBytes);
        var contents = found.File.Inventory.Manifest.Values.SelectMany(paths => paths).Select(path => $"{found.Path}/{path}").ToList();
        return contents.Find(path => !sizes.ContainsKey(path)) is { } missing
            ? throw new DamagedObjectException("E092", missing, "A content file is missing.")
            : new ObjectExtent(found.Head.Value, contents.Count, contents.Sum(path => sizes[path]), found.InventoryDigest);
    }

    /// <inheritdoc />
    public string PathOf(string objectId) => ArchivePlaces.Below(_rootName, HashedNTupleLayout.Default.PathOf(objectId));

    /// <inheritdoc />
    public OcflObject? Find(string objectId) => OnCallersThread.Completed(_objects.FindAsync(objectId, CancellationToken.None));

    /// <inheritdoc />
    public Stream OpenContent(OcflObject found, VersionNumber version, string logicalPath)
    {
        var file = found.FindFile(version, logicalPath)
            ?? throw new ArgumentException($"{version} of object {found.Id} has no such file.", nameof(logicalPath));
        var content = OnCallersThread.Completed(_places.OpenContentAsync(file.ContentPath, CancellationToken.None));
        return new VerifyingStream(content, file.ContentPath, file.Digest);
    }

    /// <inheritdoc />
    public VersionVerification Verify(string objectId, VersionNumber version, CancellationToken cancellation = default) =>
        OnCallersThread.Completed(new BlobObjectVerifier(_places, _objects).VerifyAsync(objectId, version, cancellation));

    /// <inheritdoc />
    public async Task<ValidationReport?> ValidateAsync(string objectId, TimeProvider time, CancellationToken cancellation = default)
    {
        var options = new ValidationOptions { Time = time };
        return IsThere(objectId) && await OcflValidator.ValidateObjectAsync(new BlobFolder(_root.Places.Store), _root.Places.ObjectPath(objectId), options, cancellation) is var report && IsThere(objectId)
            ? report
            : null;
    }

    /// <inheritdoc />
    public IEnumerable<ObjectListing> EnumerateObjects() =>
        OnCallersThread.Completed(new BlobObjectListing(_places, _objects).AllAsync(CancellationToken.None));

    private BlobObjectDestruction Destruction() => new(_root, _staging);
}
