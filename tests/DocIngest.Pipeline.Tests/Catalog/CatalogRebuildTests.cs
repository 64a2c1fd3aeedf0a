using System.Text;
using CsCheck;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Tests.Catalog;

public sealed class CatalogRebuildTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("docingest-rebuild-");
    private readonly SqliteDatabase _database;
    private readonly SqliteCatalog _catalog;
    private readonly CatalogRebuild _rebuild;

    public CatalogRebuildTests()
    {
        _database = SqliteDatabase.Open(FilePath("docingest.db"));
        _catalog = new SqliteCatalog(_database);
        _rebuild = Rebuild(_database);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_rebuilt_catalog_is_equal_byte_by_byte_whatever_the_order()
    {
        CatalogEntry[] entries = Entries(200);
        foreach (var group in entries.Chunk(7))
        {
            await PutAsync(group);
        }

        // Some were filed before they reached their head, as in life.
        string before = Dump(_database);
        var random = new Random(3);
        for (int round = 0; round < 3; round++)
        {
            random.Shuffle(entries);
            var told = new List<long>();
            var summary = await _rebuild.RunAsync(Stream(entries), new Told(told), Cancellation);
            Assert.Equal(new RebuildSummary(entries.Length, 0, entries.Length), summary);
            Assert.Equal(entries.Length, told[^1]);
            Assert.Equal(before, Dump(_database));
        }
    }

    [Fact]
    public Task Whatever_was_put_and_removed_a_rebuild_from_what_is_left_is_equal() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3], Gen.Int[1, 3], Gen.Int[0, 3]).Array[1, 30].SampleAsync(async steps =>
        {
            var archive = new Dictionary<RecordId, CatalogEntry>();
            using var database = SqliteDatabase.Open(FilePath($"{Guid.NewGuid():N}.db"));
            var catalog = new SqliteCatalog(database);
            foreach (var (instant, tail, version, action) in steps)
            {
                var id = A.Id(instant / 3, tail + ((long)(instant % 3) << 53));
                await database.WriteAsync((_, transaction) =>
                {
                    if (action == 0)
                    {
                        catalog.Remove(transaction, id);
                        archive.Remove(id);
                    }
                    else if (!archive.TryGetValue(id, out var held) || held.Head <= version)
                    {
                        var entry = A.Entry(id, $"text {action} of {version}", version).Fields(("version", $"{version}"));
                        catalog.Put(transaction, entry);
                        archive[id] = entry;
                    }

                    return true;
                }, Cancellation);
            }

            string before = Dump(database);
            await Rebuild(database).RunAsync(Stream([.. archive.Values.Reverse()]), null, Cancellation);
            Assert.Equal(before, Dump(database));
        }, iter: 25, threads: 1);

    [Fact]
    public async Task Find_show_and_history_answer_the_same_after_a_rebuild()
    {
        CatalogEntry[] entries = Entries(60);
        await PutAsync(entries);
        string Answers() => string.Join('\n', new FindQuery[] { new(), new() { Text = "word*" }, new() { Text = "word3", Rank = true }, new() { Fields = [new("box", "1")] } }
            .SelectMany(query => _catalog.Find(query, Cancellation))
            .Select(found => $"{found.Id} {found.Version} {found.Snippet} {found.Score} {_catalog.Show(found.Id)} {string.Join(',', _catalog.History(found.Id))} {_catalog.Text(found.Id)}"));
        string before = Answers();
        await _rebuild.RunAsync(Stream([.. entries.Reverse()]), null, Cancellation);
        Assert.Equal(before, Answers());
    }

    [Fact]
    public async Task What_others_do_meanwhile_is_not_lost()
    {
        CatalogEntry[] entries = Entries(30);
        await PutAsync(entries);
        using var other = SqliteDatabase.Open(FilePath("docingest.db"));
        var theirs = new SqliteCatalog(other);
        var early = entries[2].Record.Id;
        var late = entries[27].Record.Id;
        CatalogEntry[] after =
        [
            A.Entry(A.Id(-5), "filed while the rebuild ran"),
            A.Entry(A.Id(900_000), "filed while the rebuild ran"),
            A.Entry(early, "amended after it was read", version: 9),
            A.Entry(late, "amended before it was read", version: 9),
            A.Entry(entries[28].Record.Id, "read by OCR in place", entries[28].Head),
        ];

        async IAsyncEnumerable<CatalogEntry> Meanwhile()
        {
            for (int at = 0; at < entries.Length; at++)
            {
                if (at == 15)
                {
                    await other.WriteAsync((_, transaction) =>
                    {
                        theirs.Put(transaction, after);
                        theirs.Remove(transaction, entries[3].Record.Id);
                        theirs.Remove(transaction, entries[26].Record.Id);
                        theirs.Remove(transaction, entries[25].Record.Id);
                        return true;
                    }, Cancellation);
                    await other.WriteAsync((_, transaction) =>
                    {
                        theirs.Put(transaction, entries[25]);   // removed by mistake and put back
                        return true;
                    }, Cancellation);
                }

                yield return entries[at];
            }
        }

        var summary = await _rebuild.RunAsync(Meanwhile(), null, Cancellation);
        Assert.Equal(30, summary.Records);
        Assert.Equal(4, summary.Superseded);
        Assert.Null(_catalog.Show(entries[3].Record.Id));
        Assert.Null(_catalog.Show(entries[26].Record.Id));
        Assert.Equal("amended after it was read", _catalog.Text(early));
        Assert.Equal("amended before it was read", _catalog.Text(late));

        // What is there now, put into a new catalog one by one, is the same catalog.
        var expected = entries.Where((_, at) => at is not (2 or 3 or 26 or 27 or 28)).Concat(after).ToArray();
        using var fresh = SqliteDatabase.Open(FilePath("fresh.db"));
        foreach (var entry in expected)
        {
            await fresh.WriteAsync((_, transaction) =>
            {
                new SqliteCatalog(fresh).Put(transaction, entry);
                return true;
            }, Cancellation);
        }

        Assert.Equal(Dump(fresh), Dump(_database));
    }

    [Fact]
    public async Task The_old_catalog_answers_until_the_new_one_is_whole()
    {
        await PutAsync(Entries(10));
        async IAsyncEnumerable<CatalogEntry> Watched()
        {
            foreach (var entry in Entries(20))
            {
                Assert.Equal(10, _catalog.Count());
                Assert.Equal(10, _catalog.Find(new FindQuery { Text = "word*" }, Cancellation).Count());
                yield return entry;
                await Task.Yield();
            }
        }

        await _rebuild.RunAsync(Watched(), null, Cancellation);
        Assert.Equal(20, _catalog.Count());
    }

    [Fact]
    public async Task A_rebuild_that_fails_leaves_the_old_catalog_and_nobody_writes_twice()
    {
        await PutAsync(Entries(10));
        string before = Dump(_database);
        static async IAsyncEnumerable<CatalogEntry> Failing()
        {
            foreach (var entry in Entries(8))
            {
                yield return entry;
            }

            await Task.Yield();
            throw new InvalidTimeZoneException();
        }

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _rebuild.RunAsync(Failing(), null, Cancellation));
        Assert.Equal(before, Dump(_database));
        Assert.Equal(0L, Scalar(_database, "SELECT count(*) FROM catalog_rebuild"));
        await _rebuild.SweepAsync(Cancellation);
        Assert.Empty(Leftovers(_database));
    }

    [Fact]
    public async Task A_crash_in_the_middle_leaves_the_old_catalog_and_the_next_rebuild_sweeps()
    {
        CatalogEntry[] entries = Entries(20);
        await PutAsync(entries);
        string before = Dump(_database);
        async IAsyncEnumerable<CatalogEntry> Photographed()
        {
            for (int at = 0; at < entries.Length; at++)
            {
                if (at == 12)
                {
                    CopyFiles("docingest.db", "crashed.db");   // as a power cut would leave them
                }

                yield return entries[at];
                await Task.Yield();
            }
        }

        await _rebuild.RunAsync(Photographed(), null, Cancellation);
        using var crashed = SqliteDatabase.Open(FilePath("crashed.db"));
        Assert.Equal(1L, Scalar(crashed, "SELECT count(*) FROM catalog_rebuild"));
        Assert.NotEmpty(Leftovers(crashed));
        Assert.Equal(before, Dump(crashed));

        // Writers go on, to both sets, until somebody sweeps.
        var entry = A.Entry(A.Id(70_000), "after the crash");
        await crashed.WriteAsync((_, transaction) =>
        {
            new SqliteCatalog(crashed).Put(transaction, entry);
            return true;
        }, Cancellation);
        Assert.Equal(1L, Scalar(crashed, $"SELECT count(*) FROM rebuild_records WHERE id = '{entry.Record.Id.ToBareString()}'"));
        string after = Dump(crashed);
        await Rebuild(crashed).RunAsync(Stream([.. entries, entry]), null, Cancellation);
        Assert.Equal(after, Dump(crashed));
        Assert.Empty(Leftovers(crashed));
    }

    [Fact]
    public async Task A_crash_right_after_the_swap_leaves_the_new_catalog_and_the_old_is_swept()
    {
        await PutAsync(Entries(10));
        await _database.WriteAsync((_, transaction) =>
        {
            CatalogTables.CreateShadow(transaction);
            CatalogTables.Swap(transaction);
            return true;
        }, Cancellation);
        Assert.Equal(0, _catalog.Count());
        Assert.NotEmpty(Leftovers(_database));
        await _rebuild.RunAsync(Stream(Entries(10)), null, Cancellation);
        Assert.Empty(Leftovers(_database));
        Assert.Equal(10, _catalog.Count());
    }

    [Fact]
    public async Task What_must_follow_the_new_catalog_comes_with_it_or_neither_does()
    {
        await PutAsync(Entries(3));
        string before = Dump(_database);
        long seen = 0;
        var failing = new CatalogRebuildOptions
        {
            WithSwap = transaction =>
            {
                seen = (long)(new SqliteCommand("SELECT count(*) FROM catalog_records", transaction.Connection, transaction).ExecuteScalar() ?? 0L);
                throw new InvalidOperationException("the other table's own fault");
            },
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => new CatalogRebuild(_database, failing).RunAsync(Stream(Entries(8)), null, Cancellation));
        Assert.Equal(8, seen);
        Assert.Equal(before, Dump(_database));
    }

    [Fact]
    public async Task The_later_of_two_rebuilds_wins_and_the_earlier_says_so()
    {
        await PutAsync(Entries(4));
        async IAsyncEnumerable<CatalogEntry> Overtaken()
        {
            yield return Entries(1)[0];
            await _rebuild.RunAsync(Stream(Entries(6)), null, Cancellation);
            foreach (var entry in Entries(20))
            {
                yield return entry;
            }
        }

        await Assert.ThrowsAsync<CatalogRebuildTakenOverException>(() => _rebuild.RunAsync(Overtaken(), null, Cancellation));
        Assert.Equal(6, _catalog.Count());
    }

    [Fact]
    public async Task Other_tables_are_untouched_and_nothing_is_left_over()
    {
        await _database.WriteAsync((_, transaction) =>
        {
            CatalogTables.Execute(transaction, "CREATE TABLE ledger_of_a_test (id TEXT PRIMARY KEY, catalog_note TEXT)");
            CatalogTables.Execute(transaction, "CREATE INDEX ledger_of_a_test_note ON ledger_of_a_test (catalog_note)");
            CatalogTables.Execute(transaction, "INSERT INTO ledger_of_a_test VALUES ('a', 'b')");
            return true;
        }, Cancellation);
        const string Others = "SELECT group_concat(name || sql, ';') FROM (SELECT * FROM sqlite_schema WHERE tbl_name NOT LIKE 'catalog!_%' ESCAPE '!' ORDER BY name)";
        var schema = Scalar(_database, Others);
        await _rebuild.RunAsync(Stream(Entries(5)), null, Cancellation);
        Assert.Equal(schema, Scalar(_database, Others));
        Assert.Equal("b", Scalar(_database, "SELECT catalog_note FROM ledger_of_a_test"));
        Assert.Empty(Leftovers(_database));
    }

    [Fact]
    public async Task Indexes_and_settings_survive_every_rebuild()
    {
        const string Indexes = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'catalog!_%' ESCAPE '!'";
        const string Settings = "SELECT group_concat(k || v, ';') FROM (SELECT k, v FROM catalog_fts_config WHERE k IN ('secure-delete', 'crisismerge') ORDER BY k)";
        const string Segments = "SELECT count(DISTINCT segid) FROM catalog_fts_idx";
        var indexes = Scalar(_database, Indexes);
        var settings = Scalar(_database, Settings);
        Assert.Equal(5L, indexes);
        for (int round = 0; round < 4; round++)
        {
            await _rebuild.RunAsync(Stream(Entries(5)), null, Cancellation);
            Assert.Equal(indexes, Scalar(_database, Indexes));
            Assert.Equal(settings, Scalar(_database, Settings));
            Assert.Equal(1L, Scalar(_database, Segments));
            Assert.Equal(0L, Scalar(_database, "SELECT count(*) FROM catalog_fts_config WHERE k = 'automerge' AND v <> 4"));
        }
    }

    [Fact]
    public async Task A_rebuild_leaves_no_trace_of_what_is_no_longer_archived()
    {
        const string Mark = "zzqxmarkedword";
        CatalogEntry[] entries = Entries(50);
        await PutAsync([.. entries, A.Entry(A.Id(500), Mark).Fields(("name", Mark))]);
        var maintenance = new CatalogMaintenance(_database, TimeProvider.System);
        Assert.True(maintenance.TryEmptyLog());
        Assert.True(Holds(Mark));
        await _rebuild.RunAsync(Stream(entries), null, Cancellation);
        Assert.True(maintenance.TryEmptyLog());
        Assert.False(Holds(Mark));

        await PutAsync(A.Entry(A.Id(500), Mark));
        await _database.WriteAsync((_, transaction) => _catalog.Remove(transaction, A.Id(500)), Cancellation);
        Assert.True(maintenance.TryEmptyLog());
        Assert.False(Holds(Mark));
    }

    // Every third shares its order key with the one before; heads differ.
    private static CatalogEntry[] Entries(int count) =>
    [
        .. Enumerable.Range(0, count).Select(at => A
            .Entry(A.Id(at - (at % 3 == 2 ? 1 : 0), at), $"word{at % 5} word{at % 7} text of {at}", 1 + (at % 3))
            .Fields(("box", $"{at % 4}"), ("number", $"{at}"))),
    ];

    private static async IAsyncEnumerable<CatalogEntry> Stream(CatalogEntry[] entries)
    {
        foreach (var entry in entries)
        {
            yield return entry;
            await Task.Yield();
        }
    }

    private static CatalogRebuild Rebuild(SqliteDatabase database) => new(database, new CatalogRebuildOptions { BatchRecords = 4 });

    private static string Dump(SqliteDatabase database)
    {
        using var connection = database.OpenReader();
        return CatalogDump.Of(connection);
    }

    private static object? Scalar(SqliteDatabase database, string sql)
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static string[] Leftovers(SqliteDatabase database)
    {
        using var connection = database.OpenReader();
        using var command = new SqliteCommand("SELECT name FROM sqlite_schema WHERE tbl_name LIKE 'rebuild!_%' ESCAPE '!' OR tbl_name LIKE 'discarded!_%' ESCAPE '!'", connection);
        using var rows = command.ExecuteReader();
        var names = new List<string>();
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return [.. names];
    }

    private Task<bool> PutAsync(params CatalogEntry[] entries) => _database.WriteAsync((_, transaction) =>
    {
        _catalog.Put(transaction, entries);
        return true;
    }, Cancellation);

    private string FilePath(string name) => Path.Combine(_folder.FullName, name);

    private void CopyFiles(string from, string to)
    {
        foreach (string suffix in new[] { "", "-wal" })
        {
            File.Copy(FilePath(from) + suffix, FilePath(to) + suffix);
        }
    }

    private bool Holds(string mark) =>
        new[] { "docingest.db", "docingest.db-wal" }.Any(name => File.ReadAllBytes(FilePath(name)).AsSpan().IndexOf(Encoding.ASCII.GetBytes(mark)) >= 0);

    private sealed class Told(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
