using System.Text.Json;
using DocIngest.Assurance.Reports;
using DocIngest.TestKit;
using DocIngest.TestKit.Reports;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>report verify</c> as an auditor starts it, with nothing but the zip and the certificate.</summary>
public sealed class ReportCommandsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ASigner _signer = new(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_genuine_report_exits_0_and_is_told()
    {
        string zip = await ZipAsync(new AReport().Sign(_signer));
        string certificate = _folder.File("auditor.pem", _signer.CertificatePem);

        var words = (await TheProgram.RunAsync("report", "verify", zip, "--cert", certificate)).Demand(0);
        var json = JsonDocument.Parse((await TheProgram.RunAsync("report", "verify", zip, "--fingerprint", SignedReport.FingerprintOf(_signer.CertificatePem), "--json")).Demand(0).Output).RootElement;

        Assert.StartsWith("Genuine", words.Output, StringComparison.Ordinal);
        Assert.Contains("sample-drill, run 17 of 2026-11-27 11:30 UTC: pass.", words.Output, StringComparison.Ordinal);
        Assert.True(json.GetProperty("genuine").GetBoolean());
        Assert.Equal("pass", json.GetProperty("result").GetString());
        Assert.Equal(0, json.GetProperty("faults").GetArrayLength());
    }

    [Fact]
    public async Task An_edited_report_exits_1_and_nothing_of_it_is_repeated()
    {
        var files = new AReport(failed: 1).Sign(_signer);
        files[ReportFileNames.Report] = [.. System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(files[ReportFileNames.Report]).Replace("\"number\": 17", "\"number\": 18", StringComparison.Ordinal))];
        string zip = await ZipAsync(files);

        var json = JsonDocument.Parse((await TheProgram.RunAsync("report", "verify", zip, "--cert", _folder.File("a.pem", _signer.CertificatePem), "--json")).Demand(1).Output).RootElement;

        Assert.False(json.GetProperty("genuine").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("run").ValueKind);
        Assert.Contains("R004", json.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_forged_report_with_a_certificate_of_its_own_exits_1()
    {
        using var forger = new ASigner(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
        string zip = await ZipAsync(new AReport().Sign(forger));
        var ended = (await TheProgram.RunAsync("report", "verify", zip, "--cert", _folder.File("a.pem", _signer.CertificatePem))).Demand(1);
        Assert.StartsWith("NOT GENUINE", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_somebody_to_believe_nothing_is_verified()
    {
        string zip = await ZipAsync(new AReport().Sign(_signer));
        (await TheProgram.RunAsync("report", "verify", zip)).Demand(2);
        (await TheProgram.RunAsync("report", "verify", zip, "--cert", _folder.File("no.pem", "no certificate"))).Demand(2);
        (await TheProgram.RunAsync("report", "verify", zip, "--fingerprint", "AB:CD")).Demand(2);
        (await TheProgram.RunAsync("report", "verify", zip, "--cert", _folder["missing.pem"])).Demand(5);
        (await TheProgram.RunAsync("report", "verify", _folder["missing.zip"], "--fingerprint", new string('a', 64))).Demand(5);
    }

    private async Task<string> ZipAsync(Dictionary<string, byte[]> files)
    {
        string path = _folder["report.zip"];
        await using var target = new FileStream(path, FileMode.Create);
        await (await AReport.ZipAsync(files)).CopyToAsync(target, TestContext.Current.CancellationToken);
        return path;
    }
}
