using DocIngest.Pipeline.Database;

namespace DocIngest.Pipeline.Verification;

/// <summary>Remembers when each object of the archive was read whole: so that all of it is, within a set time, and everybody can ask what was not.</summary>
/// <param name="database">Holds the tables.</param>
/// <exception cref="Microsoft.Data.Sqlite.SqliteException">Any member: the database does not answer. What was noted before stays.</exception>
public sealed class VerificationRegister(SqliteDatabase database)
{
    private const int RowsAtOnce = 2000;   // other writers wait for as many

    /// <summary>How often the whole archive is walked through, to see which objects there are: a listing of everything takes hours, where an archive is large and far.</summary>
    public static readonly TimeSpan WalkEvery = TimeSpan.FromDays(7);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The last reading of each object that is known, those that were never read among them.</summary>
    public IReadOnlyDictionary<string, ObjectVerification> All()
    {
        using var connection = database.OpenReader();
        return VerificationTable.All(connection).ToDictionary(one => one.Object, StringComparer.Ordinal);
    }

    /// <summary>When the whole archive was walked through last, to see which objects there are; null for never.</summary>
    public DateTimeOffset? LastWalk()
    {
        using var connection = database.OpenReader();
        return VerificationTable.LastWalk(connection);
    }

    /// <summary>Whether something was not read within a time, or never, although it was filed longer ago: as far as the register knows, in which a run that is at work notes what it reads.</summary>
    /// <param name="within">The time.</param>
    /// <param name="now">The moment. What was read after it was read by a clock that was ahead.</param>
    public bool IsNeglected(TimeSpan within, DateTimeOffset now)
    {
        using var connection = database.OpenReader();
        return VerificationTable.OldestRecord(connection) is { } oldest && now - oldest > within
            && (VerificationTable.LastWalk(connection) is null || VerificationTable.HasOlder(connection, now - within - Day, now + Day));
    }

    /// <summary>Notes readings. Durable when it returns.</summary>
    public Task NoteAsync(IReadOnlyCollection<ObjectVerification> verifications, CancellationToken cancellation) =>
        InPartsAsync(verifications, VerificationTable.Note, cancellation);

    /// <summary>Notes which objects there are besides records: those that it does not know are the first to be read.</summary>
    /// <param name="there">Their ids.</param>
    /// <param name="cancellation">What was noted stays.</param>
    public Task KnowAsync(IReadOnlyCollection<string> there, CancellationToken cancellation) => InPartsAsync(there, VerificationTable.Know, cancellation);

    /// <summary>Notes that the whole archive was walked through, and forgets records that are no more.</summary>
    /// <param name="gone">Ids of records that were destroyed.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellation">What was noted stays.</param>
    public async Task WalkedAsync(IReadOnlyCollection<string> gone, DateTimeOffset at, CancellationToken cancellation)
    {
        await InPartsAsync(gone, VerificationTable.Forget, cancellation);
        await database.WriteAsync(
            (_, transaction) =>
            {
                VerificationTable.Walked(transaction, at);
                return true;
            },
            cancellation);
    }

    /// <summary>Whether the last reading of some object found damage.</summary>
    public bool HasDamaged()
    {
        using var connection = database.OpenReader();
        return VerificationTable.HasDamaged(connection);
    }

    private async Task InPartsAsync<T>(IReadOnlyCollection<T> rows, Action<System.Data.Common.DbTransaction, IEnumerable<T>> write, CancellationToken cancellation)
    {
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    write(transaction, some);
                    return true;
                },
                cancellation);
        }
    }
}
