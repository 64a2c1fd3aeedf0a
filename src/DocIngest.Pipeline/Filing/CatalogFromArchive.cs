using System.Runtime.CompilerServices;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>Reads the whole archive into a new catalog (I3). The caller holds the rebuild lock.</summary>
public sealed class CatalogFromArchive(SqliteDatabase database, IArchive archive, TimeProvider time)
{
    private const int HeadsAtOnce = 500;

    /// <summary>Rebuilds catalog, heads and missing review items; ledger, custody and people's decisions stay.</summary>
    /// <param name="onDamage">Called for each object that cannot be read; the rebuild goes on without it.</param>
    /// <param name="progress">Told the number of records read.</param>
    /// <param name="onSystemObject">Called for each object that is no record, one at a time.</param>
    /// <param name="cancellation">Leaves the old catalog.</param>
    public Task<RebuildSummary> RebuildAsync(
        Action<Finding> onDamage, IProgress<long>? progress, Func<OcflObject, Task> onSystemObject, CancellationToken cancellation) =>
        new CatalogRebuild(database, new CatalogRebuildOptions { WithSwap = HeadRows.KeepCataloged })
            .RunAsync(ReadAllAsync(onDamage, onSystemObject, cancellation), progress, cancellation);

    private async IAsyncEnumerable<CatalogEntry> ReadAllAsync(
        Action<Finding> onDamage, Func<OcflObject, Task> onSystemObject, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var group = new List<(RecordDocument Record, int Head)>(HeadsAtOnce);   // without texts, which the index holds by then
        foreach (var listing in archive.EnumerateObjects())
        {
            cancellation.ThrowIfCancellationRequested();
            if (listing is ObjectListing.Readable { Object: var found } && !RecordDocuments.IsRecord(found))
            {
                await onSystemObject(found);
                continue;
            }

            if (Read(listing, onDamage) is not { } entry)
            {
                continue;
            }

            group.Add((entry.Record, entry.Head));
            if (group.Count == HeadsAtOnce)
            {
                await PutHeadsAsync(group, cancellation);
                group.Clear();
            }

            yield return entry;
        }

        await PutHeadsAsync(group, cancellation);
    }

    private Task PutHeadsAsync(List<(RecordDocument Record, int Head)> records, CancellationToken cancellation) => database.WriteAsync(
        (_, transaction) =>
        {
            // One that was destroyed since it was read must not come back: a scan would double it, or add to it.
            foreach (var (record, version) in records.Where(one => !CatalogRebuild.IsRemoved(transaction, one.Record.Id) && HeadTable.Find(transaction, one.Record.Id) is var head && (head is null || head.Version <= one.Head)))
            {
                HeadRows.Put(transaction, record, version, time.GetUtcNow());
            }

            return true;
        },
        cancellation);

    private CatalogEntry? Read(ObjectListing listing, Action<Finding> onDamage)
    {
        try
        {
            return listing switch
            {
                ObjectListing.Readable readable => RecordDocuments.Read(archive, readable.Object),
                ObjectListing.Unreadable unreadable => throw unreadable.Damage,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (DamagedObjectException damage)
        {
            onDamage(damage.Finding);
        }
        catch (FixityException damage)
        {
            onDamage(new Finding("E092", damage.Path, "The content does not match its digest."));
        }
        catch (JsonException)
        {
            onDamage(new Finding(FindingCodes.DocumentUnreadable, (listing as ObjectListing.Readable)?.Object.Path ?? "", "record.json or text.json cannot be read, or is of a newer program."));
        }

        return null;
    }
}
