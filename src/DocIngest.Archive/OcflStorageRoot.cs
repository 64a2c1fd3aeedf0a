using DocIngest.Archive.Validation;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The archive: an OCFL 1.1 storage root in one durable folder, with a staging folder beside it on the same volume.</summary>
/// <remarks>
/// <para>Members may be called from several threads and processes, under one rule: whoever adds a version to an object holds
/// that object's lock from <see cref="Find"/> until <see cref="CommitGroupAsync"/> has returned, and whoever recovers an object holds
/// it while doing so. The archive takes no lock itself, because only the caller knows the order in which a group's locks are
/// safe to take. A new object whose id nobody else can draw needs none. Readers need none: they meet the old head or the new.</para>
/// <para>Should the rule be broken, the object is still never mixed up: a second writer is refused (<see cref="ObjectOutOfSyncException"/>).</para>
/// <para>Crash points and their order: docs/adr/0002-ocfl-commit-order.md. Form on disk: docs/formats/archive.md.</para>
/// </remarks>
/// <exception cref="StorageUnavailableException">Any member: the folder does not answer. A retry may help.</exception>
/// <exception cref="StorageFullException">Any writing member: no space left. A retry may help after space was freed.</exception>
public sealed class OcflStorageRoot : IArchive
{
    private readonly ArchivePlaces _places;
    private readonly ObjectReader _objects;
    private readonly ContentReader _contents;

    private OcflStorageRoot(ArchivePlaces places)
    {
        _places = places;
        _objects = new ObjectReader(places);
        _contents = new ContentReader(places);
    }

    /// <summary>Opens the archive; creates it where there is none, and finishes it where creating it was cut short.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="rootPath">The storage root in it, for example <c>archive</c>.</param>
    /// <param name="stagingPath">The staging folder in it, for example <c>staging</c>; not below the storage root.</param>
    /// <exception cref="StorageRootRefusedException">Another version of OCFL, another layout, or a folder with other things in it. Nothing changed.</exception>
    /// <exception cref="FlushFailedException">A new root may not have become durable. Open again.</exception>
    public static async ValueTask<OcflStorageRoot> OpenOrCreateAsync(
        IDurableFolder folder, string rootPath, string stagingPath, CancellationToken cancellation = default)
    {
        var places = PlacesOf(folder, rootPath, stagingPath);
        await new StorageRootSetup(places).OpenOrCreateAsync(cancellation);
        return new OcflStorageRoot(places);
    }

    /// <summary>Opens an archive that must be there. Writes nothing.</summary>
    /// <inheritdoc cref="OpenOrCreateAsync" path="/param" />
    /// <exception cref="StorageRootRefusedException">None there, half-made, another version of OCFL or another layout.</exception>
    public static OcflStorageRoot Open(IDurableFolder folder, string rootPath, string stagingPath)
    {
        var places = PlacesOf(folder, rootPath, stagingPath);
        new StorageRootSetup(places).Check();
        return new OcflStorageRoot(places);
    }

    /// <inheritdoc />
    public IArchiveProtection? Protection => null;   // whoever may write the folder may change its files

    /// <inheritdoc />
    public string ContentFolderFor(string stagingName) =>
        $"{_places.StagingPath(stagingName)}/{VersionNumber.First.Name}/{Inventory.DefaultContentDirectory}";

    /// <inheritdoc />
    public StagedVersion StageNewObject(string objectId, string stagingName, FlushMark? since = null) =>
        new(_places, objectId, stagingName, current: null, since);

    /// <inheritdoc />
    public StagedVersion StageNextVersion(OcflObject current, string stagingName, FlushMark? since = null) =>
        new(_places, current.Id, stagingName, current, since);

