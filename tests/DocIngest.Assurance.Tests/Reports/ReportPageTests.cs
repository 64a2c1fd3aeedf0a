using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.TestKit.Reports;

namespace DocIngest.Assurance.Tests.Reports;

public sealed class ReportPageTests : IDisposable
{
    private readonly ASigner _signer = new(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void Nothing_of_it_is_taken_for_markup()
    {
        string page = PageOf(report => report with
        {
            NotTested = ["<script>alert(1)</script>"],
            Findings = [new ReportedFinding("f-1\" onload=\"x", "B<1>", "error", "a & b < c", ["<img>"], 3, AReport.Now, "<b>", null)],
            Result = ReportResult.PassWithFindings,
        });
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<Hospital>", page, StringComparison.Ordinal);
        Assert.Contains("a &amp; b &lt; c", page, StringComparison.Ordinal);
    }

    [Fact]
    public void It_needs_nothing_from_elsewhere()
    {
        string page = PageOf(report => report);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_verdict_stands_first()
    {
        string page = PageOf(report => report);
        Assert.InRange(page.IndexOf("PASSED", page.IndexOf("<body>", StringComparison.Ordinal), StringComparison.Ordinal), 0, page.IndexOf("<table", StringComparison.Ordinal));
    }

    private string PageOf(Func<AssuranceReport, AssuranceReport> change) => Encoding.UTF8.GetString(new AReport().Sign(_signer, change)[ReportFileNames.Page]);
}
