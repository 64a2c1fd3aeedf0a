using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>Files groups of scans: one group shares two flushes of the archive's volume and two transactions.</summary>
/// <remarks>
/// <para>Order, and what a crash after each step leaves (docs/adr/0005-filing-order.md):
/// 1 decide and reserve in the ledger (open rows, nothing archived); record the events that trusted sidecars bring (they stand, and the scan brings them again);
/// 2 stage every object (the sweep removes it, the row starts over);
/// 3 flush, rename into the archive, flush (the object is there: recovery finds it by the scan's id and goes to 5);
/// 4 read back and compare digests;
/// 5 catalog, heads, receipts and closed claims in one transaction (the source is still there: the next look removes it).</para>
/// <para>The scanner's file is not touched here.</para>
/// </remarks>
internal sealed class Filer(IngestEnvironment environment)
{
    private sealed record Item(ScanInHand Scan, StagedVersion Staged, RecordDocument Record, RecordId Id, OcflObject? Current, string Reason, ScanOutcome Outcome);

    /// <summary>Files a group. Scans that fail do not disturb the others.</summary>
    /// <exception cref="OperationCanceledException">Before step 3. Open rows stay; the next start takes them up.</exception>
    public async Task<FilingResult> FileAsync(IReadOnlyList<ScanInHand> scans, CancellationToken cancellation)
    {
        var group = new GroupInFiling(scans);
        try
        {
            var decisions = await DecideAsync(scans, cancellation);
            await new EventsOfGroup(environment).RecordAsync(group, decisions, cancellation);   // before the locks: objects of events have locks of the same kind
            await using var locks = await ObjectLocks.TakeAsync(environment.Locks, decisions.Values.SelectMany(HeldRecords), cancellation);
            LetWaitForDestroyed(group, decisions);
            await QuarantineAsync(group, decisions, cancellation);
            RefuseDamagedTwins(group, decisions);
            var items = Stage(group, decisions);
            var committed = await CommitAsync(group, items, cancellation);
            await CloseAsync(group, decisions, committed);
        }
        catch (Exception error) when (ScanEndings.IsOfOneScan(error, cancellation))
        {
            group.FailRest(error);   // recovery finds those that had reached the archive
        }

        return group.Result;
    }

