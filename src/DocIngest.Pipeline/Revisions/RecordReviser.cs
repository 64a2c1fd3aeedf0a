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
/// <para>Where other records take its place (docs/adr/0024), step 3 notes their plan too, and places them before the version that withdraws it: from the first that is placed
/// on, recovery makes the rest. So the document is in the one or the others at every instant.</para>
/// <para>The lock is not held during 2. Where that may take hours, the row does not hold the record either, until 3: people decide about it meanwhile, and the change is thought
/// out anew from what it became.</para>
/// </remarks>
internal sealed class RecordReviser(IngestEnvironment environment)
{
    // Whoever decides about a record holds it for as long as a version takes, or pages are cut.
    private const int TriesToFile = 40;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    private readonly RevisionNoting _noting = new(environment);
    private readonly SuccessorFiling _successors = new(environment);

    /// <summary>Makes a new version of a record.</summary>
    /// <param name="id">The record.</param>
    /// <param name="change">Says what is to be different; null for nothing. May put files into the staging entry.</param>
    /// <param name="cancellation">Heeded until the version is placed. The record is unchanged then.</param>
    /// <exception cref="DamagedObjectException">The record's object is damaged. Nothing changed; do not retry.</exception>
    /// <exception cref="FixityException">The same.</exception>
    /// <exception cref="StorageException">The surroundings fail. Either nothing changed, or the version is there and is cataloged by the next recovery.</exception>
    public Task<RevisionOutcome> ReviseAsync(
        RecordId id, Func<RecordInRevision, CancellationToken, Task<RecordChange?>> change, CancellationToken cancellation) => ReviseAsync(
        new Revision(environment.Ids.Draw(), id, null, environment.Instances.Name), holdsRecord: true, change, cancellation);

    /// <summary>
    /// The same where thinking the change out takes long, as reading pages does: the record is held to file it, and no longer. Where it got another version meanwhile,
    /// <paramref name="change"/> is asked once more, of that one.
    /// </summary>
    /// <returns><see cref="RevisionOutcome.Busy"/> also where it is being read already.</returns>
    /// <inheritdoc cref="ReviseAsync(RecordId, Func{RecordInRevision, CancellationToken, Task{RecordChange?}}, CancellationToken)" />
    public Task<RevisionOutcome> ReadAndReviseAsync(
        RecordId id, Func<RecordInRevision, CancellationToken, Task<RecordChange?>> change, CancellationToken cancellation) => ReviseAsync(
        new Revision(Revision.IdOfReading(id), id, null, environment.Instances.Name), holdsRecord: false, change, cancellation);

