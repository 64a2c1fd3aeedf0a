using System.Data.Common;
using System.Diagnostics;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>Decides between new record, next version, duplicate and quarantine (DESIGN 4, Duplicate and Document key).</summary>
internal static class FilingRules
{
    // More would make record.json long for a blank form scanned a thousand times; each twin names the first ones.
    private const int MaxTwins = 16;

    /// <summary>Decides and, unless the scan must wait, reserves its key and identity in the caller's transaction.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="scan">Copied and read.</param>
    /// <param name="lateOf">The scan that this file continues; null for most.</param>
    /// <param name="rulesMayGiveKeys">Whether rules may give scans of its profile their keys.</param>
    public static FilingDecision Decide(DbTransaction transaction, ScanInHand scan, ContinuedScan? lateOf, bool rulesMayGiveKeys)
    {
        if (scan.Format is null && !scan.IsAccepted)
        {
            return Refuse(transaction, scan);
        }

        // Which stacks wait may have changed since it was read.
        if (scan.IsStack)
        {
            if (StacksInFolder.HasOlder(transaction, scan))
            {
                return new FilingDecision.Wait();
            }

            if (FindStack(transaction, scan) is { } holder)
            {
                return new FilingDecision.Duplicate(holder);
            }

            if (!StandsAsRead(transaction, scan))
            {
                return new FilingDecision.Collate();
            }
        }

        // Which key an older scan has is open until it is read; where keys make versions, they must not come out of order.
        bool waitsForUnread = rulesMayGiveKeys && scan.Folder.Profile.OnExistingKey == ExistingKeyPolicy.NewVersion;
        if (!ScanTable.TryBeginFiling(transaction, scan.Claim, scan.DocumentKey, scan.Identity, waitsForUnread))
        {
            return new FilingDecision.Wait();
        }

        if (HeadTable.FindByIdentity(transaction, scan.Identity) is { } same && same.RecordId != scan.Claim.Id
            && !(scan.Split is not null && HeadTable.HasWithdrawnPart(transaction, same.RecordId)))   // else a withdrawn document could never come back
        {
            return new FilingDecision.Duplicate(same);
        }

        return Place(transaction, scan, lateOf);
    }

    private static bool StandsAsRead(DbTransaction transaction, ScanInHand scan)
    {
        var match = StacksInFolder.Match(scan, StacksInFolder.Lone(transaction.OpenConnection(), scan, transaction), out string? doubt);
        return scan.StackFault is not null
            || (scan.Other is { } other ? match is { } still && still.RecordId == other.Record.Id && still.Version == other.Version : match is null && doubt is null);
    }

    // A stack that a record has already, alone or with its other side, must not be put together with another one's.
    private static Head? FindStack(DbTransaction transaction, ScanInHand scan) =>
        StackTable.FindByIdentity(transaction.OpenConnection(), scan.StackIdentity, transaction) is { } record && record != scan.Claim.Id
            ? HeadTable.Find(transaction, record)
            : null;

    // A file that is not removed can be named again and again. One that is removed is dropped anew each time, and may be another
    // page: all empty files are alike.
    private static FilingDecision Refuse(DbTransaction transaction, ScanInHand scan)
    {
        if (!scan.Claim.RemovesSource && QuarantineTable.FindWaiting(transaction, scan.Claim, scan.Digest) is { } waiting)
        {
            return new FilingDecision.QuarantinedAlready(waiting);
        }

        return scan.Claim.Stamp.SizeBytes == 0
            ? new FilingDecision.Quarantine("empty", "The file is empty. Scan the document again.")
            : new FilingDecision.Quarantine(
                "unrecognised",
                "The file is no document that can be archived. Known are PDF, TIFF, JPEG, PNG, BMP, GIF, WebP, HEIC and JPEG 2000: save it as one of these and drop it again.");
    }

    private static FilingDecision PlaceWithOther(DbTransaction transaction, ScanInHand scan, OtherStack other, List<string> flags, IReadOnlyList<RecordId> twins)
    {
        var head = HeadTable.Find(transaction, other.Record.Id)
            ?? throw new InvalidOperationException("A stack that is awaited has a head.");   // both follow from one record
        flags.AddRange(other.Record.Flags.Where(flag => RecordFlag.OutlastsReading(flag) && flag != RecordFlag.OtherSideMissing));
        if (scan.DocumentKey is { } key && key != other.Record.DocumentKey && HeadTable.FindByKey(transaction, scan.Claim.Profile, key) is not null)
        {
            flags.Add(RecordFlag.KeyExists);
        }

        return new FilingDecision.NextVersion(head, FilingReason.Collated, [.. flags.Distinct()], [.. other.Record.Twins.Union(twins)]);
    }

