using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DocIngest.Archive;
using DocIngest.Pipeline.Filing;
using DocIngest.Storage;

namespace DocIngest.Pipeline.SystemObjects;

/// <summary>What is to be different in the next version of a system object. Files that are not named stay.</summary>
/// <param name="Message">Why, in a fixed wording: inventories hold no personal data (I6).</param>
/// <param name="Files">New content by logical path, elements of <c>[a-z0-9.-]</c>.</param>
public sealed record SystemObjectChange(string Message, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    /// <summary>More of it, too large to be held in memory: each is opened once, read to its end and disposed.</summary>
    public IReadOnlyDictionary<string, Func<Stream>> Streams { get; init; } = new Dictionary<string, Func<Stream>>();

    /// <summary>One document.</summary>
    internal static SystemObjectChange OfJson<T>(string message, string path, T document, JsonTypeInfo<T> type) =>
        new(message, new Dictionary<string, ReadOnlyMemory<byte>> { [path] = JsonSerializer.SerializeToUtf8Bytes(document, type) });
}

/// <summary>
/// OCFL objects in the archive that are no records: holds, events of patients and cases, the register of destruction, audit segments. They travel with
/// archive and backups, and stay out of the catalog. Several threads and processes may use it at once.
/// </summary>
/// <remarks>
/// <para>Writing, and what a crash after each step leaves, under the object's lock from the first step to the last:
/// 0 what an earlier writer left in staging is recovered; 1 the version is staged and sealed (the next writer or start removes it);
/// 2 committed: a new object by one rename, a next version as docs/adr/0002-ocfl-commit-order.md says (the next writer or start finishes it);
/// 3 read back and compared with its digests (the version stands); 4 the staging entry is removed.</para>
/// <para>No ledger takes part: the staging entry names the object, so that a rebuilt catalog loses nothing.</para>
/// </remarks>
/// <param name="archive">The archive.</param>
/// <param name="data">The data folder it is in.</param>
/// <param name="locks">Locks of the data folder.</param>
/// <param name="actor">Who writes (I9).</param>
/// <param name="time">The clock.</param>
public sealed class SystemObjectStore(IArchive archive, IDurableFolder data, INamedLocks locks, Actor actor, TimeProvider time)
{
    /// <summary>Reads a system object as it is now; null where there is none yet.</summary>
    /// <exception cref="DamagedObjectException">It is there and cannot be trusted.</exception>
    public OcflObject? Find(SystemObjectName name) => archive.Find(name.ObjectId);

    /// <summary>Opens a file of its head; null where it has none of that name.</summary>
    /// <inheritdoc cref="IArchive.OpenContent" path="/exception" />
    public Stream? Open(OcflObject found, string logicalPath) =>
        found.FindFile(found.Head, logicalPath) is null ? null : archive.OpenContent(found, found.Head, logicalPath);

