using System.Data.Common;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>The rows beside the search index that follow from a record's head: where duplicates and the other sides of stacks are looked up, and what people review.</summary>
internal static class HeadRows
{
    /// <summary>Writes them. Safe to repeat; used by filing, recovery and rebuild alike, so that all three agree.</summary>
    public static void Put(DbTransaction transaction, CatalogEntry entry, DateTimeOffset now) => Put(transaction, entry.Record, entry.Head, now);

    /// <summary>The same, without the text.</summary>
    public static void Put(DbTransaction transaction, RecordDocument record, int head, DateTimeOffset now)
    {
        bool isInUse = record.Withdrawn is null;   // else a new scan of the same document is a new record, and not hidden with it
        HeadTable.Put(transaction, new Head(
            record.Id, head, record.Profile, isInUse ? record.DocumentKey : null, new Sha512Digest(record.Sha512), isInUse ? record.Identity : Head.OutOfUse));
        StackTable.Put(transaction, record);
        ReviewTable.Put(transaction, record, head, now);
    }

    /// <summary>Forgets rows of records that the catalog does not have: nothing may be called a duplicate of what is not archived.</summary>
    public static void KeepCataloged(DbTransaction transaction)
    {
        HeadTable.KeepCataloged(transaction);
        StackTable.KeepCataloged(transaction);
    }
}