    private static FilingDecision Place(DbTransaction transaction, ScanInHand scan, ContinuedScan? lateOf)
    {
        var flags = new List<string>();
        if (scan.Format is null)
        {
            flags.Add(RecordFlag.Unrecognised);
        }

        if (scan.SidecarFault is not null || scan is { Sidecar.Events.Count: > 0, Folder.Profile.TrustedSidecar: false })
        {
            flags.Add(RecordFlag.SidecarInvalid);
        }

        if (scan is { Part.DocumentCount: > 1, SidecarFields.Count: > 0, Folder.Profile.TrustedSidecar: false })
        {
            flags.Add(RecordFlag.SidecarShared);
        }

        var twins = HeadTable.FindTwins(transaction, scan.Digest, MaxTwins);
        if (scan.Other is { } other)
        {
            return PlaceWithOther(transaction, scan, other, flags, twins);
        }

        if (lateOf is { } earlier && HeadTable.Find(transaction, earlier.Record) is { } grown)
        {
            if (earlier.IsOneStackOfTwo || !grown.IsInUse)
            {
                bool keyExists = scan.DocumentKey is { } taken && HeadTable.FindByKey(transaction, scan.Claim.Profile, taken) is not null;
                return new FilingDecision.NewRecord(
                    [.. flags.Append(RecordFlag.LateBytes).Concat(keyExists ? [RecordFlag.KeyExists] : []).Distinct()], [earlier.Record, .. twins]);
            }

            return Next(grown, FilingReason.LateBytes, [.. flags, RecordFlag.LateBytes]);
        }

        if (scan.Class is { IsAssigned: false })
        {
            return new FilingDecision.NewRecord([.. flags.Distinct()], twins);   // whose it is nobody knows: it has no key, and changes no record
        }

        var profile = scan.Folder.Profile;
        if (scan.Sidecar?.AddVersionTo is { } addressed)
        {
            if (profile.TrustedSidecar && HeadTable.Find(transaction, addressed) is { IsInUse: true } head)
            {
                return Next(head, FilingReason.NewVersion, flags);
            }

            flags.Add(RecordFlag.SidecarInvalid);   // names a record that does not exist or is withdrawn, or may not be named from here
        }

        if (scan.DocumentKey is not { } key || HeadTable.FindByKey(transaction, scan.Claim.Profile, key) is not { } existing)
        {
            // One that could not be finished may have given it to a record already: a person looks, instead of two records with one key that nobody knows of.
            bool isInDoubt = scan.DocumentKey is { } wanted && profile.OnExistingKey != ExistingKeyPolicy.NewRecord && RevisionTable.HasKeyInDoubt(transaction, profile.Name, wanted);
            return new FilingDecision.NewRecord([.. flags.Concat(isInDoubt ? [RecordFlag.KeyExists] : []).Distinct()], twins);
        }

        // One side of a document must not take the place of the other, or of both.
        if (scan.IsStack && StackTable.SideOfLone(transaction, existing.RecordId) != scan.Stack?.Side)
        {
            return new FilingDecision.NewRecord([.. flags, RecordFlag.KeyExists], twins);
        }

        // A key that only an untrusted sidecar gives must not change a record that exists.
        bool untrusted = scan.Sidecar?.DocumentKey is not null && !profile.TrustedSidecar;
        return (untrusted ? ExistingKeyPolicy.Review : profile.OnExistingKey) switch
        {
            ExistingKeyPolicy.NewVersion => Next(existing, FilingReason.NewVersion, flags),
            ExistingKeyPolicy.NewRecord => new FilingDecision.NewRecord(flags, twins),
            ExistingKeyPolicy.Review => new FilingDecision.NewRecord([.. flags, RecordFlag.KeyExists], twins),
            _ => throw new UnreachableException(),
        };

        // What nobody has looked at yet must not go unseen because another scan came.
        FilingDecision.NextVersion Next(Head head, string reason, IReadOnlyList<string> ofScan) =>
            new(head, reason, [.. ofScan, .. ReviewTable.Waiting(transaction, head.RecordId).Where(RecordFlag.OutlastsScan)], twins);
    }
}
