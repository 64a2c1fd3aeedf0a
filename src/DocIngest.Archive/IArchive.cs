using DocIngest.Archive.Validation;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The archive as those use it who file, read and destroy: on a disk (<see cref="OcflStorageRoot"/>), or somewhere else with the same promises.</summary>
/// <remarks>
/// <para>Versions are put together in a staging folder on a local disk, wherever the archive lies. Members may be called from several threads and processes, under
/// one rule: whoever adds a version to an object, recovers or destroys it, holds that object's lock meanwhile, since only the caller knows the order in which
/// a group's locks are safe to take. A new object whose id nobody else can draw needs none. Readers need none: they meet the old head or the new.</para>
/// <para>Reading waits on the caller's thread, as it does for a disk; what changes the archive is asynchronous.</para>
/// </remarks>
/// <exception cref="StorageUnavailableException">Any member: what the archive lies on does not answer. A retry may help.</exception>
/// <exception cref="StorageFullException">Any writing member: no space left. A retry may help after space was freed.</exception>
public interface IArchive
{
    /// <summary>What keeps objects from being changed and deleted by whoever holds the credentials; null where the archive has, or was given, nothing of the kind.</summary>
    IArchiveProtection? Protection { get; }

    /// <summary>
    /// Where the content of a new object is written under this staging name, relative to the folder that holds staging. The private
    /// copy of a scan may be written there before anything is known of it (make the folder first), and adopted later,
    /// for a new object where it lies, for a next version by a rename.
    /// </summary>
    string ContentFolderFor(string stagingName);

    /// <summary>Begins a new object. The archive is not looked at: an id that is taken shows at the commit.</summary>
    /// <param name="objectId">A URI that says nothing about a person, for example <c>urn:uuid:…</c>.</param>
    /// <param name="stagingName">The scan's entry in the staging folder, 1 to 100 of <c>[A-Za-z0-9._-]</c>; used by nobody else until discarded.</param>
    /// <param name="since">Taken before the first byte was written there; needed only where the caller wrote some and has not flushed them since. Default: now.</param>
    StagedVersion StageNewObject(string objectId, string stagingName, FlushMark? since = null);

    /// <summary>Begins the version after <paramref name="current"/>'s head, with that version's files. The caller holds the object's lock.</summary>
    /// <inheritdoc cref="StageNewObject" path="/param" />
    StagedVersion StageNextVersion(OcflObject current, string stagingName, FlushMark? since = null);

