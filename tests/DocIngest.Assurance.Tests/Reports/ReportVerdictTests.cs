using DocIngest.Assurance.Reports;
using DocIngest.TestKit.Reports;

namespace DocIngest.Assurance.Tests.Reports;

/// <summary>How a report cannot become green by mistake.</summary>
public sealed class ReportVerdictTests
{
    private static readonly AssuranceReport Good = new AReport().Draft;

    [Fact]
    public void What_was_planned_checked_and_right_passes() => Assert.Equal(ReportResult.Pass, ReportVerdict.Of(Good));

    [Fact]
    public void Nothing_checked_is_a_failure()
    {
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(Good with { Checks = [] }));
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(WithFirst(check => check with { Planned = 0, Passed = 0 })));
    }

    [Fact]
    public void All_skipped_is_a_failure() =>
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(WithFirst(check => check with { Passed = 0, Skipped = 20, SkippedBecause = ["no network"] })));

    [Fact]
    public void One_skipped_is_no_pass() =>
        Assert.Equal(ReportResult.PassWithFindings, ReportVerdict.Of(WithFirst(check => check with { Passed = 19, Skipped = 1, SkippedBecause = ["no network"] })));

    [Fact]
    public void One_failed_among_many_is_a_failure() =>
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(WithFirst(check => check with { Planned = 1_000_000, Passed = 999_999, Failed = 1 })));

    [Fact]
    public void Counts_that_do_not_add_up_are_a_failure() => Assert.Equal(ReportResult.Fail, ReportVerdict.Of(WithFirst(check => check with { Planned = 21 })));

    [Fact]
    public void Without_a_criterion_set_before_the_run_nothing_passes() => Assert.Equal(ReportResult.Fail, ReportVerdict.Of(Good with { Acceptance = [] }));

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void A_criterion_that_is_not_met_is_a_failure(bool? met) =>
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(Good with { Acceptance = [new AcceptanceCriterion("a", "a", met)] }));

    [Fact]
    public void A_drill_whose_detector_was_not_tried_is_a_failure() => Assert.Equal(ReportResult.Fail, ReportVerdict.Of(Good with { Checks = [Good.Checks[0]] }));

    [Fact]
    public void A_canary_that_was_not_found_is_a_failure() =>
        Assert.Equal(ReportResult.Fail, ReportVerdict.Of(Good with { Checks = [Good.Checks[0], Good.Checks[1] with { Passed = 0, Failed = 1 }] }));

    [Fact]
    public void What_was_not_carried_through_is_aborted_whatever_it_had_found() =>
        Assert.Equal(ReportResult.Aborted, ReportVerdict.Of(Good with { Run = Good.Run with { Aborted = "the disk was full" } }));

    [Fact]
    public void An_open_finding_is_no_plain_pass() =>
        Assert.Equal(ReportResult.PassWithFindings, ReportVerdict.Of(Good with { Findings = [new ReportedFinding("f-1", "B010", "warning", "old", [], 0, AReport.Now, null, null)] }));

    [Theory]
    [InlineData(ReportResult.PassWithFindings)]
    [InlineData(ReportResult.Fail)]
    [InlineData(ReportResult.Aborted)]
    public void A_report_that_says_another_result_than_its_counts_is_not_signed(ReportResult result)
    {
        using var signer = new ASigner(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
        Assert.Throws<ArgumentException>(() => new AReport().Sign(signer, report => report with { Result = result }));
        Assert.Throws<ArgumentException>(() => new AReport(failed: 1).Sign(signer, report => report with { Result = ReportResult.Pass }));
    }

    [Fact]
    public void What_was_skipped_says_why() =>
        Assert.NotEmpty(ReportRules.FaultsOf(WithFirst(check => check with { Passed = 19, Skipped = 1 }) with { Result = ReportResult.PassWithFindings }));

    [Fact]
    public void A_statement_about_all_is_no_better_than_its_sample() =>
        Assert.Contains(ReportRules.FaultsOf(Good with { Bound = Good.Bound! with { UpperRate = 0.0001 } }), fault => fault.Contains("does not follow", StringComparison.Ordinal));

    [Fact]
    public void An_objective_that_was_missed_is_no_pass() =>
        Assert.NotEmpty(ReportRules.FaultsOf(Good with { Rto = Good.Rto! with { AchievedSeconds = 20_000 } }));

    [Fact]
    public void A_sample_of_everything_needs_no_confidence() =>
        Assert.Equal("All 500 records were checked: 1 of them are defective.", ReportVerdict.Bound(500, "records", 500, 1, 0.95m)!.Text);

    [Fact]
    public void A_sample_of_nothing_says_nothing() => Assert.Null(ReportVerdict.Bound(500, "records", 0, 0, 0.95m));

    private static AssuranceReport WithFirst(Func<ReportedCheck, ReportedCheck> change) => Good with { Checks = [change(Good.Checks[0]), Good.Checks[1]] };
}
