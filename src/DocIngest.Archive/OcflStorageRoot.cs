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
public sealed class OcflStorageRoot
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

    /// <summary>
    /// Where the content of a new object is written under this staging name, relative to the archive's folder. The private
    /// copy of a scan may be written there before anything is known of it (make the folder first), and adopted later,
    /// for a new object where it lies, for a next version by a rename.
    /// </summary>
    public string ContentFolderFor(string stagingName) =>
        $"{_places.StagingPath(stagingName)}/{VersionNumber.First.Name}/{Inventory.DefaultContentDirectory}";

    /// <summary>Begins a new object. The archive is not looked at: an id that is taken shows at the commit.</summary>
    /// <param name="objectId">A URI that says nothing about a person, for example <c>urn:uuid:…</c>.</param>
    /// <param name="stagingName">The scan's entry in the staging folder, 1 to 100 of <c>[A-Za-z0-9._-]</c>; used by nobody else until discarded.</param>
    /// <param name="since">Taken before the first byte was written there; needed only where the caller wrote some and has not flushed them since. Default: now.</param>
    public StagedVersion StageNewObject(string objectId, string stagingName, FlushMark? since = null) =>
        new(_places, objectId, stagingName, current: null, since);

    /// <summary>Begins the version after <paramref name="current"/>'s head, with that version's files. The caller holds the object's lock.</summary>
    /// <inheritdoc cref="StageNewObject" path="/param" />
    public StagedVersion StageNextVersion(OcflObject current, string stagingName, FlushMark? since = null) =>
        new(_places, current.Id, stagingName, current, since);

    /// <summary>Makes sealed versions part of the archive, with two flushes for all of them, three where there are next versions.</summary>
    /// <param name="group">Sealed versions. At most one of any object: a second is refused as out of sync.</param>
    /// <param name="cancellation">Heeded until the first rename; from there on the group is finished.</param>
    /// <returns>A result for each item, in the order of <paramref name="group"/>. One that fails does not disturb the others.</returns>
    /// <exception cref="ArgumentException">One is not sealed. Nothing changed.</exception>
    /// <exception cref="OperationCanceledException">Nothing was placed; the group may be committed again.</exception>
    /// <exception cref="StorageUnavailableException">A flush did not answer. <see cref="RecoverAsync"/> every item.</exception>
    /// <exception cref="FlushFailedException">Nothing in this group may be believed. Staged bytes may be lost although later flushes
    /// succeed. What was placed has been taken back as far as the disk let us. <see cref="RecoverAsync"/> every item: those that are
    /// absent or rolled back must be discarded and written again from their sources, the others are safe after the next successful flush.</exception>
    public Task<IReadOnlyList<CommitResult>> CommitGroupAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation = default) =>
        new GroupCommit(_places, _objects).CommitAsync(group, cancellation);

    /// <summary>
    /// Finds out what became of a staged version whose commit may have been cut short, and finishes or undoes it. Touches this
    /// object and this staging entry only. Safe to repeat. Its changes are durable after the caller's next flush: recover
    /// all open entries, flush once, and only then act on the outcomes.
    /// </summary>
    /// <param name="objectId">The object the version was for.</param>
    /// <param name="version">Which version it was to become (<see cref="StagedVersion.Version"/>), as the ledger noted before the commit. Without it, an entry
    /// that the power cut has wiped out could not be told from a committed one.</param>
    /// <param name="stagingName">Its staging entry, which must not have been discarded unless its commit was confirmed.</param>
    /// <param name="cancellation">Ends the work on a version that is about to be finished; the object is left as it was found.</param>
    /// <exception cref="FlushFailedException">The root inventory that was to be written may be lost; the object's is untouched. Recover again.</exception>
    public ValueTask<RecoveryOutcome> RecoverAsync(
        string objectId, VersionNumber version, string stagingName, CancellationToken cancellation = default) =>
        new ObjectRecovery(_places, _objects, _contents).RecoverAsync(objectId, version, stagingName, cancellation);

    /// <summary>Removes a staging entry. Only after its outcome stands in the ledger: it is what recovery goes by. Safe to repeat.</summary>
    public void Discard(string stagingName) => _places.Folder.DeleteTree(_places.StagingPath(stagingName));

    /// <summary>
    /// Removes the staging entries that no open ledger row names, and what the archive itself left there, but for scans that are open:
    /// another process may just be recovering them. Destructions cut short are left to <see cref="RecoverDestroyAsync"/>. For start-up, after recovery.
    /// </summary>
    /// <returns>Entries removed.</returns>
    public int SweepStaging(Func<string, bool> isOpen)
    {
        var closed = _places.Folder.List(_places.Staging)
            .Select(entry => entry.Name)
            .Where(name => ArchivePlaces.DestroyedIdOf(name) is null && !isOpen(ArchivePlaces.OwnerOf(name)))
            .ToList();
        closed.ForEach(name => _places.Folder.DeleteTree($"{_places.Staging}/{name}"));
        return closed.Count;
    }

    /// <summary>
    /// Destroys an object with all its versions: the one way by which an object leaves the archive. The caller holds the object's lock, and the decision
    /// stands in its ledger: once begun it is always finished. Safe to repeat, whatever cut it short.
    /// </summary>
    /// <param name="objectId">The object.</param>
    /// <param name="approvedInventory">Digest of the head inventory of what was approved (<see cref="ObjectExtent.InventoryDigest"/>).</param>
    /// <param name="acceptsDamage">Whether an object that cannot be read is destroyed unseen. Never one whose inventory tells another id, nor one that is sound and changed.</param>
    /// <param name="cancellation">Heeded until the rename that takes the object out; from there on it is finished.</param>
    /// <remarks>Content files are not read: what is to be destroyed need not be sound. Crash points: <see cref="ObjectDestruction"/>, docs/formats/archive.md.
    /// Versions of the object that lie in staging belong to their ledger rows, and stay.</remarks>
    /// <exception cref="FlushFailedException">It may be in its place, or in staging, whole. Destroy again.</exception>
    /// <exception cref="StorageException">It is whole in its place, or whole or in part in staging. Destroy again.</exception>
    public Task<DestroyOutcome> DestroyAsync(
        string objectId, Sha512Digest approvedInventory, bool acceptsDamage = false, CancellationToken cancellation = default) =>
        new ObjectDestruction(_places, _objects).DestroyAsync(objectId, approvedInventory, acceptsDamage, cancellation);

    /// <summary>The objects whose destruction was cut short after they had left the storage root. For start-up: <see cref="RecoverDestroyAsync"/> each under its lock.</summary>
    public IReadOnlyList<string> ListUnfinishedDestructions() => new ObjectDestruction(_places, _objects).Unfinished();

    /// <summary>Finishes a destruction that was cut short after the object had left the storage root. The caller holds the object's lock. Safe to repeat; durable.</summary>
    /// <returns>Whether there was one to finish.</returns>
    /// <inheritdoc cref="DestroyAsync" path="/exception" />
    public Task<bool> RecoverDestroyAsync(string objectId) => new ObjectDestruction(_places, _objects).FinishAsync(objectId);

    /// <summary>Whether anything lies where the layout puts this id, sound or not. Reads nothing of it.</summary>
    public bool IsThere(string objectId) => _places.Folder.Find(_places.ObjectPath(objectId)) is not null;

    /// <summary>How much an object is; null where the archive holds none of this id. Content is not read, only looked up.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted, or a content file is missing.</exception>
    public ObjectExtent? Measure(string objectId)
    {
        if (_objects.Find(objectId) is not { } found)
        {
            return null;
        }

        var sizes = found.File.Inventory.Manifest.Values.SelectMany(paths => paths).Select(path => _contents.SizeOf($"{found.Path}/{path}")).ToList();
        return new ObjectExtent(found.Head.Value, sizes.Count, sizes.Sum(), found.InventoryDigest);
    }

    /// <summary>Where an object of this id lies, or lay, relative to the archive's folder.</summary>
    public string PathOf(string objectId) => _places.ObjectPath(objectId);

    /// <summary>Reads an object; null where the archive holds none of this id.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted; the finding says why. Do not retry.</exception>
    public OcflObject? Find(string objectId) => _objects.Find(objectId);

    /// <summary>Opens a file of a version. The read that meets its end throws where the bytes are not the archived ones.</summary>
    /// <returns>A stream for reading from beginning to end. One that is not read to its end proves nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The object, as it was read, has no such version.</exception>
    /// <exception cref="ArgumentException">The version has no such file.</exception>
    /// <exception cref="DamagedObjectException">The content file is missing or no regular file.</exception>
    /// <exception cref="FixityException">From the stream: the content does not match its digest. Nothing that was read may be used.</exception>
    public Stream OpenContent(OcflObject found, VersionNumber version, string logicalPath)
    {
        var file = found.FindFile(version, logicalPath)
            ?? throw new ArgumentException($"{version} of object {found.Id} has no such file.", nameof(logicalPath));
        return new VerifyingStream(_contents.Open(file.ContentPath), file.ContentPath, file.Digest);
    }

    /// <summary>Reads every file of a version again and compares digests; checks the object's inventory on the way.</summary>
    /// <returns>What was read and everything that is wrong. Damage is a finding, never an exception.</returns>
    /// <remarks>Straight after a commit the bytes come from the system's cache: that proves what was written, not what the disk holds.</remarks>
    public VersionVerification Verify(string objectId, VersionNumber version, CancellationToken cancellation = default) =>
        new ObjectVerifier(_objects, _contents).Verify(objectId, version, cancellation);

    /// <summary>
    /// Every object, in no order, read as the caller goes on, and every folder that should be an object and is not. Objects
    /// committed meanwhile may or may not occur.
    /// </summary>
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