    // 1
    private async Task<Dictionary<ScanInHand, FilingDecision>> DecideAsync(IReadOnlyList<ScanInHand> scans, CancellationToken cancellation)
    {
        var lateOf = scans.ToDictionary(scan => scan, scan => LateBytes.Find(environment, scan));
        return await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                var decisions = new Dictionary<ScanInHand, FilingDecision>();
                var twins = new TwinsInGroup();
                foreach (var whole in scans.Where(scan => scan.Split is not null))
                {
                    ScanTable.NoteCopied(transaction, whole.Claim.Id, whole.Digest, whole.Identity);   // without the key in its file's name; its parts' keys are open still
                }

                foreach (var scan in scans.Where(scan => scan.Split is null && environment.Classifier.Rules.MayGiveKey(scan.Claim.Profile)))
                {
                    ScanTable.SettleKey(transaction, scan.Claim.Id, scan.DocumentKey, scan.Identity);
                }

                foreach (var scan in scans.OrderBy(scan => (scan.Claim.Order, scan.Claim.Sequence)))
                {
                    decisions[scan] = twins.Complete(scan, FilingRules.Decide(
                        transaction, scan, lateOf[scan], environment.Classifier.Rules.MayGiveKey(scan.Claim.Profile)));
                    if (decisions[scan] is FilingDecision.NextVersion next)
                    {
                        ScanTable.NoteTarget(transaction, scan.Claim.Id, next.Head.RecordId, next.Head.Version + 1);   // what recovery looks for
                    }
                }

                return decisions;
            },
            cancellation);
    }

    // Duplicates too: what they double must not be destroyed until they are closed.
    private static IEnumerable<RecordId> HeldRecords(FilingDecision decision) => decision switch
    {
        FilingDecision.NextVersion next => [next.Head.RecordId],
        FilingDecision.Duplicate same => [same.Head.RecordId],
        _ => [],
    };

    // Destroyed and forgotten between the decision and the lock: decided anew, as though it had never been.
    private void LetWaitForDestroyed(GroupInFiling group, Dictionary<ScanInHand, FilingDecision> decisions)
    {
        using var connection = environment.Database.OpenReader();
        foreach (var scan in decisions.Where(pair => HeldRecords(pair.Value).Any(record => !HeadTable.Exists(connection, record))).Select(pair => pair.Key).ToList())
        {
            group.Wait(scan);
            decisions.Remove(scan);
        }
    }

    // A duplicate's source goes because the archive has its bytes: so they must be there, and sound. Damage is a person's business;
    // until it is mended the file stays where it lies.
    private void RefuseDamagedTwins(GroupInFiling group, Dictionary<ScanInHand, FilingDecision> decisions)
    {
        foreach (var (scan, same) in decisions.Where(pair => pair.Value is FilingDecision.Duplicate)
            .Select(pair => (pair.Key, (FilingDecision.Duplicate)pair.Value)).ToList())
        {
            string id = same.Head.RecordId.ToString();
            try
            {
                if (environment.Archive.Verify(id, new VersionNumber(same.Head.Version), CancellationToken.None) is { IsSound: true })
                {
                    continue;
                }

                group.Fail(scan, new DamagedTwinException(same.Head.RecordId));
            }
            catch (Exception error) when (error is StorageException or ArchiveException)
            {
                group.Fail(scan, error is ArchiveException ? new DamagedTwinException(same.Head.RecordId) : error);
            }

            decisions.Remove(scan);
        }
    }

    // 2
    private List<Item> Stage(GroupInFiling group, IReadOnlyDictionary<ScanInHand, FilingDecision> decisions)
    {
        var items = new List<Item>();
        foreach (var (scan, decision) in decisions)
        {
            try
            {
                switch (decision)
                {
                    case FilingDecision.Wait:
                        group.Wait(scan);
                        break;
                    case FilingDecision.Collate:
                        group.Collate(scan);
                        break;
                    case FilingDecision.NewRecord made:
                        items.Add(Stage(
                            scan, scan.Claim.Id, null, scan.IsAccepted ? FilingReason.Accepted : FilingReason.Filed, made.Flags, made.Twins));
                        break;
                    case FilingDecision.NextVersion next:
                        items.Add(Stage(scan, next.Head.RecordId, FindCurrent(next.Head), next.Reason, next.Flags, next.Twins));
                        break;
                }
            }
            catch (Exception error) when (ScanEndings.IsOfOneScan(error, CancellationToken.None))
            {
                group.Fail(scan, error);
            }
        }

        return items;
    }

    private OcflObject FindCurrent(Head head)
    {
        string id = head.RecordId.ToString();
        var current = environment.Archive.Find(id)
            ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, id, "The ledger knows this record, the archive does not."));
        return current.Head.Value == head.Version
            ? current
            : throw new ObjectOutOfSyncException(id, current.Head.Next, "The archive holds a version that the ledger does not know yet.");
    }

    private Item Stage(ScanInHand scan, RecordId id, OcflObject? current, string reason, IReadOnlyList<string> flags, IReadOnlyList<RecordId> twins)
    {
        string stagingName = scan.Claim.Id.ToBareString();
        var staged = current is null
            ? environment.Archive.StageNewObject(id.ToString(), stagingName, scan.Since)
            : environment.Archive.StageNextVersion(current, stagingName, scan.Since);
        foreach (var original in current is null ? [] : ArchivedOriginal.All(current, current.Head).ToList())
        {
            staged.RemoveContent(original.LogicalPath);   // the new original may have another extension
        }

        var former = current is null ? null : RecordDocuments.ReadRecord(environment.Archive, current);
        bool wasCorrected = former?.Decisions.Any(decision => decision.IsCorrection) == true;
        var record = RecordDocuments.Describe(
            scan, id, [.. flags, .. FlagsOfReading(scan), .. scan.RefusedEvents.Count > 0 ? [RecordFlag.EventRefused] : Array.Empty<string>(), .. wasCorrected ? [RecordFlag.CorrectionSuperseded] : Array.Empty<string>()], twins) with
        {
            ReassignedFrom = former?.ReassignedFrom,   // whose place it took stays true
            SplitFrom = former?.SplitFrom,
        };
        foreach (var stack in record.Duplex?.Stacks.Where(stack => stack.ScanId != scan.Claim.Id) ?? [])
        {
            staged.ReferenceContent(stack.Original, new Sha512Digest(stack.Sha512));
        }

        staged.AdoptContent(
            record.Duplex?.Of(scan.Claim.Id)?.Original ?? ArchivedOriginal.NameOf(scan.Format), scan.CopyPath, scan.Digest, scan.Claim.Stamp.SizeBytes);
        if (scan.Extraction?.Rendition is { } rendition)
        {
            staged.AdoptContent(RecordDocuments.RenditionFileName, rendition.Path, rendition.Digest, rendition.SizeBytes);
        }
        else
        {
            staged.RemoveContent(RecordDocuments.RenditionFileName);   // the former version's shows other pages
        }

        RecordDocuments.Write(staged, record, scan.Extraction?.Text ?? DocumentText.Empty, scan.SidecarJson);
        staged.Seal(new VersionInfo
        {
            Created = environment.Time.GetUtcNow(),
            Message = reason,
            UserName = environment.Actor.Name,
            UserAddress = environment.Actor.Address,
        });
        return new Item(scan, staged, record, id, current, reason, current is null ? ScanOutcome.Filed : ScanOutcome.Versioned);
    }

    private IEnumerable<string> FlagsOfReading(ScanInHand scan) => scan switch
    {
        { Split: not null } => [],   // each of its documents has its own
        { Extraction: { } read, Class: { } found } => ReviewFlags.Of(scan.Folder.Profile, environment.Classifier.Rules, read, found)
            .Concat(scan.SplitFault is null ? [] : [RecordFlag.SplitStopped])
            .Concat(StackCollator.Account(scan) is { HasBoth: false } ? [RecordFlag.OtherSideMissing] : []),
        _ => [],
    };

    // 3 and 4
    private async Task<List<Item>> CommitAsync(GroupInFiling group, List<Item> items, CancellationToken cancellation)
    {
        var committed = new List<Item>(items.Count);
        if (items.Count == 0)
        {
            return committed;
        }

        var results = await environment.Archive.CommitGroupAsync([.. items.Select(item => item.Staged)], cancellation);
        foreach (var (item, result) in items.Zip(results))
        {
            if (result.Error() is { } error)
            {
                group.Fail(item.Scan, error);
            }
            else if (environment.Archive.Verify(item.Id.ToString(), item.Staged.Version, CancellationToken.None) is { IsSound: false } damage)
            {
                group.Fail(item.Scan, new DamagedObjectException(damage.Findings[0]));
            }
            else
            {
                committed.Add(item);
            }
        }

        return committed;
    }

    // 5. Past the point of no return: the archive has the records, so the catalog gets them whatever is cancelled meanwhile.
    private async Task CloseAsync(GroupInFiling group, IReadOnlyDictionary<ScanInHand, FilingDecision> decisions, List<Item> committed)
    {
        var now = environment.Time.GetUtcNow();
        var closings = new List<FiledScan>();
        foreach (var (scan, decision) in decisions)
        {
            if (decision is FilingDecision.Duplicate same)
            {
                closings.Add(new FiledScan(scan, new Closing(
                    scan.Claim.Id, ScanOutcome.Duplicate, same.Head.RecordId, same.Head.Version,
                    scan.Extraction?.Pages.Total, scan.Extraction?.TextStatus,
                    Reason: scan.RefusedEvents.Count > 0 ? string.Join(' ', scan.RefusedEvents) : null)));
            }
            else if (decision is FilingDecision.QuarantinedAlready { Scan: var waiting })
            {
                closings.Add(new FiledScan(scan, new Closing(
                    scan.Claim.Id, ScanOutcome.Released, Reason: $"It waits in quarantine already, as {waiting}: decide there, with 'quarantine'.")));
            }
        }

        var entries = ReadBack(group, committed);
        closings.AddRange(entries.Select(pair => new FiledScan(pair.Item.Scan, Closing(pair.Item))));
        if (closings.Count == 0)
        {
            return;
        }

        var parts = new Dictionary<ScanInHand, IReadOnlyList<ScanInHand>>();
        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                environment.Catalog.Put(transaction, [.. entries.Select(pair => pair.Entry)]);
                foreach (var (item, entry) in entries)
                {
                    HeadRows.Put(transaction, entry, now);
                }

                foreach (var filed in closings)
                {
                    ClosedScans.Close(environment, transaction, filed.Closing, now);
                }

                foreach (var (item, entry) in entries)
                {
                    parts[item.Scan] = PartClaims.Open(transaction, item.Scan, item.Record, entry.Head, environment.Instances.Name);
                }

                return true;
            },
            CancellationToken.None);
        foreach (var filed in closings)
        {
            group.Close(filed with { Parts = parts.GetValueOrDefault(filed.Scan) ?? [] });
            ClosedStaging.Discard(environment, filed.Scan.Claim.Id);
            if (filed.Closing.Outcome == ScanOutcome.Duplicate)
            {
                SplitLeftovers.Remove(environment, filed.Scan);
            }
        }
    }

    private List<(Item Item, CatalogEntry Entry)> ReadBack(GroupInFiling group, List<Item> committed)
    {
        var entries = new List<(Item, CatalogEntry)>(committed.Count);
        foreach (var item in committed)
        {
            try
            {
                entries.Add((item, Entry(item)));
            }
            catch (Exception error) when (error is StorageException or ArchiveException)
            {
                group.Fail(item.Scan, error);
            }
        }

        return entries;
    }

    private static Closing Closing(Item item) => new(
        item.Scan.Claim.Id, item.Outcome, item.Id, item.Staged.Version.Value, item.Record.PagesOf(item.Scan.Claim.Id), item.Record.TextStatus,
        item.Record.AccountInWords(), item.Staged.InventoryDigest);

    // Read from the archive, as a rebuild would: what the catalog holds is what the archive says.
    private CatalogEntry Entry(Item item)
    {
        var found = environment.Archive.Find(item.Id.ToString())
            ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, item.Id.ToString(), "Committed a moment ago, and not there now."));
        return new CatalogEntry(
            item.Record,
            item.Scan.Extraction?.Text ?? DocumentText.Empty,
            [.. found.Versions.Select(version => RecordDocuments.Version(found, version))]);
    }

    private async Task QuarantineAsync(GroupInFiling group, IReadOnlyDictionary<ScanInHand, FilingDecision> decisions, CancellationToken cancellation)
    {
        var refused = decisions.Where(pair => pair.Value is FilingDecision.Quarantine)
            .Select(pair => (pair.Key, (FilingDecision.Quarantine)pair.Value)).ToList();
        if (refused.Count > 0)
        {
            foreach (var filed in await new Quarantine(environment).TakeAsync(refused, cancellation))
            {
                group.Close(filed);
            }
        }
    }
}
