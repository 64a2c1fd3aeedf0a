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
    public void One_that_the_service_does_not_know_yet_is_not_overdue() => Assert.Null(JobState.Of(_nightly, null, [], null, Midnight.AddYears(1)).Overdue);

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
        var state = JobState.Of(_nightly, Midnight, [Run(2, 2, null), Run(1, 1, RunResult.Failed)], null, Midnight.AddHours(3));
        Assert.Equal(("failing", 2L, 1L), (state.Word, state.AtWork?.Number, state.Last?.Number));
        Assert.Equal("running", JobState.Of(_nightly, Midnight, [Run(1, 2, null)], null, Midnight.AddHours(3)).Word);
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
        JobState.Of(_nightly, Midnight, last is null ? [] : [last], last is { IsWell: true } ? last : null, Midnight.AddHours(hours));

    private static Run Run(long number, double startedHours, string? result) => new(
        number, "backup-run", RunTrigger.Schedule, "docingest", Midnight.AddHours(startedHours), number, "", result is null ? null : Midnight.AddHours(startedHours + 0.1), result, null, "nightly");
}