    /// <inheritdoc />
    /// <remarks>Two flushes for all of them, three where there are next versions. Past the first rename the group is finished. After a failed flush, what was placed has been
    /// taken back as far as the disk let us.</remarks>
    public Task<IReadOnlyList<CommitResult>> CommitGroupAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation = default) =>
        new GroupCommit(_places, _objects).CommitAsync(group, cancellation);

    /// <inheritdoc />
    public ValueTask<RecoveryOutcome> RecoverAsync(
        string objectId, VersionNumber version, string stagingName, CancellationToken cancellation = default) =>
        new ObjectRecovery(_places, _objects, _contents).RecoverAsync(objectId, version, stagingName, cancellation);

    /// <inheritdoc />
    public void Discard(string stagingName) => _places.Folder.DeleteTree(_places.StagingPath(stagingName));

    /// <inheritdoc />
    public int SweepStaging(Func<string, bool> isOpen) => _places.SweepStaging(isOpen);

    /// <inheritdoc />
    /// <remarks>Crash points: <see cref="ObjectDestruction"/>, docs/formats/archive.md.</remarks>
    public Task<DestroyOutcome> DestroyAsync(
        string objectId, Sha512Digest approvedInventory, bool acceptsDamage = false, CancellationToken cancellation = default) =>
        new ObjectDestruction(_places, _objects).DestroyAsync(objectId, approvedInventory, acceptsDamage, cancellation);

    /// <inheritdoc />
    public IReadOnlyList<string> ListUnfinishedDestructions() => _places.ListDestroyed();

    /// <inheritdoc />
    public Task<bool> RecoverDestroyAsync(string objectId) => new ObjectDestruction(_places, _objects).FinishAsync(objectId);

    /// <inheritdoc />
    public IReadOnlySet<string> WhichAreThere(IReadOnlyCollection<string> objectIds) => objectIds.Where(IsThere).ToHashSet(StringComparer.Ordinal);

    /// <inheritdoc />
    public bool IsThere(string objectId) => _places.Folder.Find(_places.ObjectPath(objectId)) is not null;

    /// <inheritdoc />
    public ObjectExtent? Measure(string objectId)
    {
        if (_objects.Find(objectId) is not { } found)
        {
            return null;
        }

        var sizes = found.File.Inventory.Manifest.Values.SelectMany(paths => paths).Select(path => _contents.SizeOf($"{found.Path}/{path}")).ToList();
        return new ObjectExtent(found.Head.Value, sizes.Count, sizes.Sum(), found.InventoryDigest);
    }

    /// <inheritdoc />
    public string PathOf(string objectId) => _places.ObjectPath(objectId);

    /// <inheritdoc />
    public OcflObject? Find(string objectId) => _objects.Find(objectId);

    /// <inheritdoc />
    public Stream OpenContent(OcflObject found, VersionNumber version, string logicalPath)
    {
        var file = found.FindFile(version, logicalPath)
            ?? throw new ArgumentException($"{version} of object {found.Id} has no such file.", nameof(logicalPath));
        return new VerifyingStream(_contents.Open(file.ContentPath), file.ContentPath, file.Digest);
    }

    /// <inheritdoc />
    /// <remarks>Straight after a commit the bytes come from the system's cache: that proves what was written, not what the disk holds.</remarks>
    public VersionVerification Verify(string objectId, VersionNumber version, CancellationToken cancellation = default) =>
        new ObjectVerifier(_objects, _contents).Verify(objectId, version, cancellation);

    /// <inheritdoc />
    public async Task<ValidationReport?> ValidateAsync(string objectId, TimeProvider time, CancellationToken cancellation = default) =>
        IsThere(objectId) && await OcflValidator.ValidateObjectAsync(_places.Folder, _places.ObjectPath(objectId), new ValidationOptions { Time = time }, cancellation) is var report && IsThere(objectId)
            ? report
            : null;   // or no more

    /// <summary>Puts back what is damaged or missing in an object, from copies of it. The caller holds the object's lock. Safe to repeat; durable.</summary>
    /// <param name="objectId">The object.</param>
    /// <param name="inventory">Digest of its head inventory, as somebody else noted it; null where nobody did: then the newest of its own is believed that agrees with its sidecar.</param>
    /// <param name="copies">Copies of it, the likeliest first. What they hold is used where it has the right digest.</param>
    /// <param name="workPath">A folder of the caller's on the volume of the archive, used by nobody else.</param>
    /// <param name="evidencePathOf">Where in the folder the damaged bytes of a file are kept, by its path in the object.</param>
    /// <param name="cancellation">Heeded until the first file takes its place.</param>
    /// <returns>Nothing is mended where the object has a version that the inventory does not know: it was made since.</returns>
    /// <exception cref="StorageException">Some files may be mended, none is half. Mend again.</exception>
    /// <remarks>Crash points: <see cref="ObjectMending"/>. What OCFL does not know of and lies in the object stays: it damages nothing.</remarks>
    public Task<MendReport> MendAsync(
        string objectId, Sha512Digest? inventory, IReadOnlyList<ObjectCopy> copies, string workPath, Func<string, string> evidencePathOf, CancellationToken cancellation = default) =>
        new ObjectMending(_places).MendAsync(objectId, inventory, copies, workPath, evidencePathOf, cancellation);

    /// <inheritdoc />
    public IEnumerable<ObjectListing> EnumerateObjects() => new ObjectWalk(_places, _objects).All();

    private static ArchivePlaces PlacesOf(IDurableFolder folder, string rootPath, string stagingPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(rootPath);
        ArgumentException.ThrowIfNullOrEmpty(stagingPath);
        return $"{stagingPath}/".StartsWith($"{rootPath}/", StringComparison.Ordinal)
            ? throw new ArgumentException("Staging must not lie in the storage root: validators would find it there (OCFL E072).", nameof(stagingPath))
            : new ArchivePlaces(folder, rootPath, stagingPath);
    }
}
