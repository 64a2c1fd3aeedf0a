using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.Assurance.Reports;
using DocIngest.TestKit;
using DocIngest.TestKit.Reports;

namespace DocIngest.Assurance.Tests.Reports;

/// <summary>The published schema, asked by a validator that is none of ours.</summary>
public sealed class ReportSchemaTests : IDisposable
{
    private const string Schema = "docs/formats/report.schema.json";
    private readonly ASigner _signer = new(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void It_is_the_one_of_the_types() => Checkout.Approve(Schema, ReportSchema.Create().ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }));

    [Fact]
    public async Task Genuine_reports_are_valid()
    {
        Assert.Equal("", await ComplaintsAsync(ReportOf(new AReport())));
        Assert.Equal("", await ComplaintsAsync(ReportOf(new AReport(failed: 2))));
    }

    [Theory]
    [InlineData("result", "green")]
    [InlineData("kind", "backup")]
    [InlineData("population", null)]
    public async Task Words_that_nobody_knows_are_invalid(string name, string? value)
    {
        var report = ReportOf(new AReport());
        report[name] = value;
        Assert.NotEqual("", await ComplaintsAsync(report));
    }

    [Fact]
    public async Task A_pass_with_a_failure_is_invalid() => await RejectedAsync(report => report["checks"]![0]!["failed"] = 1);

    [Fact]
    public async Task A_pass_with_something_skipped_is_invalid() => await RejectedAsync(report => report["checks"]![0]!["skipped"] = 1);

    [Fact]
    public async Task A_pass_of_nothing_is_invalid()
    {
        await RejectedAsync(report => report["checks"] = new JsonArray());
        await RejectedAsync(report => report["checks"]![0]!["passed"] = 0);
    }

    [Fact]
    public async Task A_pass_without_criteria_is_invalid()
    {
        await RejectedAsync(report => report["acceptance"] = new JsonArray());
        await RejectedAsync(report => report["acceptance"]![0]!["isMet"] = false);
        await RejectedAsync(report => report["acceptance"]![0]!["isMet"] = null);
    }

    [Fact]
    public async Task A_drill_without_a_canary_is_invalid() => await RejectedAsync(report => report["checks"]!.AsArray().RemoveAt(1));

    [Fact]
    public async Task A_pass_of_what_was_not_carried_through_is_invalid() => await RejectedAsync(report => report["run"]!["aborted"] = "disk full");

    private async Task RejectedAsync(Action<JsonNode> change)
    {
        var report = ReportOf(new AReport());
        change(report);
        Assert.NotEqual("", await ComplaintsAsync(report));
    }

    private JsonNode ReportOf(AReport report) => JsonNode.Parse(report.Sign(_signer)[ReportFileNames.Report])!;

    private async Task<string> ComplaintsAsync(JsonNode report)
    {
        Needs.Linux();
        Needs.Tool("python3");
        _folder.File("report.json", report.ToJsonString());
        _folder.File("validate.py", """
            import json, sys
            try:
                import jsonschema
            except ImportError:
                sys.exit(77)
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(json.load(open("report.json"))):
                print(error.json_path, error.message)
            """);
        // Packages of the system belong to the system's python.
        var (code, complaints) = await Shell.RunAsync(_folder.Path, $"$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3) validate.py '{Path.Combine(Checkout.Path, Schema)}'");
        if (code == 77)
        {
            Needs.Lacks("jsonschema", "python3-jsonschema is not installed.");
        }

        Assert.True(code == 0, complaints);
        return complaints;
    }
}
