using System.Reflection;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Database;

/// <summary>
/// The one SQLite file that holds ledger and catalog: WAL, synchronous FULL (a commit that returned survives a power cut),
/// secure_delete. Readers never wait for the writer; writers of all processes take turns.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    // A rebuild's table swap and another process' group commit are the longest writers: well under this.
    private const int BusyTimeoutSeconds = 60;

    // SQLite's primary result codes.
    private const int Permission = 3;
    private const int ReadOnly = 8;
    private const int CannotOpen = 14;

    private readonly string _connectionString;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;   // under _writing

    private SqliteDatabase(string path, bool isReadOnly = false)
    {
        IsReadOnly = isReadOnly;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = isReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Cache = SqliteCacheMode.Private,
            DefaultTimeout = BusyTimeoutSeconds,
        }.ToString();
    }

    /// <summary>Whether it was opened for an account that may read it and no more.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Opens the file, creating or migrating it.</summary>
    /// <exception cref="DatabaseTooNewException">A newer program has migrated it. Nothing changed.</exception>
    /// <exception cref="SqliteException">The file cannot be opened, or is no database.</exception>
    public static SqliteDatabase Open(string path)
    {
        var database = new SqliteDatabase(path);
        database.Migrate();
        return database;
    }

    /// <summary>Opens the file for an account that may read it and no more; writing then throws.</summary>
    /// <exception cref="DatabaseTooNewException">A newer program has migrated it.</exception>
    /// <exception cref="DatabaseTooOldException">It is to be migrated first, which this account may not do.</exception>
    /// <exception cref="SqliteException">
    /// It may not be read; or nobody has it open and its log is not empty, so that only an account that may write can read it.
    /// </exception>
    public static SqliteDatabase OpenReadOnly(string path)
    {
        // Without a log there is nothing to share with a writer, and SQLite could not make one here. A service that starts while a
        // command reads may make it fail; never the file, which is not written.
        var log = new FileInfo(path + "-wal");
        bool isAtRest = !log.Exists || log.Length == 0;
        var database = new SqliteDatabase(isAtRest ? new Uri(path).AbsoluteUri + "?immutable=1" : path, isReadOnly: true);
        using var connection = database.OpenReader();
        long version = Version(connection);
        long known = MigrationScripts().Count();
        return version == known ? database
            : version > known ? throw new DatabaseTooNewException(version, known)
            : throw new DatabaseTooOldException();
    }

    /// <summary>Whether an error means that this account may not read or write the file.</summary>
    public static bool IsForbidden(SqliteException error) => error.SqliteErrorCode is Permission or ReadOnly or CannotOpen;

    /// <summary>A connection for reading; sees one state only within a transaction. Dispose it soon.</summary>
    public SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        Configure(connection, IsReadOnly);
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> in a write transaction of its own. On return it is durable; when it throws, nothing changed.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            _writer ??= OpenReader();
            using var transaction = _writer.BeginTransaction(deferred: false);
            T result = work(_writer, transaction);
            transaction.Commit();
            return result;
        }
        catch (SqliteException)
        {
            // After an IO error the connection's state is unknown: begin the next write with a new one.
            if (_writer is not null)
            {
                SqliteConnection.ClearPool(_writer);
                _writer.Dispose();
                _writer = null;
            }

            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>
    /// Writes the whole file anew, so that, once the log is emptied too, it holds nothing that is not in a table: with secure_delete, deleted rows are
    /// overwritten, but not what the balancing of pages leaves of rows that moved. Writers wait meanwhile; needs as much space again twice, in the log and
    /// in the system's folder for temporary files, where only what is in a table is written.
    /// </summary>
    /// <exception cref="SqliteException">No space, or another process writes for longer than the busy timeout. Nothing is lost.</exception>
    public async Task RewriteAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            using var connection = OpenReader();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA temp_store = FILE; VACUUM";   // in memory it would need as much as the file has; it copies live rows only
            command.ExecuteNonQuery();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _writer?.Dispose();
        _writing.Dispose();
        SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
    }

    private static void Configure(SqliteConnection connection, bool isReadOnly)
    {
        using var command = connection.CreateCommand();
        command.CommandText = (isReadOnly ? "" :
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            PRAGMA foreign_keys = ON;
            """) +
            """
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -16384;
            PRAGMA mmap_size = 33554432;
            """;
        command.ExecuteNonQuery();
    }

    private void Migrate()
    {
        string[] scripts = [.. MigrationScripts()];
        using (var connection = OpenReader())
        {
            long version = Version(connection);
            if (version == scripts.Length)
            {
                return;
            }

            if (version > scripts.Length)
            {
                throw new DatabaseTooNewException(version, scripts.Length);
            }
        }

        var upgrade = DeployChanges.To
            .SqliteDatabase(_connectionString)
            .WithScriptsEmbeddedInAssembly(typeof(SqliteDatabase).Assembly, IsMigration)
            .WithTransaction()
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        if (!upgrade.Successful)
        {
            throw new InvalidOperationException("The catalog could not be migrated; it is as it was.", upgrade.Error);
        }

        using var migrated = OpenReader();
        using var command = migrated.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {scripts.Length}";
        command.ExecuteNonQuery();
    }

    private static long Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private static IEnumerable<string> MigrationScripts() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(IsMigration).Order();

    private static bool IsMigration(string resourceName) =>
        resourceName.StartsWith("DocIngest.Pipeline.Database.Migrations.", StringComparison.Ordinal);
}

/// <summary>The catalog is of an older program, and this account may not migrate it. Nothing changed; a retry helps once it is migrated.</summary>
public sealed class DatabaseTooOldException()
    : Exception("The catalog is of an older program. Start the service once, or run any command as its account: that brings it up to date.");

/// <summary>The catalog was migrated by a newer program. Nothing changed; use that program.</summary>
public sealed class DatabaseTooNewException(long found, long known)
    : Exception($"The catalog has schema {found}; this program knows up to {known}. Use the newer program, or rebuild the catalog with this one in another data folder.");