    /// <summary>Reads a document of its head.</summary>
    /// <param name="found">The object.</param>
    /// <param name="logicalPath">The document.</param>
    /// <param name="type">What it is read as.</param>
    /// <param name="mostBytes">An object of other origin could have any size.</param>
    /// <param name="isKnown">Whether it is of a format that this program knows.</param>
    /// <exception cref="DamagedObjectException">It is missing, damaged, too large, or of a newer program.</exception>
    public T ReadJson<T>(OcflObject found, string logicalPath, JsonTypeInfo<T> type, int mostBytes, Func<T, bool> isKnown)
        where T : class
    {
        try
        {
            using var stream = Open(found, logicalPath);
            if (stream is { } file && file.Length <= mostBytes && JsonSerializer.Deserialize(file, type) is { } read && isKnown(read))
            {
                return read;
            }
        }
        catch (JsonException)
        {
            // As any other document that is not what it should be: the parser's message may quote it.
        }

        throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, found.Path, $"{logicalPath} cannot be read, or is of a newer program."));
    }

    /// <summary>Makes the next version of a system object, the first where there is none.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">Given the object as it is under its lock, says what is to be different; null for nothing. Kept short: others wait.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <returns>The object with its new version; as it was where there was nothing to change.</returns>
    /// <exception cref="LockHeldException">Another process holds it for very long. Nothing changed; retry later.</exception>
    /// <exception cref="DamagedObjectException">The object is damaged, and nothing changed; or its new version cannot be read back, and stands. Do not retry.</exception>
    /// <exception cref="StorageException">The surroundings fail. Nothing changed, or the version is there: the next writer finds out. Ask <see cref="Find"/> before a retry.</exception>
    public async Task<OcflObject?> ChangeAsync(SystemObjectName name, Func<OcflObject?, SystemObjectChange?> change, CancellationToken cancellation)
    {
        await using var held = await ObjectLocks.TakeAsync(locks, name, cancellation);
        await RecoverAsync(name, cancellation);   // 0
        var current = archive.Find(name.ObjectId);
        if (change(current) is not { } wanted)
        {
            return current;
        }

        if (current is not null && archive.Verify(name.ObjectId, current.Head, cancellation) is { IsSound: false } before)
        {
            throw new DamagedObjectException(before.Findings[0]);   // else each try would add a version to it, and fail
        }

        var staged = current is null ? archive.StageNewObject(name.ObjectId, name.StagingName) : archive.StageNextVersion(current, name.StagingName);
        foreach (var (path, content) in wanted.Files)
        {
            staged.AddContent(path, content.Span);
        }

        foreach (var (path, open) in wanted.Streams)
        {
            using var content = open();
            using var file = staged.CreateContent(path);
            content.CopyTo(file);
            file.Complete();
        }

        staged.Seal(new VersionInfo { Created = time.GetUtcNow(), Message = wanted.Message, UserName = actor.Name, UserAddress = actor.Address });   // 1
        if ((await archive.CommitGroupAsync([staged], cancellation)).Single().Error() is { } error)   // 2
        {
            throw error;
        }

        if (archive.Verify(name.ObjectId, staged.Version, CancellationToken.None) is { IsSound: false } damage)   // 3
        {
            throw new DamagedObjectException(damage.Findings[0]);
        }

        archive.Discard(name.StagingName);   // 4
        return archive.Find(name.ObjectId);
    }

    /// <summary>Finishes or undoes what writers that died have left. For the start of a session; safe while others write.</summary>
    /// <returns>What is damaged; nothing of that changed.</returns>
    public async Task<IReadOnlyList<Finding>> RecoverLeftAsync(CancellationToken cancellation)
    {
        var damaged = new List<Finding>();
        var left = data.List(DataFolder.Staging).Select(entry => SystemObjectName.OfStaging(entry.Name)).OfType<SystemObjectName>().ToList();
        foreach (var name in left)
        {
            await using var held = await ObjectLocks.TakeAsync(locks, name, cancellation);
            try
            {
                await RecoverAsync(name, cancellation);
            }
            catch (DamagedObjectException damage)
            {
                damaged.Add(damage.Finding);
            }
        }

        return damaged;
    }

    // Under the object's lock, so that whoever left the entry is dead. Nobody noted which version it was to become: it was the one after the head, or is the head.
    private async Task RecoverAsync(SystemObjectName name, CancellationToken cancellation)
    {
        if (data.Find($"{DataFolder.Staging}/{name.StagingName}") is null)
        {
            return;
        }

        await RecoverAsync(name, VersionNumber.First, cancellation);   // a root pair that was cut in two can be read after this
        if (archive.Find(name.ObjectId) is { } found)
        {
            await RecoverAsync(name, found.Head.Next, cancellation);
            await RecoverAsync(name, found.Head, cancellation);
        }

        await data.FlushAsync(cancellation);   // recovery may have renamed
        archive.Discard(name.StagingName);
    }

    private async Task RecoverAsync(SystemObjectName name, VersionNumber version, CancellationToken cancellation)
    {
        switch (await archive.RecoverAsync(name.ObjectId, version, name.StagingName, cancellation))
        {
            case RecoveryOutcome.Absent or RecoveryOutcome.Committed or RecoveryOutcome.RolledForward or RecoveryOutcome.RolledBack:
                return;
            case RecoveryOutcome.Damaged damaged:
                throw new DamagedObjectException(damaged.Finding);
            default:
                throw new UnreachableException();
        }
    }
}
