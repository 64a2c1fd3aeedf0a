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

/// <summary>
/// Two records with a mark in every name, word and value are taken in among others, destroyed and forgotten. Then every file of the data folder but the
/// archive, and of the feedback folder, is searched for the mark and for digests of their files.
/// </summary>
public sealed class When_a_record_is_forgotten : IDisposable
{
    private const string Mark = "zqxmark";
    private const string Feedback = "/volume/feedback";
    private const string Sidecar = $$"""{ "documentKey": "{{Mark}}-key", "fields": { "patientName": "{{Mark}} Doe", "case": "{{Mark}}-4711" } }""";

    private static readonly byte[] Pdf = A.Pdf().WithTextLayer($"{Mark} text").ToBytes();
    private static readonly byte[] Image = A.Png().ToBytes();

    private readonly IngestWorld _world = new();

    public When_a_record_is_forgotten()
    {
        _world.Volume.FolderAt("feedback");
        _world.Profile.FeedbackFolder = Feedback;
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Reader = new MarkedReader(_world);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Nothing_outside_the_archive_tells_of_it_any_more()
    {
        var due = await FileAllAsync();
        AssertMarked("catalog/docingest.db", "receipts/", "thumbnails/", "feedback/receipts-");

        Assert.Equal(new ForgettingResult(4, []).Scans, (await DestroyAndForgetAsync(due)).Scans);
        AssertNothingTells("forgotten");

        await _world.DumpAndRebuildAsync();
        AssertNothingTells("rebuilt");
        Assert.Equal(30, _world.Records().Count);
        await _world.RunAsync();   // as the service goes on
        AssertNothingTells("at work again");
    }

    [Fact]
    public async Task The_same_file_is_filed_as_something_new()
    {
        var due = await FileAllAsync();
        await DestroyAndForgetAsync(due);

        PutMarked();
        await _world.RunAsync();

        Assert.Equal(["filed", "filed"], _world.Reports.Select(report => report.Outcome));
        Assert.Empty(_world.Reports.Select(report => report.Id).Intersect(due.Select(id => id.ToString())));
        Assert.All(_world.Records().Where(record => record.FileName.Contains(Mark, StringComparison.Ordinal)), record => Assert.Empty(record.Twins));
        Assert.Equal([], _world.Ask(connection => due.SelectMany(id => ScanTable.Arrivals(connection, id)).ToList()));
    }

    [Fact]
    public async Task Ids_counts_and_receipts_add_up_as_before()
    {
        var due = await FileAllAsync();
        var before = _world.Counts();
        long receipts = _world.Ask(connection => ReceiptTable.Totals(connection).Count);
        var lines = Lines();

        await DestroyAndForgetAsync(due);

        Assert.Equal(before, _world.Counts());
        Assert.Equal(receipts, _world.Ask(connection => ReceiptTable.Totals(connection).Count));
        Assert.Equal(lines.Where(line => !line.Contains(Mark, StringComparison.Ordinal)), Lines().Where(line => !line.Contains("(destroyed)", StringComparison.Ordinal)));
        Assert.Equal(5, Lines().Count(line => line.Contains("(destroyed)", StringComparison.Ordinal)));   // refused and accepted are two
        Assert.Equal(Lines().Count, receipts);
        _world.Put("later.pdf", IngestWorld.Document("later"));
        await _world.RunAsync();
        Assert.Equal(receipts + 1, Lines().Count);
    }

    [Fact]
    public async Task Forgetting_again_changes_nothing()
    {
        var due = await FileAllAsync();
        await DestroyAndForgetAsync(due);
        var lines = Lines();

        Assert.Equal(4, (await DestroyAndForgetAsync(due)).Scans);

        Assert.Equal(lines, Lines());
        AssertNothingTells("again");
    }

    [Fact]
    public async Task At_any_operation_the_power_may_go_and_it_is_forgotten_in_the_end()
    {
        bool fired = true;
        int n = 0;
        for (; fired; n += 2)
        {
            using var world = new When_a_record_is_forgotten();
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
            world._world.Volume.PowerCut(n % 4 == 0 ? PowerCutChoice.KeepNothing : PowerCutChoice.KeepAll);
            await world._world.RunAsync();
            await world.DestroyAndForgetAsync(due);
            world.AssertNothingTells($"cut at {n}");
            Assert.Empty(world._world.Data.List(DataFolder.Staging));
        }

        Assert.True(n > 30, $"only {n} operations were tried");
    }

    [Fact]
    public async Task A_feedback_folder_that_is_away_is_told_and_forgets_later()
    {
        var due = await FileAllAsync();
        bool isAway = true;
        _world.Wrap = folder => new ForbiddingFolder(folder, path => isAway && path.StartsWith("receipts-", StringComparison.Ordinal));

        Assert.Equal(["default"], (await DestroyAndForgetAsync(due)).UntoldProfiles);
        Assert.All(Marked(), name => Assert.StartsWith("feedback/", name, StringComparison.Ordinal));

        isAway = false;
        Assert.Empty((await DestroyAndForgetAsync(due)).UntoldProfiles);
        AssertNothingTells("back");
    }

    [Fact]
    public async Task A_record_that_the_archive_has_still_is_not_forgotten()
    {
        var due = await FileAllAsync();
        await _world.RunWithEnvironmentAsync((environment, _) =>
            Assert.ThrowsAsync<InvalidOperationException>(() => new RecordForgetting(environment).ForgetAsync(due, Cancellation)));
        Assert.NotEmpty(Marked());
    }

    [Fact]
    public async Task Rows_that_moved_between_pages_leave_nothing_behind()
    {
        var random = new Random(11);
        var due = new List<RecordId>();
        using (var database = _world.OpenDatabase())
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
                        string word = isDue ? Mark : "other";
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

        Assert.NotEmpty(Marked());
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await new RecordForgetting(environment).ForgetAsync(due, Cancellation);
            Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
        });
        AssertNothingTells("scoured");
    }

    [Fact]
    public async Task What_a_rebuild_has_read_before_does_not_come_back()
    {
        var due = await FileAllAsync(others: 3);
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
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
                    damage => Assert.Fail(damage.Message), null,
                    async _ =>
                    {
                        if (--left == 0)
                        {
                            await ForgetAsync(environment, due);
                            Assert.Equal(ScouringResult.RebuildRuns, await new RecordForgetting(environment).ScourAsync(Cancellation));
                        }
                    },
                    Cancellation);
            }

            Assert.Equal(0, left);
            Assert.Equal(0, await HeadsAsync(environment, due));
            Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
        });
        AssertNothingTells("rebuilt meanwhile");
    }

    [Fact]
    public async Task A_duplicate_decided_before_the_record_was_destroyed_is_filed_as_new()
    {
        var due = await FileAllAsync(others: 1);
        PutMarked();
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            bool isDone = false;
            var late = environment with
            {
                Locks = new HookedLocks(environment.Locks, async () =>
                {
                    if (!isDone)
                    {
                        isDone = true;
                        await ForgetAsync(environment, due);   // between the decision and the lock
                    }
                }),
            };
            var reports = new List<ScanReport>();
            await new IngestSession(late).TakeInAsync([IngestWorld.DropPath], _world.Profile.Name, removesSource: true, reports.Add, Cancellation);
            Assert.True(isDone);
            Assert.Equal(["filed", "filed"], reports.Select(report => report.Outcome));
        });
        Assert.Equal(3, _world.Records().Count);
    }

    [Fact]
    public async Task A_record_is_busy_while_something_about_it_is_open()
    {
        _world.Profile.KeepSource = "7.00:00:00";
        _world.Put("kept.pdf", IngestWorld.Document("kept"));
        await _world.RunAsync();
        var kept = RecordId.Parse(Assert.Single(_world.Reports).Id ?? "");
        Assert.Equal([OpenWork.Source], await WorkOnAsync(kept));

        _world.Profile.KeepSource = "none";
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.RunAsync();
        var id = RecordId.Parse(_world.Reports.Single(report => report.Outcome == "filed").Id ?? "");
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
            using var database = _world.OpenDatabase();
            using var connection = database.OpenReader();
            connection.Execute(sql, new { bare, kept = kept.ToBareString() });
        }
    }

    [Fact]
    public async Task Files_that_were_never_ours_to_remove_are_told_and_keep_nobody_waiting()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.RunAsync((session, cancellation) => session.TakeInAsync([IngestWorld.DropPath], _world.Profile.Name, removesSource: false, _ => { }, cancellation));
        var id = Assert.Single(_world.Records()).Id;
        await _world.RunWithEnvironmentAsync((environment, _) =>
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
        var due = await FileAllAsync(others: 1);
        await Assert.ThrowsAsync<PowerCutException>(() => DestroyAndForgetAsync(due, new FaultPlan(7, FaultKind.PowerCut)));
        _world.Volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Contains(_world.Data.List(DataFolder.Staging), entry => entry.Name.StartsWith(".destroyed-", StringComparison.Ordinal));

        await _world.RunAsync();

        Assert.Empty(_world.Data.List(DataFolder.Staging));
        Assert.Empty(OcflCheck.Validate(_world.Data, DataFolder.Archive));
    }

    private async Task<IReadOnlyList<RecordId>> FileAllAsync(int others = 30)
    {
        PutOthers(0, others / 2);
        await _world.RunAsync();
        PutMarked();
        _world.Put($"{Mark} refused.dat", Encoding.UTF8.GetBytes($"{Mark} no document"));
        await _world.RunAsync();
        List<RecordId> due = [.. _world.Reports.Where(report => report.Outcome == "filed").Select(report => RecordId.Parse(report.Id ?? ""))];
        await _world.ResumeQuarantinedAsync(_world.Ask(connection => QuarantineTable.List(connection).Single().ScanId), accept: true);
        due.Add(RecordId.Parse(Assert.Single(_world.Reports).Id ?? ""));
        _world.Put($"{Mark} again.pdf", Pdf);
        _world.Put($"{Mark} again.pdf.json", Encoding.UTF8.GetBytes(Sidecar));
        PutOthers(others / 2, others);
        await _world.RunAsync();
        Assert.Contains(_world.Reports, report => report.Outcome == "duplicate");
        PutThumbnail(Pdf);
        return due;
    }

    private void PutMarked()
    {
        _world.Put($"{Mark} Müller.pdf", Pdf);
        _world.Put($"{Mark} Müller.pdf.json", Encoding.UTF8.GetBytes(Sidecar));
        _world.Drop.CreateFolder($"{Mark} ward");
        _world.Put($"{Mark} ward/{Mark}.png", Image);
    }

    private void PutOthers(int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            _world.Put($"other {number}.pdf", IngestWorld.Document($"other {number}"));
            _world.Put($"other {number}.pdf.json", Encoding.UTF8.GetBytes($$"""{ "documentKey": "key-{{number}}", "fields": { "patientName": "Other {{number}}" } }"""));
        }
    }

    private void PutThumbnail(byte[] original)
    {
        string path = DataFolder.ThumbnailOf(Sha512Digest.Of(original));
        _world.Data.CreateFolder(path[..path.LastIndexOf('/')]);
        using var file = _world.Data.Create(path);
        file.Write(Encoding.UTF8.GetBytes(Mark));
    }

    private async Task<ForgettingResult> DestroyAndForgetAsync(IReadOnlyList<RecordId> due, FaultPlan? plan = null)
    {
        ForgettingResult? result = null;
        await _world.RunWithEnvironmentAsync(
            async (environment, _) =>
            {
                result = await ForgetAsync(environment, due);
                Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
            },
            plan);
        return Assert.IsType<ForgettingResult>(result);
    }

    private static async Task<ForgettingResult> ForgetAsync(IngestEnvironment environment, IReadOnlyList<RecordId> due)
    {
        var forgetting = new RecordForgetting(environment);
        foreach (string id in due.Select(record => record.ToString()))
        {
            var outcome = await environment.Archive.DestroyAsync(id, environment.Archive.Measure(id)?.InventoryDigest ?? default, cancellation: Cancellation);
            Assert.True(outcome is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone);
        }

        return await forgetting.ForgetAsync(due, Cancellation);
    }

    private async Task<IReadOnlyList<OpenWork>> WorkOnAsync(RecordId record)
    {
        IReadOnlyList<OpenWork> open = [];
        await _world.RunWithEnvironmentAsync((environment, _) =>
        {
            open = new RecordForgetting(environment).WorkOn(record).Open;
            return Task.CompletedTask;
        });
        return open;
    }

    private static Task<int> HeadsAsync(IngestEnvironment environment, IReadOnlyList<RecordId> due)
    {
        using var connection = environment.Database.OpenReader();
        return Task.FromResult(due.Count(record => HeadTable.Exists(connection, record)));
    }

    private List<string> Lines() =>
        [.. _world.Data.List(DataFolder.Receipts).SelectMany(file => IngestWorld.ReadText(_world.Data, $"{DataFolder.Receipts}/{file.Name}").Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    private void AssertNothingTells(string when) => Assert.True(Marked().Count == 0, $"{when}: {string.Join(", ", Marked())}");

    private void AssertMarked(params string[] beginnings) =>
        Assert.All(beginnings, beginning => Assert.Contains(Marked(), name => name.StartsWith(beginning, StringComparison.Ordinal)));

    /// <summary>The files that tell of the marked records, by name or content.</summary>
    private List<string> Marked() =>
        [.. Files().Where(file => TellsOf(Encoding.UTF8.GetBytes(file.Name)) || TellsOf(file.Content)).Select(file => file.Name)];

    private IEnumerable<(string Name, byte[] Content)> Files() =>
        Below(_world.Data, "").Where(file => !file.Name.StartsWith($"{DataFolder.Archive}/", StringComparison.Ordinal))
            .Concat(Below(_world.Volume.FolderAt("feedback"), "").Select(file => ($"feedback/{file.Name}", file.Content)))
            .Concat(_world.DatabaseFiles().Select(file => ($"{DataFolder.Catalog}/{file.Name}", file.Content)));

    private static IEnumerable<(string Name, byte[] Content)> Below(IDurableFolder folder, string path)
    {
        foreach (var entry in folder.List(path).ToList())
        {
            string child = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.Kind == EntryKind.Folder)
            {
                foreach (var below in Below(folder, child))
                {
                    yield return below;
                }
            }
            else
            {
                using var file = folder.OpenRead(child);
                using var whole = new MemoryStream();
                file.CopyTo(whole);
                yield return (child, whole.ToArray());
            }
        }
    }

    // In any case, in UTF-8 and in UTF-16 of either order, digests as text and as bytes.
    private static bool TellsOf(byte[] content)
    {
        byte[] lower = [.. content.Select(one => one is >= (byte)'A' and <= (byte)'Z' ? (byte)(one | 0x20) : one)];
        return Traces().Any(trace => lower.AsSpan().IndexOf(trace) >= 0) || DigestBytes().Any(digest => content.AsSpan().IndexOf(digest) >= 0);
    }

    private static IEnumerable<byte[]> Traces() =>
    [
        Encoding.UTF8.GetBytes(Mark), Encoding.Unicode.GetBytes(Mark), Encoding.BigEndianUnicode.GetBytes(Mark),
        .. new[] { Pdf, Image }.Select(bytes => Encoding.UTF8.GetBytes(Sha512Digest.Of(bytes).Hex)),
    ];

    private static IEnumerable<byte[]> DigestBytes() => new[] { Pdf, Image }.Select(bytes => Convert.FromHexString(Sha512Digest.Of(bytes).Hex));

    /// <summary>Finds the mark in every document that is marked.</summary>
    private sealed class MarkedReader(IngestWorld world) : IExtractor
    {
        public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            var plain = await new PlainReader().ExtractAsync(request, cancellation);
            long sizeBytes = world.Data.Find(request.FilePath[(IngestWorld.DataPath.Length + 1)..])?.Stamp.SizeBytes ?? 0;
            return sizeBytes == Pdf.Length || sizeBytes == Image.Length
                ? plain with
                {
                    Text = new DocumentText([new PageText(1, $"words of {Mark}word and {Mark}", TextSource.Layer)]),
                    Metadata = new Dictionary<string, string> { ["pdf:title"] = $"{Mark} title", ["pdf:author"] = $"{Mark}author" },
                }
                : plain;
        }
    }
}
