using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Runs;

/// <summary>Every run that began has a number, and nobody can repeat one unseen.</summary>
public sealed class RunRegisterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_have_numbers_without_gaps_and_their_entry_is_in_the_chain()
    {
        using var world = new IngestWorld(_time);
        var report = Guid.NewGuid();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            await EndAsync(register, await register.BeginAsync("drill", RunTrigger.Command, Cancellation), "pass", report);
            await EndAsync(register, await register.BeginAsync("backup", RunTrigger.Schedule, Cancellation), "done");
            using var third = await register.BeginAsync("drill", RunTrigger.Command, Cancellation);
            Assert.Equal(3, third.Run.Number);
            Assert.Equal([(3, "drill", null), (2, "backup", "done"), (1, "drill", "pass")], register.Newest(null, 9).Select(run => (run.Number, run.Job, run.Result)));
            Assert.Equal([3, 1], register.Newest("drill", 9).Select(run => run.Number));
            Assert.Equal([(1L, (Guid?)report)], register.WithReport(9).Select(run => (run.Number, run.Report)));

            var entry = Assert.Single(AuditLog.Read(environment.Data, new AuditQuery()), entry => entry.Seq == third.Run.AuditSeq);
            Assert.Equal(third.Run.AuditHash, entry.Json.GetProperty("hash").GetString());
        });
        Assert.Equal(["begin 1", "end 1", "begin 2", "end 2", "begin 3"], Recorded(world));
    }

    [Fact]
    public async Task One_whose_process_died_is_told_as_aborted_by_the_next_and_one_at_work_is_not()
    {
        using var world = new IngestWorld(_time);
        await world.RunWithEnvironmentAsync(async (environment, _) => await Of(environment).BeginAsync("drill", RunTrigger.Command, Cancellation));   // and dies
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            using var atWork = await register.BeginAsync("backup", RunTrigger.Command, Cancellation);
            await Of(environment).SettleAsync(Cancellation);
            Assert.Equal([(2, null), (1, RunResult.Aborted)], register.Newest(null, 9).Select(run => (run.Number, run.Result)));
        });
        Assert.Equal(["begin 1", "aborted 1", "begin 2"], Recorded(world));
    }

    [Fact]
    public async Task One_that_died_between_the_entry_of_its_end_and_its_row_has_ended_and_keeps_its_report()
    {
        using var world = new IngestWorld(_time);
        var report = Guid.NewGuid();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await EndAsync(Of(environment), await Of(environment).BeginAsync("drill", RunTrigger.Command, Cancellation), "pass", report);
            await ExecuteAsync(environment, "UPDATE run SET ended = NULL, result = NULL, report = NULL");
        });
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await Of(environment).SettleAsync(Cancellation);
            Assert.Equal([(1L, "pass", (Guid?)report)], Of(environment).Newest(null, 9).Select(run => (run.Number, run.Result ?? "", run.Report)));
        });
        Assert.Equal(["begin 1", "end 1"], Recorded(world));
    }

    [Fact]
    public async Task Where_the_database_was_made_anew_the_chain_has_them()
    {
        using var world = new IngestWorld(_time);
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            await EndAsync(register, await register.BeginAsync("drill", RunTrigger.Command, Cancellation), "fail", Guid.NewGuid());
            var before = register.Newest(null, 9);
            await ExecuteAsync(environment, "DELETE FROM run");
            await register.SettleAsync(Cancellation);
            Assert.Equal(before, register.Newest(null, 9));
        });
    }

    [Fact]
    public async Task A_run_of_a_job_names_it_in_the_chain_and_is_found_by_it()
    {
        using var world = new IngestWorld(_time);
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            Assert.Equal("failed", (await register.CloseAsync(await register.BeginAsync("backup-run", RunTrigger.Schedule, "nightly", Cancellation), RunResult.Failed, "the disk is full")).Result);
            await register.CloseAsync(await register.BeginAsync("backup-run", RunTrigger.Schedule, "nightly", Cancellation), RunResult.Done, message: null);
            await register.CloseAsync(await register.BeginAsync("backup-run", RunTrigger.Command, "nightly", Cancellation), RunResult.Cancelled, message: null);
            await EndAsync(register, await register.BeginAsync("drill", RunTrigger.Command, Cancellation), "pass");
            Assert.Equal([(3, null), (2, null), (1, "the disk is full")], register.Scheduled("nightly", 9).Select(run => (run.Number, run.Message)));
            Assert.Equal([3, 2, 1], register.Scheduled(null, 9).Select(run => run.Number));
            Assert.Equal((2L, 2L), (register.LastWell("nightly")?.Number, register.LastThrough("nightly")?.Number));
            Assert.Null(register.LastWell("weekly"));
            Assert.Equal(2L, register.LastJudged("nightly")?.Number);   // the third was stopped
            await ExecuteAsync(environment, $"UPDATE run SET started = started + {TimeSpan.FromDays(300).TotalMilliseconds:0} WHERE number = 2");
            Assert.Equal((null, 1L), (register.LastWell("nightly")?.Number, register.LastThrough("nightly")?.Number));   // of a clock that was ahead: it says nothing
            await ExecuteAsync(environment, $"UPDATE run SET started = started - {TimeSpan.FromDays(300).TotalMilliseconds:0} WHERE number = 2");

            var before = register.Newest(null, 9).Select(run => run with { Message = null }).ToList();
            await ExecuteAsync(environment, "DELETE FROM run");   // the chain has which job it was, and not what it said
            await register.SettleAsync(Cancellation);
            Assert.Equal(before, register.Newest(null, 9));
        });
    }

    [Fact]
    public async Task One_handed_to_another_process_ends_once_and_lives_while_either_does()
    {
        using var world = new IngestWorld(_time);
        var report = Guid.NewGuid();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            var run = await register.BeginAsync("drill", RunTrigger.Schedule, "weekly", Cancellation);
            Assert.Null(register.Adopt(run.Run.Number + 1, "drill"));
            Assert.Null(register.Adopt(run.Run.Number, "backup-run"));
            var adopted = register.Adopt(run.Run.Number, "drill") ?? throw new InvalidOperationException("not adopted");
            Assert.Null(register.Adopt(run.Run.Number, "drill"));   // by one only
            run.Dispose();   // the process that began it dies
            await register.SettleAsync(Cancellation);
            Assert.Null(Assert.Single(register.Newest(null, 9)).Result);
            Assert.True(register.IsAtWork(run.Run.Number));
            Assert.Null(register.Adopt(run.Run.Number, "drill"));

            await EndAsync(register, adopted, "pass", report);
            var closed = await register.CloseAsync(run, RunResult.Failed, "said");
            Assert.Equal(("pass", (Guid?)report, null), (closed.Result, closed.Report, closed.Message));   // what a run that went well said is not kept
        });
        Assert.Equal(["begin 1", "end 1"], Recorded(world));
    }

    [Fact]
    public async Task One_whose_child_lives_is_at_work_and_ends_as_the_child_said_last()
    {
        using var world = new IngestWorld(_time);
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            var run = await register.BeginAsync("backup-run", RunTrigger.Schedule, "nightly", Cancellation);
            var child = RunRegister.HoldForChild(environment.Locks, run.Run.Number);
            run.Dispose();   // the service is killed
            await register.SettleAsync(Cancellation);
            Assert.True(register.IsAtWork(run.Run.Number));
            Assert.Null(Assert.Single(register.Newest(null, 9)).Result);
            child?.Dispose();
            Assert.False(register.IsAtWork(run.Run.Number));
            await register.SettleAsync(Cancellation);
            Assert.Equal(RunResult.Aborted, Assert.Single(register.Newest(null, 9)).Result);

            // One that wrote its end, and died over its row: the chain is believed, and has one end.
            var other = await register.BeginAsync("drill", RunTrigger.Schedule, "weekly", Cancellation);
            await EndAsync(register, register.Adopt(other.Run.Number, "drill") ?? other, "pass", Guid.NewGuid());
            await ExecuteAsync(environment, "UPDATE run SET ended = NULL, result = NULL, report = NULL WHERE number = 2");
            Assert.Equal("pass", (await register.CloseAsync(other, RunResult.Failed, message: null)).Result);
        });
        Assert.Equal(["begin 1", "aborted 1", "begin 2", "end 2"], Recorded(world));
    }

    [Fact]
    public async Task Jobs_are_known_since_they_were_seen_first_and_forgotten_when_they_are_gone()
    {
        using var world = new IngestWorld(_time);
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var register = Of(environment);
            await register.KnowAsync(Plans("a daily", "b daily", "d daily"), Cancellation);
            var first = _time.GetUtcNow();
            _time.Advance(TimeSpan.FromDays(1));
            await register.KnowAsync(Plans("b daily", "c daily", "d weekly"), Cancellation);
            Assert.Equal(
                [("b", "daily", first), ("c", "daily", _time.GetUtcNow()), ("d", "weekly", _time.GetUtcNow())],
                register.Known().OrderBy(job => job.Key, StringComparer.Ordinal).Select(job => (job.Key, job.Value.Plan, job.Value.Since)));
            await ExecuteAsync(environment, $"UPDATE job SET since = since + {TimeSpan.FromDays(300).TotalMilliseconds:0}");   // by a clock that was ahead
            await register.KnowAsync(Plans("b daily", "c daily", "d weekly"), Cancellation);
            Assert.All(register.Known().Values, job => Assert.Equal(_time.GetUtcNow(), job.Since));
            await register.KnowAsync(Plans(), Cancellation);
            Assert.Empty(register.Known());
        });
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    [InlineData(FaultKind.PowerCut)]
    public async Task Whatever_operation_fails_no_number_is_used_twice_and_none_is_missing(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            n++;
            using var world = new IngestWorld(_time);
            await world.RunWithEnvironmentAsync(async (environment, _) => await EndAsync(Of(environment), await Of(environment).BeginAsync("drill", RunTrigger.Command, Cancellation), "pass"));
            world.Volume.PowerCut(PowerCutChoice.KeepAll);
            var plan = new FaultPlan(n, kind);
            try
            {
                await world.RunWithEnvironmentAsync(async (environment, _) => await EndAsync(Of(environment), await Of(environment).BeginAsync("drill", RunTrigger.Command, Cancellation), "pass"), plan);
            }
            catch (Exception error) when (error is StorageException or PowerCutException)
            {
                // It did not run, or is told as aborted.
            }

            fired = plan.Fired;
            if (kind == FaultKind.PowerCut)
            {
                world.Volume.PowerCut(PowerCutChoice.KeepAll);
            }

            await world.RunWithEnvironmentAsync(async (environment, _) =>
            {
                await EndAsync(Of(environment), await Of(environment).BeginAsync("drill", RunTrigger.Command, Cancellation), "pass");
                var numbers = Of(environment).Newest(null, 9).Select(run => run.Number).ToList();
                Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (long)number).Reverse(), numbers);
                Assert.DoesNotContain(Of(environment).Newest(null, 9), run => run.Result is null);
            });
            Assert.Equal(Recorded(world).Where(word => word.StartsWith("begin", StringComparison.Ordinal)).Distinct(), Recorded(world).Where(word => word.StartsWith("begin", StringComparison.Ordinal)));
        }

        Assert.True(n > 5, $"only {n} operations were tried");
    }

    private static Task ExecuteAsync(IngestEnvironment environment, string sql) => environment.Database.WriteAsync(
        (connection, transaction) =>
        {
            using var command = connection.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, sql);
            return command.ExecuteNonQuery();
        },
        Cancellation);

    private static RunRegister Of(IngestEnvironment environment) => new(environment.Data, environment.Locks, environment.Audit, environment.Database, environment.Time);

    private static Task EndAsync(RunRegister register, StartedRun run, string result, Guid? report = null) =>
        register.EndAsync(run, result, isWell: true, report is { } id ? (id, new string('a', 64)) : null);

    private static Dictionary<string, string> Plans(params IEnumerable<string> jobs) => jobs.ToDictionary(job => job.Split(' ')[0], job => job.Split(' ')[1]);

    private static List<string> Recorded(IngestWorld world) =>
    [
        .. AuditLog.Read(world.Data, new AuditQuery()).Where(entry => entry.Json.GetProperty("type").ValueEquals(AuditType.Run))
            .Select(entry => $"{entry.Json.GetProperty("subtype").GetString()} {entry.Json.GetProperty("entities")[0].GetProperty("id").GetString()}"),
    ];
}