    /// <summary>Makes sealed versions part of the archive, together where that is cheaper.</summary>
    /// <param name="group">Sealed versions. At most one of any object: a second is refused as out of sync.</param>
    /// <param name="cancellation">Heeded until the first of them is decided; from there on the group is finished.</param>
    /// <returns>A result for each item, in the order of <paramref name="group"/>. One that fails does not disturb the others.</returns>
    /// <exception cref="ArgumentException">One is not sealed. Nothing changed.</exception>
    /// <exception cref="OperationCanceledException">Nothing was decided; the group may be committed again.</exception>
    /// <exception cref="StorageUnavailableException">A flush did not answer. <see cref="RecoverAsync"/> every item.</exception>
    /// <exception cref="FlushFailedException">Nothing in this group may be believed. Staged bytes may be lost although later flushes
    /// succeed. <see cref="RecoverAsync"/> every item: those that are absent or rolled back must be discarded and written again from
    /// their sources, the others are safe after the next successful flush.</exception>
    Task<IReadOnlyList<CommitResult>> CommitGroupAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation = default);

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
    ValueTask<RecoveryOutcome> RecoverAsync(string objectId, VersionNumber version, string stagingName, CancellationToken cancellation = default);

    /// <summary>Removes a staging entry. Only after its outcome stands in the ledger: it is what recovery goes by. Safe to repeat.</summary>
    void Discard(string stagingName);

    /// <summary>
    /// Removes the staging entries that no open ledger row names, and what the archive itself left there, but for scans that are open:
    /// another process may just be recovering them. Destructions cut short are left to <see cref="RecoverDestroyAsync"/>. For start-up, after recovery.
    /// </summary>
    /// <returns>Entries removed.</returns>
    int SweepStaging(Func<string, bool> isOpen);

    /// <summary>
    /// Destroys an object with all its versions: the one way by which an object leaves the archive. The caller holds the object's lock, and the decision
    /// stands in its ledger: once begun it is always finished. Safe to repeat, whatever cut it short.
    /// </summary>
    /// <param name="objectId">The object.</param>
    /// <param name="approvedInventory">Digest of the head inventory of what was approved (<see cref="ObjectExtent.InventoryDigest"/>).</param>
    /// <param name="acceptsDamage">Whether an object that cannot be read is destroyed unseen. Never one whose inventory tells another id, nor one that is sound and changed.</param>
    /// <param name="cancellation">Heeded until the step that takes the object out; from there on it is finished.</param>
    /// <remarks>Content files are not read: what is to be destroyed need not be sound. Versions of the object that lie in staging belong to their ledger rows, and stay.</remarks>
    /// <exception cref="FlushFailedException">It may be in its place, or out of it, whole. Destroy again.</exception>
    /// <exception cref="StorageException">It is whole in its place, or out of it, whole or in part. Destroy again.</exception>
    Task<DestroyOutcome> DestroyAsync(string objectId, Sha512Digest approvedInventory, bool acceptsDamage = false, CancellationToken cancellation = default);

    /// <summary>The objects whose destruction was cut short. For start-up: <see cref="RecoverDestroyAsync"/> each under its lock.</summary>
    IReadOnlyList<string> ListUnfinishedDestructions();

    /// <summary>Finishes a destruction that was cut short. The caller holds the object's lock. Safe to repeat; durable.</summary>
    /// <returns>Whether there was one to finish.</returns>
    /// <inheritdoc cref="DestroyAsync" path="/exception" />
    Task<bool> RecoverDestroyAsync(string objectId);

    /// <summary>Whether anything lies where the layout puts this id, sound or not. Reads nothing of it.</summary>
    bool IsThere(string objectId);

    /// <summary>Those of many objects that <see cref="IsThere"/> says are there; where a look is a request, by one listing instead of one for each.</summary>
    IReadOnlySet<string> WhichAreThere(IReadOnlyCollection<string> objectIds);

    /// <summary>How much an object is; null where the archive holds none of this id. Content is not read, only looked up.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted, or a content file is missing.</exception>
    ObjectExtent? Measure(string objectId);

    /// <summary>Where an object of this id lies, or lay, in a data folder whose archive is on its disk.</summary>
    string PathOf(string objectId);

    /// <summary>Reads an object; null where the archive holds none of this id.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted; the finding says why. Do not retry.</exception>
    OcflObject? Find(string objectId);

    /// <summary>Opens a file of a version. The read that meets its end throws where the bytes are not the archived ones.</summary>
    /// <returns>A stream for reading from beginning to end. One that is not read to its end proves nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The object, as it was read, has no such version.</exception>
    /// <exception cref="ArgumentException">The version has no such file.</exception>
    /// <exception cref="DamagedObjectException">The content file is missing or no regular file.</exception>
    /// <exception cref="FixityException">From the stream: the content does not match its digest. Nothing that was read may be used.</exception>
    Stream OpenContent(OcflObject found, VersionNumber version, string logicalPath);

    /// <summary>Reads every file of a version again and compares digests; checks the object's inventory on the way.</summary>
    /// <returns>What was read and everything that is wrong. Damage is a finding, never an exception.</returns>
    VersionVerification Verify(string objectId, VersionNumber version, CancellationToken cancellation = default);

    /// <summary>Reads every file of every version of an object again, and holds all of it against the rules of OCFL.</summary>
    /// <param name="objectId">The object.</param>
    /// <param name="time">The clock, for looking again at an object that changes.</param>
    /// <param name="cancellation">Nothing is known.</param>
    /// <returns>What was found; paths are relative to what the archive lies in. Damage is a finding, never an exception. Null where nothing is there.</returns>
    Task<ValidationReport?> ValidateAsync(string objectId, TimeProvider time, CancellationToken cancellation = default);

    /// <summary>
    /// Every object, in no order, read as the caller goes on, and every place that should be an object and is not. Objects
    /// committed meanwhile may or may not occur.
    /// </summary>
    IEnumerable<ObjectListing> EnumerateObjects();
}
