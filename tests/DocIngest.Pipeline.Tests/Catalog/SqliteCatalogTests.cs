using System.Data.Common;
using System.Text;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Tests.Catalog;

/// <summary>The contract over SQLite, and what only SQLite must do.</summary>
public sealed class SqliteCatalogTests : CatalogContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("docingest-catalog-");
    private readonly SqliteDatabase _database;
    private readonly SqliteCatalog _catalog;

    public SqliteCatalogTests()
    {
        _database = SqliteDatabase.Open(FilePath);
        _catalog = new SqliteCatalog(_database);
    }

    protected override ICatalogReader Reader => _catalog;

    protected override ICatalogWriter Writer => _catalog;

    private string FilePath => Path.Combine(_folder.FullName, "docingest.db");

    protected override Task WriteAsync(Action<DbTransaction> work) => _database.WriteAsync((_, transaction) =>
    {
        work(transaction);
        return true;
    }, Cancellation);

    public void Dispose()
    {
        _database.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_removed_record_leaves_no_trace_in_the_files()
    {
        const string Mark = "zzqxmarkedword";
        await PutAsync([.. Enumerable.Range(0, 300).Select(at => A.Entry(A.Id(at), $"common words {at} and more of them"))]);
        await PutAsync(A.Entry(A.Id(1_000), $"before {Mark} after").Fields(("name", Mark + "field"))
            .With(record => record with { FileName = Mark + ".pdf", DocumentKey = Mark + "key" }));
        await PutAsync([.. Enumerable.Range(2_000, 300).Select(at => A.Entry(A.Id(at), $"common words {at} and more of them"))]);
        var maintenance = new CatalogMaintenance(_database, TimeProvider.System);
        Assert.True(maintenance.TryEmptyLog());
        Assert.True(Holds(Mark));

        await WriteAsync(transaction => Assert.True(Writer.Remove(transaction, A.Id(1_000))));
        Assert.True(maintenance.TryEmptyLog());
        Assert.False(Holds(Mark));
        Assert.Equal(600, Found("common").Length);
    }

    [Fact]
    public async Task A_replaced_text_leaves_no_trace_in_the_files()
    {
        const string Mark = "zzqxmarkedword";
        await PutAsync(A.Entry(A.Id(1), $"wrong patient {Mark}").Fields(("name", Mark)));
        await PutAsync(A.Entry(A.Id(1), "right patient", version: 2));
        Assert.True(new CatalogMaintenance(_database, TimeProvider.System).TryEmptyLog());
        Assert.False(Holds(Mark));
    }

    [Fact]
    public async Task A_search_that_is_cancelled_within_any_statement_says_so()
    {
        await PutAsync(A.Entry(A.Id(1), "word"), A.Entry(A.Id(2), "word"));
        int cancelled = 0;
        for (bool wasCancelled = true; wasCancelled;)
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            int statements = 0;
            void Begins(object data, string sql)
            {
                if (statements++ == cancelled)
                {
                    cancel.Cancel();
                }
            }

            SQLitePCL.sqlite3? handle;
            using (var pooled = _database.OpenReader())
            {
                handle = pooled.Handle;   // the search gets it next
                SQLitePCL.raw.sqlite3_trace(handle, Begins, null);
            }

            var ended = Record.Exception(() => Reader.Find(new FindQuery { Text = "word" }, cancel.Token).Count());
            SQLitePCL.raw.sqlite3_trace(handle, (SQLitePCL.strdelegate_trace?)null, null);
            Assert.True(ended is null or OperationCanceledException, $"statement {statements}: {ended}");
            wasCancelled = cancel.IsCancellationRequested;
            cancelled += wasCancelled ? 1 : 0;
        }

        Assert.True(cancelled > 10, $"{cancelled} statements");
    }

    [Fact]
    public void A_newer_schema_is_refused_and_left_alone()
    {
        using (var connection = _database.OpenReader())
        {
            Execute(connection, "PRAGMA user_version = 9999");
        }

        Assert.Throws<DatabaseTooNewException>(() => SqliteDatabase.Open(FilePath).Dispose());
        using var again = _database.OpenReader();
        Assert.Equal(9999L, Execute(again, "PRAGMA user_version"));
    }

    [Fact]
    public async Task A_rebuild_of_a_program_before_withdrawals_ends_with_the_migration()
    {
        await PutAsync(A.Entry(A.Id(1), "before"));
        using (var connection = _database.OpenReader())
        {
            Execute(
                connection,
                """
                DROP INDEX catalog_records_withdrawn;
                ALTER TABLE catalog_records DROP COLUMN withdrawn;
                CREATE TABLE rebuild_records AS SELECT * FROM catalog_records;
                INSERT INTO catalog_rebuild (id, token) VALUES (1, 'begun before');
                DELETE FROM SchemaVersions WHERE ScriptName LIKE '%0011%';
                """);
            long version = Convert.ToInt64(Execute(connection, "PRAGMA user_version"), System.Globalization.CultureInfo.InvariantCulture);
            Execute(connection, $"PRAGMA user_version = {version - 1}");
        }

        Assert.Throws<DatabaseTooOldException>(() => SqliteDatabase.OpenReadOnly(FilePath).Dispose());
        using var migrated = SqliteDatabase.Open(FilePath);
        await migrated.WriteAsync(
            (_, transaction) =>
            {
                new SqliteCatalog(migrated).Put(transaction, A.Entry(A.Id(2), "after"));
                return true;
            },
            Cancellation);
        Assert.Equal([A.Id(2), A.Id(1)], new SqliteCatalog(migrated).Find(new FindQuery(), Cancellation).Select(found => found.Id));
        using var looked = SqliteDatabase.OpenReadOnly(FilePath);
    }

    [Fact]
    public async Task Maintenance_brings_many_segments_down_to_one_and_changes_no_answer()
    {
        for (int at = 0; at < 60; at++)
        {
            await PutAsync(A.Entry(A.Id(at), $"word number {at}"));
        }

        string before = Dump();
        var maintenance = new CatalogMaintenance(_database, TimeProvider.System);
        Assert.False(await maintenance.RunAsync(TimeSpan.Zero, whole: true, Cancellation));
        Assert.True(await maintenance.RunAsync(TimeSpan.FromMinutes(1), whole: false, Cancellation));
        Assert.InRange(Segments(), 1, 12);
        Assert.True(await maintenance.RunAsync(TimeSpan.FromMinutes(1), whole: true, Cancellation));
        Assert.Equal(1, Segments());
        Assert.Equal(before, Dump());
    }

    [Fact]
    public async Task Another_process_writes_while_this_one_reads()
    {
        using var other = SqliteDatabase.Open(FilePath);
        var theirs = new SqliteCatalog(other);
        await PutAsync([.. Enumerable.Range(0, 20).Select(at => A.Entry(A.Id(at), "word"))]);

        using var reading = Reader.Find(new FindQuery { Text = "word" }, Cancellation).GetEnumerator();
        Assert.True(reading.MoveNext());
        await other.WriteAsync((_, transaction) =>
        {
            theirs.Put(transaction, A.Entry(A.Id(100), "word"));
            Assert.Equal(20, Found("word").Length);   // not committed: not seen, and nobody waits
            return true;
        }, Cancellation);

        Assert.Equal(21, Found("word").Length);
        Assert.Equal(21, theirs.Find(new FindQuery { Text = "word" }, Cancellation).Count());
    }

    [Fact]
    public async Task Two_processes_write_at_once_and_nothing_is_lost()
    {
        using var other = SqliteDatabase.Open(FilePath);
        var theirs = new SqliteCatalog(other);
        async Task Write(SqliteDatabase database, SqliteCatalog catalog, int parity)
        {
            for (int at = parity; at < 100; at += 2)
            {
                // Pairs share their order key across the processes.
                await database.WriteAsync((_, transaction) =>
                {
                    catalog.Put(transaction, A.Entry(A.Id(at / 2, at % 2), "word"));
                    return true;
                }, Cancellation);
            }
        }

        await Task.WhenAll(Task.Run(() => Write(_database, _catalog, 0), Cancellation), Task.Run(() => Write(other, theirs, 1), Cancellation));
        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(at => A.Id(at / 2, at % 2)), Found("word"));
    }

    private string Dump()
    {
        using var connection = _database.OpenReader();
        return CatalogDump.Of(connection);
    }

    private int Segments()
    {
        using var connection = _database.OpenReader();
        return (int)(long)Execute(connection, "SELECT count(DISTINCT segid) FROM catalog_fts_idx")!;
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private bool Holds(string mark)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(mark);
        return _folder.GetFiles().Any(file => File.ReadAllBytes(file.FullName).AsSpan().IndexOf(wanted) >= 0);
    }
}
