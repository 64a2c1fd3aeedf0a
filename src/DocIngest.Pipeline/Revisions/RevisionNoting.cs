using System.Data.Common;
using DocIngest.Archive;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Notes in the ledger what a revision is about to place in the archive, where nothing has come between: from then on recovery knows, and others wait.</summary>
internal sealed class RevisionNoting(IngestEnvironment environment)
{
    /// <summary>Notes it. A version that the archive has and the ledger does not know yet is another's, to be recovered first.</summary>
    /// <param name="revision">Whose row it is.</param>
    /// <param name="head">The record's head in the archive; the caller holds its lock.</param>
    /// <param name="changed">What it is about to become.</param>
    /// <param name="cancellation">Ends it; nothing is noted.</param>
    /// <returns>What prevents it; null where it is noted.</returns>
    public Task<RevisionOutcome?> NoteAsync(Revision revision, VersionNumber head, RecordChange changed, CancellationToken cancellation) => environment.Database.WriteAsync(
        (_, transaction) =>
        {
            var record = changed.Record;
            string? newKey = changed.TakesKey ? record.DocumentKey : null;
            if (HeadTable.Find(transaction, revision.RecordId)?.Version != head.Value)
            {
                return new RevisionOutcome.Busy();
            }

            if (newKey is not null && WhoHas(transaction, record.Profile, newKey, record.Id) is { } other)
            {
                return other;
            }

            if (changed.Succession?.Successors.Select(successor => WhatPrevents(transaction, successor, revision.RecordId)).FirstOrDefault(found => found is not null) is { } prevented)
            {
                return prevented;
            }

            if (!RevisionTable.TryHold(transaction, revision))
            {
                return new RevisionOutcome.Busy();   // somebody decides about it just now
            }

            RevisionTable.NoteVersion(transaction, revision.Id, head.Next.Value, record.Profile, newKey);
            if (changed.Succession is { } succession)
            {
                RevisionTable.NoteSuccessors(transaction, revision.Id, succession.Plan.ToJson(), succession.Successors.Select(successor => successor.Record));
            }

            return (RevisionOutcome?)null;
        },
        cancellation);

    // Once more, since the change was thought out before this transaction: of two that want a key one gets it. Filing looks at the noted key in its own.
    private static RevisionOutcome? WhoHas(DbTransaction transaction, string profile, string key, RecordId but) =>
        HeadTable.HasKey(transaction.OpenConnection(), profile, key, but, transaction) || RevisionTable.HasKeyInDoubt(transaction, profile, key) ? new RevisionOutcome.KeyTaken()
        : ScanTable.IsBeingFiled(transaction, profile, key) || RevisionTable.GivesKey(transaction, profile, key) ? new RevisionOutcome.Busy()
        : null;

    // The former record gives up key and identity in the transaction in which the successor gets them.
    private static RevisionOutcome? WhatPrevents(DbTransaction transaction, Successor successor, RecordId former)
    {
        var record = successor.Record;
        if (successor.TakesKey && record.DocumentKey is { } key && WhoHas(transaction, record.Profile, key, former) is { } taken)
        {
            return taken;
        }

        if (!successor.MustBeOnly)
        {
            return null;
        }

        return HeadTable.FindByIdentity(transaction, record.Identity) is { } head && head.RecordId != former ? new RevisionOutcome.Doubled(head.RecordId)
            : ScanTable.IsIdentityBeingFiled(transaction, record.Identity) || RevisionTable.GivesIdentity(transaction, record.Identity) ? new RevisionOutcome.Busy()
            : null;
    }
}
