using System.Data.Common;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Writes to the catalog within a transaction that the caller owns, so that catalog row, ledger row and receipt become true
/// together. All methods may be repeated.
/// </summary>
public interface ICatalogWriter
{
    /// <summary>Adds or updates records. An entry whose head is older than the one held changes nothing, so that a replay never steps back.</summary>
    /// <param name="transaction">A write transaction of the catalog's own database.</param>
    /// <param name="entries">At most one entry a record; hand a whole group over at once, one call an entry makes the index write more.</param>
    void Put(DbTransaction transaction, params IReadOnlyCollection<CatalogEntry> entries);

    /// <summary>Removes a record with all its terms and texts. False where there was none.</summary>
    bool Remove(DbTransaction transaction, RecordId id);
}
