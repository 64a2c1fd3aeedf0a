using System.Text;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Pipeline.Tests.Intake;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Disposition;

/// <summary>Marked records are taken in among others, destroyed and forgotten. Then every file that may tell of them is searched for the mark.</summary>
public sealed class When_a_record_is_forgotten : IDisposable
{
    private readonly MarkedRecords _due = new();

    private IngestWorld World => _due.World;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _due.Dispose();

    [Fact]
    public async Task Nothing_outside_the_archive_tells_of_it_any_more()
    {
        var due = await _due.FileAllAsync();
        _due.AssertMarked("catalog/docingest.db", "receipts/", "thumbnails/", "feedback/receipts-");

        Assert.Equal(new ForgettingResult(4, []).Scans, (await _due.DestroyAndForgetAsync(due)).Scans);
        _due.AssertNothingTells("forgotten");

        await World.DumpAndRebuildAsync();
        _due.AssertNothingTells("rebuilt");
        Assert.Equal(30, World.Records().Count);
        await World.RunAsync();   // as the service goes on
        _due.AssertNothingTells("at work again");
    }

    [Fact]
    public async Task The_same_file_is_filed_as_something_new()
    {
        var due = await _due.FileAllAsync();
        await _due.DestroyAndForgetAsync(due);

        _due.PutMarked();
        await World.RunAsync();

        Assert.Equal(["filed", "filed"], World.Reports.Select(report => report.Outcome));
        Assert.Empty(World.Reports.Select(report => report.Id).Intersect(due.Select(id => id.ToString())));
        Assert.All(World.Records().Where(record => record.FileName.Contains(MarkedRecords.Mark, StringComparison.Ordinal)), record => Assert.Empty(record.Twins));
        Assert.Equal([], World.Ask(connection => due.SelectMany(id => ScanTable.Arrivals(connection, id)).ToList()));
    }

    [Fact]
    public async Task Ids_counts_and_receipts_add_up_as_before()
    {
        var due = await _due.FileAllAsync();
        var before = World.Counts();
        long receipts = World.Ask(connection => ReceiptTable.Totals(connection).Count);
        var lines = _due.Lines();

        await _due.DestroyAndForgetAsync(due);

        Assert.Equal(before, World.Counts());
        Assert.Equal(receipts, World.Ask(connection => ReceiptTable.Totals(connection).Count));
        Assert.Equal(lines.Where(line => !line.Contains(MarkedRecords.Mark, StringComparison.Ordinal)), _due.Lines().Where(line => !line.Contains("(destroyed)", StringComparison.Ordinal)));
        Assert.Equal(5, _due.Lines().Count(line => line.Contains("(destroyed)", StringComparison.Ordinal)));   // refused and accepted are two
        Assert.Equal(_due.Lines().Count, receipts);
        World.Put("later.pdf", IngestWorld.Document("later"));
        await World.RunAsync();
        Assert.Equal(receipts + 1, _due.Lines().Count);
    }

    [Fact]
    public async Task Forgetting_again_changes_nothing()
    {
        var due = await _due.FileAllAsync();
        await _due.DestroyAndForgetAsync(due);
        var lines = _due.Lines();

        Assert.Equal(4, (await _due.DestroyAndForgetAsync(due)).Scans);

        Assert.Equal(lines, _due.Lines());
        _due.AssertNothingTells("again");
    }

    [Fact]
    public async Task At_any_operation_the_power_may_go_and_it_is_forgotten_in_the_end()
    {
        bool fired = true;
        int n = 0;
        for (; fired; n += 2)
        {
            using var world = new MarkedRecords();
            var due = await world.FileAllAsync(others: 3);
            var plan = new FaultPlan(n + 1, FaultKind.PowerCut);
            try
            {
                await world.DestroyAndForgetAsync(due, plan);
            }
            catch (PowerCutException)
            {
                // As asked for.
            }

            fired = plan.Fired;
            world.World.Volume.PowerCut(n % 4 == 0 ? PowerCutChoice.KeepNothing : PowerCutChoice.KeepAll);
            await world.World.RunAsync();
            await world.DestroyAndForgetAsync(due);
            world.AssertNothingTells($"cut at {n}");
            Assert.Empty(world.World.Data.List(DataFolder.Staging));
        }

        Assert.True(n > 30, $"only {n} operations were tried");
    }

