using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>Fills the catalog's dates of events from the archive (I3), as part of a rebuild. Writers of events may go on meanwhile.</summary>
/// <remarks>
/// What is in the catalog stays in force until its object was met or the rebuild has ended. A rebuild that dies leaves true dates: those of objects met, and
/// the old ones of others.
/// </remarks>
/// <param name="database">The catalog.</param>
/// <param name="objects">The archive's system objects.</param>
/// <param name="onDamage">Called for each object whose events cannot be read; records that depend on it are kept.</param>
public sealed class EventRebuild(SqliteDatabase database, SystemObjectStore objects, Action<Finding> onDamage)
{
    private const int AtOnce = 500;

    private readonly List<(string Name, ReadEvents Events)> _group = [];

    /// <summary>Begins; the caller holds the rebuild lock.</summary>
    public Task BeginAsync(CancellationToken cancellation) => WriteAsync(EventTable.MakeStale, cancellation);

    /// <summary>Takes an object of the archive, if it is one of events.</summary>
    public async Task AddAsync(OcflObject found, CancellationToken cancellation)
    {
        if (!EventObjects.IsOne(found))
        {
            return;
        }

        try
        {
            _group.Add((found.Id[SystemObjectName.IdPrefix.Length..], new ReadEvents(found.Head.Value, new EventObjects(objects).Read(found))));
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
            onDamage(new Finding(FindingCodes.DocumentUnreadable, found.Path, "events.json cannot be read, or is of a newer program."));
        }

        if (_group.Count == AtOnce)
        {
            await FlushAsync(cancellation);
        }
    }

    /// <summary>Ends: what was not met is no more in the archive.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        await WriteAsync(EventTable.ForgetStale, cancellation);
    }

    private async Task FlushAsync(CancellationToken cancellation)
    {
        await WriteAsync(
            transaction =>
            {
                foreach (var (name, read) in _group)
                {
                    EventTable.Put(transaction, name, read.Events.Subject, read.Events.Number, read.Version, read.Events.Dates(), read.Events.Days(), isWriter: false);
                }
            },
            cancellation);
        _group.Clear();
    }

    private Task WriteAsync(Action<System.Data.Common.DbTransaction> work, CancellationToken cancellation) => database.WriteAsync(
        (_, transaction) =>
        {
            work(transaction);
            return true;
        },
        cancellation);
}
