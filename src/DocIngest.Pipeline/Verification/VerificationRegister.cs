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

    /// <summary>Whether records were filed longer ago than a time, and nobody has looked through the archive within it.</summary>
    /// <param name="within">No less than <see cref="WalkEvery"/> counts.</param>
    /// <param name="now">The moment.</param>
    public bool IsNeglected(TimeSpan within, DateTimeOffset now)
    {
        var since = now - (within > WalkEvery + Day ? within : WalkEvery + Day);
        using var connection = database.OpenReader();
        return VerificationTable.OldestRecord(connection) is { } oldest && oldest < since && !(VerificationTable.LastWalk(connection) >= since);
    }

    /// <summary>Notes readings. Durable when it returns.</summary>
    public Task NoteAsync(IReadOnlyCollection<ObjectVerification> verifications, CancellationToken cancellation) =>
        InPartsAsync(verifications, VerificationTable.Note, cancellation);

    /// <summary>Notes which objects there are besides records: those that it does not know are the first to be read, and those that are gone are forgotten.</summary>
    /// <param name="there">Ids of all objects that are no records.</param>
    /// <param name="gone">Ids of objects that are known, and are no more.</param>
    /// <param name="at">When the archive was walked through.</param>
    /// <param name="cancellation">What was noted stays.</param>
    public async Task WalkedAsync(IReadOnlyCollection<string> there, IReadOnlyCollection<string> gone, DateTimeOffset at, CancellationToken cancellation)
    {
        await InPartsAsync(there, VerificationTable.Know, cancellation);
        await ForgetAsync(gone, cancellation);
        await database.WriteAsync(
            (_, transaction) =>
            {
                VerificationTable.Walked(transaction, at);
                return true;
            },
            cancellation);
    }

    /// <summary>Forgets objects that are no more.</summary>
    public Task ForgetAsync(IReadOnlyCollection<string> gone, CancellationToken cancellation) => InPartsAsync(gone, VerificationTable.Forget, cancellation);

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
