using System.Data.Common;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Filing;

/// <summary>The rows beside the search index that follow from a record's head: where duplicates are looked up, and what people review.</summary>
internal static class HeadRows
{
    /// <summary>Writes them. Safe to repeat; used by filing, recovery and rebuild alike, so that all three agree.</summary>
    public static void Put(DbTransaction transaction, CatalogEntry entry, DateTimeOffset now)
    {
        var record = entry.Record;
        ScanTable.PutHead(transaction, new Head(
            record.Id, entry.Head, record.Profile, record.DocumentKey, new Sha512Digest(record.Sha512), record.Identity));
        ReviewTable.Put(transaction, record.Id, entry.Head, ReviewTable.CodesFor(record), now);
    }
}
