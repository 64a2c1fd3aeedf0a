using System.Text.RegularExpressions;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Tests.Scans;

public sealed class KeepSourceRuleTests
{
    [Theory]
    [InlineData("none", "00:00:00")]
    [InlineData("00:00", "00:00:00")]
    [InlineData("7:05", "07:05:00")]
    [InlineData("1:30:00", "01:30:00")]
    [InlineData("23:59:59", "23:59:59")]
    [InlineData("7.00:00:00", "7.00:00:00")]
    [InlineData("99999.23:59", "99999.23:59:00")]
    [InlineData("untilBackedUp", null)]
    public void What_has_the_form_is_read(string value, string? duration)
    {
        Assert.Matches(KeepSourceRule.Pattern, value);
        Assert.Equal(duration, KeepSourceRule.DurationOf(value)?.ToString());
    }

    [Theory]
    [InlineData("24:00:00")]
    [InlineData("72:00")]
    [InlineData("48:30:00")]
    [InlineData("7")]
    [InlineData("-01:00:00")]
    [InlineData("100000.00:00:00")]
    [InlineData("untilbackedup")]
    public void What_would_be_read_otherwise_than_meant_has_not_the_form(string value) =>
        Assert.DoesNotMatch(new Regex(KeepSourceRule.Pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), value);
}
