using System.Data.Common;
using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Makes versions that no scan brings: what was read later, what a person decided.</summary>
/// <remarks>
/// <para>Order, and what a crash after each step leaves (docs/adr/0013-revisions.md):
/// 1 a row in the ledger (recovery removes it);
/// 2 the change, with files in a staging entry (recovery removes it);
/// 3 under the record's lock: the version, and a key that is new, noted in the row, staged, flushed, renamed into the archive (recovery finds it there by the row and goes to 5);
/// 4 read back and compared with its digests;
/// 5 catalog, head, review items and the end of the row in one transaction.</para>
/// <para>The lock is not held during 2, which may take hours: a record that got another version meanwhile is left as it is then.</para>
/// </remarks>
internal sealed class RecordReviser(IngestEnvironment environment)
{
    /// <summary>Makes a new version of a record.</summary>
    /// <param name="id">The record.</param>
    /// <param name="change">Says what is to be different; null for nothing. May put files into the staging entry.</param>
    /// <param name="cancellation">Heeded until the version is placed. The record is unchanged then.</param>
    /// <exception cref="DamagedObjectException">The record's object is damaged. Nothing changed; do not retry.</exception>
    /// <exception cref="FixityException">The same.</exception>
    /// <exception cref="StorageException">The surroundings fail. Either nothing changed, or the version is there and is cataloged by the next recovery.</exception>
    public async Task<RevisionOutcome> ReviseAsync(
        RecordId id, Func<RecordInRevision, CancellationToken, Task<RecordChange?>> change, CancellationToken cancellation)
    {
        var revision = new Revision(environment.Ids.Draw(), id, null, environment.Instances.Name);
        if (!await TryBeginAsync(revision, cancellation) && !(await TakeUpLeftAsync(id, cancellation) && await TryBeginAsync(revision, cancellation)))
        {
            return new RevisionOutcome.Busy();
        }

        try
        {
            var since = environment.Data.Mark();
            return await ReviseAsync(revision, since, change, cancellation);
        }
        finally
        {
            await RecoverQuietlyAsync(revision.Id);   // after an end of any kind: one that was closed is not there any more
        }
    }

    /// <summary>Finishes or undoes what an instance left that is dead, or that gave it up. One that cannot be finished now is left for the next start.</summary>
    public async Task TakeUpAsync(string owner)
    {
        IReadOnlyList<Revision> left;
        using (var connection = environment.Database.OpenReader())
        {
            left = RevisionTable.OwnedBy(connection, owner);
        }

        foreach (var revision in left)
        {
            await RecoverOrGiveUpAsync(revision);
        }
    }

    // Safe to repeat, also by two processes at once: under the record's lock the second finds it done.
    private async Task RecoverAsync(Revision left, CancellationToken cancellation)
    {
        string stagingName = left.Id.ToBareString();
        await using var locks = await ObjectLocks.TakeAsync(environment.Locks, [left.RecordId], cancellation);
        Revision? revision;
        using (var connection = environment.Database.OpenReader())
        {
            revision = RevisionTable.Find(connection, left.Id);   // its owner may have gone on before it died
        }

        if (revision is not { Version: { } version })
        {
            environment.Archive.Discard(stagingName);
            await EndAsync(left.Id, entry: null);
            return;
        }

        string record = revision.RecordId.ToString();
        switch (await environment.Archive.RecoverAsync(record, new VersionNumber(version), stagingName, cancellation))
        {
            case RecoveryOutcome.Committed or RecoveryOutcome.RolledForward:
                if (environment.Archive.Verify(record, new VersionNumber(version), CancellationToken.None) is { IsSound: false } damage)
                {
                    throw new DamagedObjectException(damage.Findings[0]);
                }

                await environment.Data.FlushAsync(cancellation);   // recovery may have renamed: durable before the ledger says so
                await EndAsync(revision.Id, ReadBack(record));
                break;
            case RecoveryOutcome.Absent or RecoveryOutcome.RolledBack:
                await EndAsync(revision.Id, entry: null);
                break;
            case RecoveryOutcome.Damaged damaged:
                throw new DamagedObjectException(damaged.Finding);
            default:
                throw new UnreachableException();
        }

        environment.Archive.Discard(stagingName);
    }

    private async Task<RevisionOutcome> ReviseAsync(
        Revision revision, FlushMark since, Func<RecordInRevision, CancellationToken, Task<RecordChange?>> change, CancellationToken cancellation)
    {
        string id = revision.RecordId.ToString();
        if (environment.Archive.Find(id) is not { } found || !RecordDocuments.IsRecord(found))
        {
            return new RevisionOutcome.Absent();
        }

        var entry = RecordDocuments.Read(environment.Archive, found);
        if (await change(new RecordInRevision(revision.Id, found, entry), cancellation) is not { } changed)
        {
            return new RevisionOutcome.NotNeeded();
        }

        await using var locks = await ObjectLocks.TakeAsync(environment.Locks, [revision.RecordId], cancellation);
        var current = environment.Archive.Find(id);
        if (current?.Head.Value != found.Head.Value)
        {
            return new RevisionOutcome.Busy();
        }

        if (await NoteAsync(revision, found.Head, changed, cancellation) is { } prevented)
        {
            return prevented;
        }

        var staged = Stage(revision, current, since, changed);
        var result = (await environment.Archive.CommitGroupAsync([staged], cancellation)).Single();
        if (result.Error() is { } error)
        {
            throw error;
        }

        if (environment.Archive.Verify(id, staged.Version, CancellationToken.None) is { IsSound: false } damage)
        {
            throw new DamagedObjectException(damage.Findings[0]);
        }

        await EndAsync(revision.Id, ReadBack(id));   // past the point of no return
        ClosedStaging.Discard(environment, revision.Id);
        await environment.Audit.DrainAsync(environment.Database, CancellationToken.None);
        environment.Logger.RecordRevised(revision.RecordId, staged.Version.Value, changed.Reason);
        return new RevisionOutcome.Made(staged.Version.Value, changed.Record);
    }