    [Fact]
    public async Task A_feedback_folder_that_is_away_is_told_and_forgets_later()
    {
        var due = await _due.FileAllAsync();
        bool isAway = true;
        World.Wrap = folder => new ForbiddingFolder(folder, path => isAway && path.StartsWith("receipts-", StringComparison.Ordinal));

        Assert.Equal(["default"], (await _due.DestroyAndForgetAsync(due)).UntoldProfiles);
        Assert.All(_due.Marked(), name => Assert.StartsWith("feedback/", name, StringComparison.Ordinal));

        isAway = false;
        Assert.Empty((await _due.DestroyAndForgetAsync(due)).UntoldProfiles);
        _due.AssertNothingTells("back");
    }

    [Fact]
    public async Task A_record_that_the_archive_has_still_is_not_forgotten()
    {
        var due = await _due.FileAllAsync();
        await World.RunWithEnvironmentAsync((environment, _) =>
            Assert.ThrowsAsync<InvalidOperationException>(() => new RecordForgetting(environment).ForgetAsync(due, Cancellation)));
        Assert.NotEmpty(_due.Marked());
    }

    [Fact]
    public async Task Rows_that_moved_between_pages_leave_nothing_behind()
    {
        var random = new Random(11);
        var due = new List<RecordId>();
        using (var database = World.OpenDatabase())
        {
            var catalog = new SqliteCatalog(database);
            var ids = new RecordIdSource(TimeProvider.System);
            for (int group = 0; group < 40; group++)
            {
                await database.WriteAsync((_, transaction) =>
                {
                    for (int at = 0; at < 25; at++)
                    {
                        bool isDue = random.Next(8) == 0;
                        string word = isDue ? MarkedRecords.Mark : "other";
                        var id = ids.Draw();
                        string text = string.Join(' ', Enumerable.Range(0, random.Next(5, 400)).Select(_ => $"{word}{random.Next(5000)}"));
                        catalog.Put(transaction, Catalog.A.Fields(
                            Catalog.A.Entry(id, text), ("name", $"{word}{random.Next()}"), ("case", $"{random.Next()}{word}")));
                        due.AddRange(Enumerable.Repeat(id, isDue ? 1 : 0));
                    }

                    return true;
                }, Cancellation);
            }
        }

        Assert.NotEmpty(_due.Marked());
        await World.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await new RecordForgetting(environment).ForgetAsync(due, Cancellation);
            Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
        });
        _due.AssertNothingTells("scoured");
    }

    [Fact]
    public async Task What_a_rebuild_has_read_before_does_not_come_back()
    {
        var due = await _due.FileAllAsync(others: 3);
        await World.RunWithEnvironmentAsync(async (environment, _) =>
        {
            // Met somewhere among the records: what was read before the last of them is forgotten behind the rebuild's back.
            int left = 8;
            for (int number = 0; number < left; number++)
            {
                var content = new Dictionary<string, ReadOnlyMemory<byte>> { ["a"] = new byte[] { 1 } };
                await environment.SystemObjects.ChangeAsync(new SystemObjectName($"test:{number}"), _ => new SystemObjectChange("Made", content), Cancellation);
            }

            using (environment.Locks.TryAcquire(CatalogRebuild.LockName))
            {
                await new CatalogFromArchive(environment.Database, environment.Archive, TimeProvider.System).RebuildAsync(
                    damage => Assert.Fail(damage.Message),
                    new AfterEachBatch(() => Assert.Equal(0, Heads(environment, due))),   // before the swap, which may never come
                    async _ =>
                    {
                        if (--left == 0)
                        {
                            await MarkedRecords.ForgetAsync(environment, due);
                            Assert.Equal(ScouringResult.RebuildRuns, await new RecordForgetting(environment).ScourAsync(Cancellation));
                        }
                    },
                    Cancellation);
            }

            Assert.Equal(0, left);
            Assert.Equal(0, Heads(environment, due));
            Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
        });
        _due.AssertNothingTells("rebuilt meanwhile");
    }

    [Fact]
    public async Task A_duplicate_decided_before_the_record_was_destroyed_is_filed_as_new()
    {
        var due = await _due.FileAllAsync(others: 1);
        _due.PutMarked();
        await World.RunWithEnvironmentAsync(async (environment, _) =>
        {
            bool isDone = false;
            var late = environment with
            {
                Locks = new HookedLocks(environment.Locks, async () =>
                {
                    if (!isDone)
                    {
                        isDone = true;
                        await MarkedRecords.ForgetAsync(environment, due);   // between the decision and the lock
                    }
                }),
            };
            var reports = new List<ScanReport>();
            await new IngestSession(late).TakeInAsync([IngestWorld.DropPath], World.Profile.Name, removesSource: true, reports.Add, Cancellation);
            Assert.True(isDone);
            Assert.Equal(["filed", "filed"], reports.Select(report => report.Outcome));
        });
        Assert.Equal(3, World.Records().Count);
    }

    [Fact]
    public async Task A_record_is_busy_while_something_about_it_is_open()
    {
        World.Profile.KeepSource = "7.00:00:00";
        World.Put("kept.pdf", IngestWorld.Document("kept"));
        await World.RunAsync();
        var kept = RecordId.Parse(Assert.Single(World.Reports).Id ?? "");
        Assert.Equal([OpenWork.Source], await WorkOnAsync(kept));

        World.Profile.KeepSource = "none";
        World.Put("a.pdf", IngestWorld.Document("first"));
        await World.RunAsync();
        var id = RecordId.Parse(World.Reports.Single(report => report.Outcome == "filed").Id ?? "");
        Assert.Empty(await WorkOnAsync(id));

        string bare = id.ToBareString();
        await WhileAsync(id, OpenWork.Revision, "INSERT INTO revision (id, record_id, owner, begun_at) VALUES (@kept, @bare, 'x', 0)", "DELETE FROM revision");
        await WhileAsync(
            id, OpenWork.Stack, "INSERT INTO stack VALUES (@bare, 'fronts', @bare, 'default', 'p', 'i', 'awaited')", "DELETE FROM stack");
        await WhileAsync(
            id, OpenWork.Whole, "UPDATE catalog_records SET record = json_set(record, '$.partOf.batch', @kept) WHERE id = @bare", "UPDATE catalog_records SET record = json_remove(record, '$.partOf')");
        await WhileAsync(
            id, OpenWork.Scan, "UPDATE scan SET outcome = NULL, state = 'filing', record_id = NULL WHERE id = @kept", "UPDATE scan SET outcome = 'filed', state = 'closed', record_id = @kept WHERE id = @kept",
            also: "UPDATE scan SET identity = (SELECT identity FROM head WHERE record_id = @bare) WHERE id = @kept");

        async Task WhileAsync(RecordId record, OpenWork expected, string begin, string end, string also = "SELECT 1")
        {
            Write($"{begin}; {also}");
            Assert.Equal([expected], await WorkOnAsync(record));
            Write(end);
            Assert.Empty(await WorkOnAsync(record));
        }

        void Write(string sql)
        {
            using var database = World.OpenDatabase();
            using var connection = database.OpenReader();
            connection.Execute(sql, new { bare, kept = kept.ToBareString() });
        }
    }

    [Fact]
    public async Task Files_that_were_never_ours_to_remove_are_told_and_keep_nobody_waiting()
    {
        World.Put("a.pdf", IngestWorld.Document("first"));
        await World.RunAsync((session, cancellation) => session.TakeInAsync([IngestWorld.DropPath], World.Profile.Name, removesSource: false, _ => { }, cancellation));
        var id = Assert.Single(World.Records()).Id;
        await World.RunWithEnvironmentAsync((environment, _) =>
        {
            var work = new RecordForgetting(environment).WorkOn(id);
            Assert.False(work.IsBusy);
            Assert.Equal(1, work.SourcesOfOthers);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_start_finishes_a_destruction_that_was_cut_short()
    {
        var due = await _due.FileAllAsync(others: 1);
        await Assert.ThrowsAsync<PowerCutException>(() => _due.DestroyAndForgetAsync(due, new FaultPlan(7, FaultKind.PowerCut)));
        World.Volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Contains(World.Data.List(DataFolder.Staging), entry => entry.Name.StartsWith(".destroyed-", StringComparison.Ordinal));

        await World.RunAsync();

        Assert.Empty(World.Data.List(DataFolder.Staging));
        Assert.Empty(OcflCheck.Validate(World.Data, DataFolder.Archive));
    }

    private async Task<IReadOnlyList<OpenWork>> WorkOnAsync(RecordId record)
    {
        IReadOnlyList<OpenWork> open = [];
        await World.RunWithEnvironmentAsync((environment, _) =>
        {
            open = new RecordForgetting(environment).WorkOn(record).Open;
            return Task.CompletedTask;
        });
        return open;
    }

    private static int Heads(IngestEnvironment environment, IReadOnlyList<RecordId> due)
    {
        using var connection = environment.Database.OpenReader();
        return due.Count(record => HeadTable.Exists(connection, record));
    }

    private sealed class AfterEachBatch(Action check) : IProgress<long>
    {
        public void Report(long value) => check();
    }
}
