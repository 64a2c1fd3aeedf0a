using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;
using static DocIngest.Pipeline.Tests.Extraction.FakeWorkers;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>The parent against workers that do what they should not. Limits are small; only outcomes are asserted.</summary>
public sealed class When_a_worker_misbehaves
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(2);

    /// <summary>More than the 64 KiB that a pipe takes without a reader.</summary>
    private static readonly string TooLongForAPipe = new('x', 200_000);

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_that_answers_is_used_again()
    {
        await using var workers = new FakeWorkers(ForEach("echo x >> $D/requests", Opened(1), Page(1), Say(Result)) + "\necho ended >> $D/ends");
        for (int document = 0; document < 5; document++)
        {
            var result = await workers.ReadAsync(Test);
            Assert.Equal((TextStatus.Complete, null), (result.TextStatus, result.Note));
            Assert.Equal("words", result.Text.ToPlainText());
        }

        Assert.Single(workers.Logger.Lines, line => line.EventId == 1300);
    }

    [Fact]
    public async Task A_worker_that_dies_costs_one_retry_and_then_the_document_is_crashed()
    {
        await using var workers = new FakeWorkers("read request; echo x >> $D/tries; exit 1");
        var result = await workers.ReadAsync(Test);
        Assert.Equal((TextStatus.Crashed, PageAccount.Unknown), (result.TextStatus, result.Pages));
        Assert.Contains("exit code 1", result.Note);
        Assert.Equal(2, Lines(workers, "tries"));
    }

    [Fact]
    public async Task A_document_that_succeeds_in_the_fresh_worker_is_complete()
    {
        await using var workers = new FakeWorkers(
            $"read request\nif [ ! -e $D/once ]; then touch $D/once; exit 139; fi\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null");
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
    }

    [Fact]
    public async Task A_worker_that_dies_while_idle_costs_no_document_its_retry()
    {
        await using var workers = new FakeWorkers(
            $"echo $$ > $D/pid.tmp; mv $D/pid.tmp $D/pid\nread request\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\nsleep 0.2");
        await workers.ReadAsync(Test);
        await Processes.UntilGone(int.Parse(await File.ReadAllTextAsync(Path.Combine(workers.Folder, "pid"), Test)));
        await Processes.Until(() => workers.Logger.Lines.Any(line => line.EventId == 1306));
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
        Assert.DoesNotContain(workers.Logger.Lines, line => line.EventId == 1302);
    }

    [Fact]
    public async Task Pages_of_the_better_try_are_kept()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(5)}\n{Page(1)}\nif [ ! -e $D/once ]; then touch $D/once\n{Page(2)}\n{Page(3)}\nfi\nexit 134");
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Crashed, result.TextStatus);
        Assert.Equal(new PageAccount(5, WithText: 3, PendingOcr: 0, Blank: 0, Failed: 2), result.Pages);
        Assert.Equal([1, 2, 3], result.Text.Pages.Select(page => page.Number));
    }

    [Fact]
    public async Task Half_a_line_and_then_death_leaves_what_came_before()
    {
        await using var workers = new FakeWorkers($"read request\n{Opened(2)}\n{Page(1)}\nprintf '%s' '{{\"page\":{{\"num'\nexit 0");
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Crashed, result.TextStatus);
        Assert.Equal(new PageAccount(2, 1, 0, 0, 1), result.Pages);
    }

    [Fact]
    public async Task A_worker_that_hangs_reaches_the_stall_limit_and_keeps_its_pages()
    {
        await using var workers = new FakeWorkers($"read request\n{Opened(3)}\n{Page(1)}\nexec sleep 600", o => o with { StallLimit = Short });
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Timeout, result.TextStatus);
        Assert.Equal(1, result.Pages.WithText);
        Assert.Contains("stall limit requested=00:00:00.4", result.Note);
        Assert.Contains("granted=", result.Note);
    }

    [Fact]
    public async Task A_worker_that_is_always_busy_reaches_the_document_limit()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1_000_000)}\ni=1\nwhile true; do echo '{{\"page\":{{\"number\":'$i',\"fate\":\"Blank\",\"text\":\"\",\"source\":\"none\"}}}}'; i=$((i+1)); sleep 0.05; done",
            o => o with { DocumentLimit = Short * 2, StallLimit = Short * 2, ExternalCallLimit = Short });
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Timeout, result.TextStatus);
        Assert.Contains("bounded by the document limit", result.Note);
    }

    [Fact]
    public async Task An_announced_program_pauses_the_stall_limit()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1)}\n{Say("""{"external":{"begins":true}}""")}\nsleep 2\n{Say("""{"external":{"begins":false}}""")}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null",
            o => o with { StallLimit = Short, ExternalCallLimit = Ample });
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
    }

    [Fact]
    public async Task An_announced_program_that_does_not_end_reaches_its_own_limit()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1)}\n{Say("""{"external":{"begins":true}}""")}\nexec sleep 600",
            o => o with { StallLimit = Ample, ExternalCallLimit = Short });
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Timeout, result.TextStatus);
        Assert.Contains("external call limit", result.Note);
    }

    [Theory]
    [InlineData("garbage", "echo 'Hello, I am not JSON'")]
    [InlineData("another kind of JSON", "echo '[1,2,3]'")]
    [InlineData("two things at once", """echo '{"opened":{"pages":1},"result":{"fate":"Read","metadata":{},"tools":[],"privateBytes":1}}'""")]
    [InlineData("nothing at all", "echo '{}'")]
    [InlineData("a page before it opened", """echo '{"page":{"number":1,"fate":"Text","text":"x","source":"layer"}}'""")]
    [InlineData("a second greeting", """echo '{"hello":{"protocol":8,"confinement":"none","enforced":[],"tools":[]}}'""")]
    [InlineData("a fate there is not", """echo '{"opened":{"pages":1}}'; echo '{"page":{"number":1,"fate":77,"text":"x","source":"layer"}}'""")]
    [InlineData("a page twice", """echo '{"opened":{"pages":2}}'; echo '{"page":{"number":1,"fate":"Text","text":"x","source":"layer"}}'; echo '{"page":{"number":1,"fate":"Text","text":"x","source":"layer"}}'""")]
    [InlineData("a page too many", """echo '{"opened":{"pages":0}}'; echo '{"page":{"number":1,"fate":"Text","text":"x","source":"layer"}}'""")]
    [InlineData("a control character", """echo '{"opened":{"pages":1}}'; echo '{"page":{"number":1,"fate":"Text","text":"a\\u0007b","source":"layer"}}'""")]
    [InlineData("no text", """echo '{"opened":{"pages":1}}'; echo '{"page":{"number":1,"fate":"Text","text":null,"source":"layer"}}'""")]
    [InlineData("an end before its last page", """echo '{"opened":{"pages":3}}'; echo '{"result":{"fate":"Read","metadata":{},"tools":[],"privateBytes":1}}'""")]
    [InlineData("a hole in a list", """echo '{"opened":{"pages":0}}'; echo '{"result":{"fate":"Read","metadata":{},"tools":[null],"privateBytes":1}}'""")]
    [InlineData("a file that could be opened and could not", """echo '{"begun":true}'; echo '{"result":{"fate":"Unopened","metadata":{},"tools":[],"privateBytes":1}}'""")]
    [InlineData("a line without end", "head -c 9000000 /dev/zero | tr '\\0' 'a'")]
    public async Task An_answer_that_makes_no_sense_is_a_crash(string what, string script)
    {
        await using var workers = new FakeWorkers($"read request\n{script}\nexec sleep 600");
        var result = await workers.ReadAsync(Test);
        Assert.True(result.TextStatus == TextStatus.Crashed, what);
        Assert.Contains("made no sense", result.Note);
    }

    [Fact]
    public async Task Endless_pages_end_at_the_page_limit()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1_000_000)}\ni=1\nwhile true; do echo '{{\"page\":{{\"number\":'$i',\"fate\":\"Blank\",\"text\":\"\",\"source\":\"none\"}}}}'; i=$((i+1)); done",
            o => o with { MaxPages = 50 });
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.TooLarge, result.TextStatus);
        Assert.Equal((50, 999_950), (result.Pages.Blank, result.Pages.Failed));
    }

    [Fact]
    public async Task Endless_text_ends_at_the_text_limit_and_what_came_is_kept()
    {
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1_000_000)}\ni=1\nwhile true; do echo '{{\"page\":{{\"number\":'$i',\"fate\":\"Text\",\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaa\",\"source\":\"layer\"}}}}'; i=$((i+1)); done",
            o => o with { MaxTextChars = 1_000 });
        var result = await workers.ReadAsync(Test);
        Assert.Equal((TextStatus.TooLarge, 40), (result.TextStatus, result.Pages.WithText));
    }

    [Fact]
    public async Task A_flood_of_error_output_is_drained()
    {
        await using var workers = new FakeWorkers(
            $"read request\nhead -c 100000000 /dev/zero >&2\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null");
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
    }

    [Fact]
    public async Task What_a_worker_says_never_reaches_the_log_or_the_note()
    {
        await using var workers = new FakeWorkers("read request\necho 'Unhandled exception. CANARY of Jane Roe' >&2\necho 'CANARY'\nexit 134");
        var result = await workers.ReadAsync(Test);
        Assert.DoesNotContain("CANARY", result.Note);
        Assert.DoesNotContain(workers.Logger.Lines, line => line.Text.Contains("CANARY", StringComparison.Ordinal));
        Assert.DoesNotContain(workers.Logger.Lines, line => line.Text.Contains("scan.pdf", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_of_a_captured_worker_is_bounded()
    {
        string entries = string.Join(',', Enumerable.Range(0, 900).Select(number => $"\"k{number}\":\"{new string('v', 300)}\""));
        await using var workers = new FakeWorkers(
            $"read request\n{Opened(1)}\n{Page(1)}\n{Say($$$"""{"result":{"fate":"Read","metadata":{"pdf:title":"{{{new string('x', 9000)}}}","bell":"a\\u0007b",{{{entries}}}},"tools":[],"privateBytes":1}}""")}\ncat > /dev/null");
        var result = await workers.ReadAsync(Test);
        Assert.Equal(500, result.Metadata.Count);
        Assert.All(result.Metadata.Values, value => Assert.InRange(value.Length, 1, 4096));
        Assert.Equal("a b", result.Metadata["bell"]);
    }

    [Fact]
    public async Task A_worker_without_greeting_makes_extraction_unavailable()
    {
        await using var workers = new FakeWorkers("exec sleep 600", o => o with { StartLimit = Short }, hello: ":");
        await Assert.ThrowsAsync<ExtractionUnavailableException>(() => workers.ReadAsync(Test));
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("echo nonsense")]
    [InlineData("""echo '{"hello":{"protocol":8,"confinement":"none","enforced":[null],"tools":[]}}'""")]
    [InlineData("""echo '{"hello":{"protocol":8,"confinement":"none","enforced":[],"tools":[null]}}'""")]
    [InlineData("""echo '{"hello":{"protocol":99,"confinement":"none","enforced":[],"tools":[]}}'""")]
    public async Task A_worker_that_cannot_start_makes_extraction_unavailable(string hello)
    {
        await using var workers = new FakeWorkers("exit 1", hello: hello);
        await Assert.ThrowsAsync<ExtractionUnavailableException>(() => workers.ReadAsync(Test));
    }

    [Fact]
    public async Task A_missing_program_makes_extraction_unavailable()
    {
        await using var workers = new FakeWorkers("", o => o with { WorkerExecutable = "/nonexistent/docingest" });
        await Assert.ThrowsAsync<ExtractionUnavailableException>(() => workers.ReadAsync(Test));
    }

    [Fact]
    public async Task A_document_that_no_worker_can_open_is_not_judged()
    {
        await using var workers = new FakeWorkers(ForEach("echo x >> $D/tries", Say(Unopened)));
        await Assert.ThrowsAsync<ExtractionUnavailableException>(() => workers.ReadAsync(Test));
        Assert.Equal(2, Lines(workers, "tries"));
    }

    [Fact]
    public async Task A_document_that_only_a_fresh_worker_can_open_is_read()
    {
        await using var workers = new FakeWorkers(ForEach(
            $"if [ ! -e $D/once ]; then touch $D/once\n{Say(Unopened)}\ncontinue; fi", Say(Begun), Opened(1), Page(1), Say(Result)));
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
        Assert.Equal(2, workers.Logger.Lines.Count(line => line.EventId == 1300));
    }

    [Fact]
    public async Task Two_tries_that_ended_differently_are_not_called_the_same()
    {
        await using var workers = new FakeWorkers(
            "read request\nif [ ! -e $D/once ]; then touch $D/once; exec sleep 600; fi\nexit 1", o => o with { StallLimit = Short });
        var result = await workers.ReadAsync(Test);
        Assert.Equal(TextStatus.Crashed, result.TextStatus);
        Assert.Equal("Two tries at reading it failed; in the better one the reader died: it ended with exit code 1.", result.Note);
    }

    [Fact]
    public async Task A_worker_that_does_not_read_reaches_the_stall_limit()
    {
        await using var workers = new FakeWorkers("exec sleep 600", o => o with { StallLimit = Short });
        Assert.Equal(TextStatus.Timeout, (await workers.ReadAsync(TooLongForAPipe, Test)).TextStatus);
    }

    [Fact]
    public async Task A_worker_that_answers_without_having_read_is_not_used_again()
    {
        await using var workers = new FakeWorkers(
            $"head -c 1 > /dev/null\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\nexec sleep 600", o => o with { StallLimit = Short, WorkerCount = 1 });
        for (int document = 1; document <= 2; document++)
        {
            Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(TooLongForAPipe, Test)).TextStatus);
            Assert.Equal(document, workers.Logger.Lines.Count(line => line.EventId == 1300));
        }
    }

    [Fact]
    public async Task Closing_the_pool_ends_a_worker_that_does_not_read()
    {
        var workers = new FakeWorkers("head -c 1 > /dev/null; touch $D/started; exec sleep 600", o => o with { StallLimit = Ample });
        var reading = Task.Run(() => workers.ReadAsync(TooLongForAPipe, Test), Test);   // where the greeting comes at once, the caller's thread is the one that writes
        await Processes.UntilExists(Path.Combine(workers.Folder, "started"));
        await workers.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_start_that_is_cancelled_at_once_harms_nobody()
    {
        // Disposed while its threads begin: an exception on one of them would end the whole process.
        await using var workers = new FakeWorkers("", hello: "exec sleep 600");
        for (int start = 0; start < 50; start++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => WorkerProcess.StartAsync(workers.Options, scratch: null, TimeProvider.System, workers.Logger, new CancellationToken(canceled: true)));
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_worker_and_the_next_document_gets_another()
    {
        await using var workers = new FakeWorkers(
            $"read request\nif [ ! -e $D/once ]; then echo $$ > $D/pid; touch $D/once; exec sleep 600; fi\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Test);
        var reading = workers.ReadAsync(stop.Token);
        await Processes.Until(() => reading.IsCompleted || File.Exists(Path.Combine(workers.Folder, "once")));
        await stop.CancelAsync();
        await Task.WhenAny(reading);
        Assert.True(reading.IsCanceled, reading.Exception?.ToString());
        await Processes.UntilGone(int.Parse(await File.ReadAllTextAsync(Path.Combine(workers.Folder, "pid"), Test)));
        Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
    }

    [Fact]
    public async Task What_a_worker_started_dies_with_it()
    {
        await using var workers = new FakeWorkers(
            "read request\nsleep 600 &\necho $! > $D/child.tmp; mv $D/child.tmp $D/child\nwait", o => o with { StallLimit = Short });
        Assert.Equal(TextStatus.Timeout, (await workers.ReadAsync(Test)).TextStatus);
        await Processes.UntilGone(int.Parse(await File.ReadAllTextAsync(Path.Combine(workers.Folder, "child"), Test)));
    }

    [Theory]
    [InlineData("exit 3")]
    [InlineData("echo garbage; sleep 1000")]
    public async Task Of_a_worker_that_is_gone_no_stream_is_left_open(string script)
    {
        await using var workers = new FakeWorkers(
            $"pipes=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)\necho \"$pipes\" >> $D/pipes\nread request\n{script}");
        Assert.Equal(TextStatus.Crashed, (await workers.ReadAsync(TestContext.Current.CancellationToken)).TextStatus);
        string[] pipes = await File.ReadAllLinesAsync(Path.Combine(workers.Folder, "pipes"), TestContext.Current.CancellationToken);
        Assert.Equal(6, pipes.Distinct().Count(pipe => pipe.StartsWith("pipe:", StringComparison.Ordinal)));   // of two workers
        await Processes.Until(() => !OpenFiles().Intersect(pipes).Any());
    }

    // Only names are compared, which the system gives to one pipe each: other tests open and close files of their own meanwhile.
    private static IEnumerable<string> OpenFiles() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget ?? "");

    [Fact]
    public async Task Closing_the_pool_ends_a_worker_at_work()
    {
        var workers = new FakeWorkers("read request\necho $$ > $D/pid.tmp; mv $D/pid.tmp $D/pid; exec sleep 600");
        var reading = workers.ReadAsync(Test);
        string file = Path.Combine(workers.Folder, "pid");
        await Processes.UntilExists(file);
        int process = int.Parse(await File.ReadAllTextAsync(file, Test));
        await workers.DisposeAsync();
        await Task.WhenAny(reading);
        Assert.True(reading.IsCanceled);
        await Processes.UntilGone(process);
    }

    [Fact]
    public async Task A_worker_does_not_see_the_secrets_of_the_service()
    {
        Environment.SetEnvironmentVariable("DOCINGEST_TEST_SECRET", "geheim");
        await using var workers = new FakeWorkers($"env > $D/environment\nread request\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null");
        await workers.ReadAsync(Test);
        string environment = await File.ReadAllTextAsync(Path.Combine(workers.Folder, "environment"), Test);
        Assert.DoesNotContain("geheim", environment);
        Assert.Contains("DOTNET_GCHeapHardLimit=30000000", environment);   // 768 MiB
    }

    [Theory]
    [InlineData(3, 1, 100)]
    [InlineData(100, 400, 1)]
    public async Task A_worker_that_read_many_documents_or_grew_large_is_replaced(int afterDocuments, int privateMegabytes, int expectedDocumentsPerWorker)
    {
        string result = Result.Replace("\"privateBytes\":1", $"\"privateBytes\":{(long)privateMegabytes << 20}");
        await using var workers = new FakeWorkers(ForEach(Opened(1), Page(1), Say(result)), o => o with { RecycleAfterDocuments = afterDocuments, WorkerCount = 1 });
        for (int document = 0; document < 6; document++)
        {
            Assert.Equal(TextStatus.Complete, (await workers.ReadAsync(Test)).TextStatus);
        }

        int perWorker = Math.Min(afterDocuments, expectedDocumentsPerWorker);
        Assert.Equal(6 / perWorker, workers.Logger.Lines.Count(line => line.EventId == 1300));
    }

    [Fact]
    public async Task Documents_are_read_side_by_side_up_to_the_number_of_workers()
    {
        // Each waits until both are at work: with one worker this would never end, and the stall limit would say so.
        await using var workers = new FakeWorkers(
            $"read request\ntouch $D/$$.here\nwhile [ $(ls $D | grep -c here) -lt 2 ]; do sleep 0.02; done\n{Opened(1)}\n{Page(1)}\n{Say(Result)}\ncat > /dev/null");
        var results = await Task.WhenAll(workers.ReadAsync(Test), workers.ReadAsync(Test));
        Assert.All(results, result => Assert.Equal(TextStatus.Complete, result.TextStatus));
    }

    [Fact]
    public async Task An_unconfined_worker_is_warned_of_once()
    {
        await using var workers = new FakeWorkers("read request; exit 1");
        await workers.ReadAsync(Test);
        Assert.Single(workers.Logger.Lines, line => line.EventId == 1301);
        Assert.False(workers.Pool.Confinement?.IsConfined);
    }

    private static int Lines(FakeWorkers workers, string file) => File.ReadAllLines(Path.Combine(workers.Folder, file)).Length;
}