    private async Task<RevisionOutcome> ReviseAsync(
        Revision revision, bool holdsRecord, Func<RecordInRevision, CancellationToken, Task<RecordChange?>> change, CancellationToken cancellation)
    {
        if (!await TryBeginAsync(revision, holdsRecord, cancellation)
            && !(await TakeUpLeftAsync(holdsRecord ? revision.RecordId : revision.Id, cancellation) && await TryBeginAsync(revision, holdsRecord, cancellation)))
        {
            return new RevisionOutcome.Busy();
        }

        try
        {
            var since = environment.Data.Mark();
            for (int tries = 1; ; tries++)
            {
                var outcome = await ReviseOnceAsync(revision, since, change, cancellation);
                if (holdsRecord || outcome is not (RevisionOutcome.Busy or RevisionOutcome.KeyTaken) || tries == TriesToFile)
                {
                    return outcome;
                }

                await TakeUpLeftAsync(revision.RecordId, cancellation);
                await Task.Delay(BetweenTries, environment.Time, cancellation);
            }
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

        if (revision.Plan is { } plan)
        {
            await RecoverSuccessionAsync(revision, new VersionNumber(version), SuccessionPlan.Parse(plan), cancellation);
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

    // All of it or nothing: nothing where no successor was placed, since the record is still in use then.
    private async Task RecoverSuccessionAsync(Revision revision, VersionNumber version, SuccessionPlan plan, CancellationToken cancellation)
    {
        string stagingName = revision.Id.ToBareString();
        var outcome = await environment.Archive.RecoverAsync(revision.RecordId.ToString(), version, stagingName, cancellation);
        if (outcome is RecoveryOutcome.Damaged damaged)
        {
            throw new DamagedObjectException(damaged.Finding);
        }

        bool isWithdrawn = outcome is RecoveryOutcome.Committed or RecoveryOutcome.RolledForward;
        var placed = await _successors.FindPlacedAsync(plan, cancellation);
        await environment.Data.FlushAsync(cancellation);   // recovery may have renamed
        if (isWithdrawn || placed.Count > 0)
        {
            await FinishAsync(revision, version, plan, placed, isWithdrawn, cancellation);
        }
        else
        {
            await EndAsync(revision.Id, entry: null);
        }

        environment.Archive.Discard(stagingName);
        _successors.Discard(plan);
    }

    private async Task FinishAsync(
        Revision revision, VersionNumber version, SuccessionPlan plan, HashSet<RecordId> placed, bool isWithdrawn, CancellationToken cancellation)
    {
        string id = revision.RecordId.ToString();
        var found = environment.Archive.Find(id) ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, id, "Its place is being taken, and it is not there."));
        if (!isWithdrawn && found.Head.Next != version)
        {
            // A scan made another version of it meanwhile, which nobody has looked at: that one stays, beside what was made of the former.
            await EndAsync(revision.Id, entry: null, _successors.ReadBack(placed));
            return;
        }

        if (!isWithdrawn)
        {
            var since = environment.Data.Mark();
            environment.Archive.Discard(revision.Id.ToBareString());
            var change = await new Successions(environment).ChangeAsync(
                new RecordInRevision(revision.Id, found, RecordDocuments.Read(environment.Archive, found)), plan, cancellation);
            await PlaceAsync(revision, found, since, change, placed, cancellation);
        }

        await EndAsync(revision.Id, ReadBack(id), _successors.ReadBack(plan.Successors.Select(successor => successor.Id)));
        string reason = plan.Kind == DecisionKind.Split ? RevisionReason.Split : RevisionReason.Reassigned;
        environment.Logger.RecordRevised(revision.RecordId, version.Value, reason);
    }

    private async Task<RevisionOutcome> ReviseOnceAsync(
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

        if (await _noting.NoteAsync(revision, found.Head, changed, cancellation) is { } prevented)
        {
            return prevented;
        }

        var version = await PlaceAsync(revision, current, since, changed, placed: [], cancellation);
        var successors = changed.Succession is { } made ? _successors.ReadBack(made.Plan.Successors.Select(successor => successor.Id)) : [];
        await EndAsync(revision.Id, ReadBack(id), successors);   // past the point of no return
        ClosedStaging.Discard(environment, revision.Id);
        if (changed.Succession is { } succession)
        {
            _successors.Discard(succession.Plan);
        }

        await environment.Audit.DrainAsync(environment.Database, CancellationToken.None);
        environment.Logger.RecordRevised(revision.RecordId, version.Value, changed.Reason);
        return new RevisionOutcome.Made(version.Value, changed.Record) { Successors = [.. successors.Select(entry => entry.Record)] };
    }

    // 3 and 4. Successors first, and durable: the record is withdrawn when they are there, and not before.
    private async Task<VersionNumber> PlaceAsync(
        Revision revision, OcflObject current, FlushMark since, RecordChange changed, HashSet<RecordId> placed, CancellationToken cancellation)
    {
        if (changed.Succession is { } succession)
        {
            await _successors.PlaceAsync(
                current, succession.Plan, [.. succession.Successors.Where(successor => !placed.Contains(successor.Record.Id))], since, changed.Reason, cancellation);
            cancellation = CancellationToken.None;
        }

        var staged = Stage(revision, current, since, changed);
        var result = (await environment.Archive.CommitGroupAsync([staged], cancellation)).Single();
        if (result.Error() is { } error)
        {
            throw error;
        }

        return environment.Archive.Verify(staged.ObjectId, staged.Version, CancellationToken.None) is { IsSound: false } damage
            ? throw new DamagedObjectException(damage.Findings[0])
            : staged.Version;
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
            UserName = changed.Succession?.Plan.By ?? environment.Actor.Name,   // recovery may be another account's
            UserAddress = changed.Succession?.Plan.Account ?? environment.Actor.Address,
        });
        return staged;
    }

    private CatalogEntry ReadBack(string id) => RecordDocuments.Read(
        environment.Archive,
        environment.Archive.Find(id) ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, id, "Committed a moment ago, and not there now.")));

    private Task<bool> TryBeginAsync(Revision revision, bool holdsRecord, CancellationToken cancellation) => environment.Database.WriteAsync(
        (_, transaction) => RevisionTable.TryBegin(transaction, revision, environment.Time.GetUtcNow(), holdsRecord), cancellation);

    private Task EndAsync(RecordId revision, CatalogEntry? entry, params IReadOnlyList<CatalogEntry> successors)
    {
        IReadOnlyList<CatalogEntry> entries = entry is null ? successors : [entry, .. successors];
        var happened = entries.Count > 0 ? EventOf(entries) : null;   // asks the archive: not while others wait for the database
        return environment.Database.WriteAsync(
            (_, transaction) =>
            {
                if (happened is not null)
                {
                    environment.Catalog.Put(transaction, entries);
                    foreach (var made in entries)
                    {
                        HeadRows.Put(transaction, made, environment.Time.GetUtcNow());
                    }

                    environment.Audit.Note(transaction, happened);
                }

                RevisionTable.End(transaction, revision);
                return true;
            },
            CancellationToken.None);
    }

    // By whom the version says it is: recovery may be another process.
    private AuditEvent EventOf(IReadOnlyList<CatalogEntry> entries)
    {
        var version = entries[0].Versions[^1];
        var origin = environment.Audit.Origin;
        return origin.Event(AuditType.Amend, RevisionReason.ToAuditWord(version.Message), AuditAction.Update, [.. entries.Select(EntityOf)]) with
        {
            Agent = origin.AgentOf(version.UserName, version.UserAddress),
        };
    }

    private AuditEntity EntityOf(CatalogEntry made)
    {
        string id = made.Record.Id.ToString();
        return new AuditEntity(AuditEntity.Record, id, made.Head, environment.Archive.Find(id)?.InventoryDigest.Hex);
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

    // An open revision that nobody works on any more: of a record, or the reading of this id, whether it holds its record yet or not.
    private async Task<bool> TakeUpLeftAsync(RecordId recordOrReading, CancellationToken cancellation)
    {
        Revision? left;
        using (var connection = environment.Database.OpenReader())
        {
            left = RevisionTable.Of(connection, recordOrReading) ?? RevisionTable.Find(connection, recordOrReading);
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
