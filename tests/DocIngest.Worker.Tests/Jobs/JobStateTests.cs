using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.Tests.Jobs;

/// <summary>How a job stands: when it is overdue, and what a run that was not well says of it.</summary>
public sealed class JobStateTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly JobOptions _nightly = new() { Name = "nightly", Run = ["backup", "run"], Cron = "0 1 * * *", TimeZone = "Etc/UTC" };

    [Theory]
    [InlineData(0, null)]      // not planned yet
    [InlineData(12.9, null)]   // planned for 01:00, within 12 hours
    [InlineData(13, 13.0)]
    [InlineData(40, 13.0)]
    public void One_that_never_ran_is_overdue_half_a_day_after_it_was_planned_first(double hours, double? since) =>
        Assert.Equal(since is { } at ? Midnight.AddHours(at) : null, At(hours).Overdue);

    [Fact]
    public void One_that_the_service_does_not_know_yet_is_not_overdue() => Assert.Null(JobState.Of(_nightly, null, new JobRuns(), Midnight.AddYears(1)).Overdue);

    [Fact]
    public void A_run_that_went_well_starts_it_anew_and_one_that_did_not_does_not()
    {
        Assert.Null(At(36, Run(1, 25, RunResult.Done)).Overdue);
        Assert.Equal(Midnight.AddHours(25 + 24 + 12), At(70, Run(1, 25, RunResult.Done)).Overdue);
        Assert.Equal(Midnight.AddHours(13), At(36, Run(1, 25, RunResult.Partial)).Overdue);
    }

    [Fact]
    public void Where_the_schedule_is_close_two_rounds_are_enough_and_the_admin_has_the_last_word()
    {
        _nightly.Cron = "0 * * * *";
        Assert.Null(At(2.9).Overdue);
        Assert.Equal(Midnight.AddHours(3), At(3).Overdue);
        _nightly.OverdueAfter = TimeSpan.FromHours(30);
        Assert.Null(At(30.9).Overdue);
        Assert.Equal(Midnight.AddHours(31), At(31).Overdue);
    }

    [Theory]
    [InlineData(RunResult.Done, "ok", false)]
    [InlineData(RunResult.Pass, "ok", false)]
    [InlineData("pass-with-findings", "failing", true)]
    [InlineData(RunResult.Partial, "failing", true)]
    [InlineData(RunResult.Findings, "failing", true)]
    [InlineData(RunResult.Busy, "failing", true)]
    [InlineData(RunResult.Aborted, "failing", true)]
    [InlineData("a word of later versions", "failing", true)]
    [InlineData(RunResult.Cancelled, "ok", false)]   // somebody stopped it, or the service
    public void Only_what_went_well_is_well(string result, string word, bool isFailing)
    {
        var state = At(2, Run(1, 1, result));
        Assert.Equal((word, isFailing), (state.Word, state.IsFailing));
    }

    [Fact]
    public void One_at_work_is_judged_by_the_run_before()
    {
        var failed = Run(1, 1, RunResult.Failed);
        Assert.Equal("failing", JobState.Of(_nightly, Midnight, new JobRuns(Run(2, 2, null), failed, failed), Midnight.AddHours(3)).Word);
        Assert.Equal("running", JobState.Of(_nightly, Midnight, new JobRuns(Run(1, 2, null)), Midnight.AddHours(3)).Word);
    }

    [Fact]
    public void One_that_was_stopped_does_not_hide_that_the_one_before_failed()
    {
        var runs = new JobRuns(Last: Run(2, 2, RunResult.Cancelled), Judged: Run(1, 1, RunResult.Failed));
        Assert.True(JobState.Of(_nightly, Midnight, runs, Midnight.AddHours(3)).IsFailing);
    }

    [Fact]
    public void A_run_answers_for_the_times_that_came_while_it_worked()
    {
        var byHand = new Run(1, "backup-run", RunTrigger.Command, "docingest", Midnight, 1, "", Midnight.AddHours(2), RunResult.Done, null, "nightly");
        Assert.Null(JobState.Of(_nightly, Midnight.AddDays(-9), new JobRuns(null, byHand, byHand, byHand), Midnight.AddHours(20)).Overdue);
        Assert.False(JobState.IsMissed(_nightly, Midnight.AddDays(-9), byHand, Midnight.AddHours(3)));
    }

    [Fact]
    public void Other_times_begin_anew_and_chance_is_no_delay()
    {
        var before = Run(1, 1, RunResult.Done);
        Assert.Null(JobState.Of(_nightly, Midnight.AddDays(30), new JobRuns(null, before, before, before), Midnight.AddDays(30).AddHours(12)).Overdue);
        Assert.NotEqual(JobState.PlanOf(_nightly), JobState.PlanOf(new JobOptions { Cron = _nightly.Cron, TimeZone = "Europe/Berlin" }));
        _nightly.Jitter = TimeSpan.FromHours(2);
        Assert.Equal(Midnight.AddHours(15), At(16).Overdue);
    }

    [Fact]
    public void What_was_stopped_or_died_is_made_up_for()
    {
        Assert.False(JobState.IsMissed(_nightly, Midnight, null, Midnight.AddMinutes(59)));
        Assert.True(JobState.IsMissed(_nightly, Midnight, null, Midnight.AddHours(1)));
        Assert.False(JobState.IsMissed(_nightly, Midnight, Run(1, 1, RunResult.Failed), Midnight.AddHours(24)));
        Assert.True(JobState.IsMissed(_nightly, Midnight, Run(1, 1, RunResult.Failed), Midnight.AddHours(25)));
    }

    private JobState At(double hours, Run? last = null) =>
        JobState.Of(_nightly, Midnight, new JobRuns(null, last, last is { Result: RunResult.Cancelled } ? null : last, last is { IsWell: true } ? last : null), Midnight.AddHours(hours));

    private static Run Run(long number, double startedHours, string? result) => new(
        number, "backup-run", RunTrigger.Schedule, "docingest", Midnight.AddHours(startedHours), number, "", result is null ? null : Midnight.AddHours(startedHours + 0.1), result, null, "nightly");
}