    private StagedVersion Stage(Revision revision, OcflObject current, FlushMark since, RecordChange changed)
    {
        var staged = environment.Archive.StageNextVersion(current, revision.Id.ToBareString(), since);
        if (changed.ReplacesRendition)
        {
            staged.RemoveContent(RecordDocuments.RenditionFileName);
        }

        if (changed.Rendition is { } rendition)
        {
            staged.AdoptContent(RecordDocuments.RenditionFileName, rendition.Path, rendition.Digest, rendition.SizeBytes);
        }

        RecordDocuments.WriteRecord(staged, changed.Record);
        if (changed.Text is { } text)
        {
            RecordDocuments.WriteText(staged, text);
        }

        staged.Seal(new VersionInfo
        {
            Created = environment.Time.GetUtcNow(),
            Message = changed.Reason,
            UserName = environment.Actor.Name,
            UserAddress = environment.Actor.Address,
        });
        return staged;
    }

    private CatalogEntry ReadBack(string id) => RecordDocuments.Read(
        environment.Archive,
        environment.Archive.Find(id) ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, id, "Committed a moment ago, and not there now.")));

    private Task<bool> TryBeginAsync(Revision revision, CancellationToken cancellation) => environment.Database.WriteAsync(
        (_, transaction) => RevisionTable.TryBegin(transaction, revision, environment.Time.GetUtcNow()), cancellation);

    // What prevents it; null where it is noted. A version that the archive has and the ledger does not know yet is another's, to be recovered first.
    private Task<RevisionOutcome?> NoteAsync(Revision revision, VersionNumber head, RecordChange changed, CancellationToken cancellation) => environment.Database.WriteAsync(
        (_, transaction) =>
        {
            var record = changed.Record;
            string? newKey = changed.TakesKey ? record.DocumentKey : null;
            if (HeadTable.Find(transaction, revision.RecordId)?.Version != head.Value)
            {
                return new RevisionOutcome.Busy();
            }

            if (newKey is not null && WhoHas(transaction, record, newKey) is { } other)
            {
                return other;
            }

            RevisionTable.NoteVersion(transaction, revision.Id, head.Next.Value, record.Profile, newKey);
            return (RevisionOutcome?)null;
        },
        cancellation);

    // Once more, since the change was thought out before this transaction: of two that want a key one gets it. Filing looks at the noted key in its own.
    private static RevisionOutcome? WhoHas(DbTransaction transaction, RecordDocument record, string key) =>
        HeadTable.HasKey(transaction.OpenConnection(), record.Profile, key, but: record.Id, transaction) ? new RevisionOutcome.KeyTaken()
        : ScanTable.IsBeingFiled(transaction, record.Profile, key) || RevisionTable.GivesKey(transaction, record.Profile, key) ? new RevisionOutcome.Busy()
        : null;

    private Task EndAsync(RecordId revision, CatalogEntry? entry) => environment.Database.WriteAsync(
        (_, transaction) =>
        {
            if (entry is not null)
            {
                environment.Catalog.Put(transaction, entry);
                HeadRows.Put(transaction, entry, environment.Time.GetUtcNow());
                environment.Audit.Note(transaction, EventOf(entry));
            }

            RevisionTable.End(transaction, revision);
            return true;
        },
        CancellationToken.None);

    // By whom the version says it is: recovery may be another process.
    private AuditEvent EventOf(CatalogEntry entry)
    {
        var version = entry.Versions[^1];
        var origin = environment.Audit.Origin;
        var entity = new AuditEntity(AuditEntity.Record, entry.Record.Id.ToString(), version.Number);
        return origin.Event(AuditType.Amend, RevisionReason.ToAuditWord(version.Message), AuditAction.Update, entity) with
        {
            Agent = origin.AgentOf(version.UserName, version.UserAddress),
        };
    }

    private async Task RecoverQuietlyAsync(RecordId id)
    {
        Revision? open;
        using (var connection = environment.Database.OpenReader())
        {
            open = RevisionTable.Find(connection, id);
        }

        if (open is not null)
        {
            await RecoverOrGiveUpAsync(open);
        }
    }

    private async Task RecoverOrGiveUpAsync(Revision revision)
    {
        try
        {
            await RecoverAsync(revision, CancellationToken.None);
        }
        catch (Exception error) when (error is ArchiveException || EnvironmentFailure.Is(error))
        {
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            await GiveUpAsync(revision);
        }
    }

    // Whoever wants to change this record next takes it up, and so does the next start.
    private async Task GiveUpAsync(Revision revision)
    {
        try
        {
            await environment.Database.WriteAsync(
                (_, transaction) =>
                {
                    RevisionTable.HandOver(transaction, revision.Id, ScanTable.GivenUp);
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);   // it is ours until this process ends
        }
    }

    // An open revision of this record that nobody works on any more.
    private async Task<bool> TakeUpLeftAsync(RecordId record, CancellationToken cancellation)
    {
        Revision? left;
        using (var connection = environment.Database.OpenReader())
        {
            left = RevisionTable.Of(connection, record);
        }

        if (left is null)
        {
            return true;
        }

        if (left.Owner == ScanTable.GivenUp)
        {
            await RecoverAsync(left, cancellation);
            return true;
        }

        return await environment.Instances.TryTakeUpAsync(left.Owner, () => RecoverAsync(left, cancellation));
    }
}
