using System.IO.Compression;
using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.TestKit.Reports;

namespace DocIngest.Assurance.Tests.Reports;

public sealed class When_a_report_is_verified : IDisposable
{
    private readonly ASigner _signer = new(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
    private readonly AReport _report = new();

    public void Dispose() => _signer.Dispose();

    [Fact]
    public async Task A_genuine_one_is_genuine_by_certificate_and_by_fingerprint()
    {
        var zip = await AReport.ZipAsync(_report.Sign(_signer));
        var byCertificate = ReportVerifier.Verify(zip, new TrustedSigner.Certificate(_signer.CertificatePem));
        Assert.Empty(byCertificate.Faults);
        Assert.Equal(ReportResult.Pass, byCertificate.Report!.Result);
        zip.Position = 0;
        var byFingerprint = ReportVerifier.Verify(zip, new TrustedSigner.Fingerprint(SignedReport.FingerprintOf(_signer.CertificatePem).ToLowerInvariant()));
        Assert.True(byFingerprint.IsGenuine);
    }

    [Fact]
    public async Task The_same_files_make_the_same_zip()
    {
        var files = _report.Sign(_signer);
        Assert.Equal((await AReport.ZipAsync(files)).ToArray(), (await AReport.ZipAsync(files)).ToArray());
    }

    [Fact]
    public async Task Every_byte_of_the_report_counts()
    {
        var files = _report.Sign(_signer);
        byte[] genuine = files[ReportFileNames.Report];
        for (int place = 0; place < genuine.Length; place += 97)
        {
            byte[] edited = [.. genuine];
            edited[place] ^= 1;
            Assert.Contains("R004", await FaultsAsync(new(files) { [ReportFileNames.Report] = edited }));
        }
    }

    [Theory]
    [InlineData(ReportFileNames.Items, "R008")]
    [InlineData(ReportFileNames.Population, "R010")]
    [InlineData(ReportFileNames.Page, "R005")]
    [InlineData(ReportFileNames.PageSignature, "R005")]
    [InlineData(ReportFileNames.ReportSignature, "R004")]
    public async Task A_changed_file_is_named(string name, string code)
    {
        var files = _report.Sign(_signer);
        byte[] edited = [.. files[name]];
        edited[edited.Length / 2] ^= 1;
        Assert.Contains(code, await FaultsAsync(new(files) { [name] = edited }));
    }

    [Theory]
    [InlineData(ReportFileNames.Items, "R008")]
    [InlineData(ReportFileNames.Population, "R010")]
    [InlineData(ReportFileNames.Signer, "R002")]
    [InlineData(ReportFileNames.Verify, "R002")]
    [InlineData(ReportFileNames.ReportSignature, "R004")]
    public async Task A_missing_file_is_named(string name, string code)
    {
        var files = _report.Sign(_signer);
        files.Remove(name);
        Assert.Contains(code, await FaultsAsync(files));
    }

    [Fact]
    public async Task A_wholly_forged_report_with_a_certificate_of_the_same_name_is_rejected()
    {
        using var forger = new ASigner(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
        var zip = await AReport.ZipAsync(_report.Sign(forger));
        Assert.Contains("R004", CodesOf(ReportVerifier.Verify(zip, new TrustedSigner.Certificate(_signer.CertificatePem))));
        zip.Position = 0;
        var byFingerprint = ReportVerifier.Verify(zip, new TrustedSigner.Fingerprint(SignedReport.FingerprintOf(_signer.CertificatePem)));
        Assert.Contains("R013", CodesOf(byFingerprint));
        Assert.Contains("R004", CodesOf(byFingerprint));
        Assert.False(byFingerprint.IsGenuine);
    }

    [Fact]
    public async Task A_forger_who_puts_in_the_genuine_certificate_is_rejected()
    {
        using var forger = new ASigner(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
        var files = _report.Sign(forger);
        files[ReportFileNames.Signer] = Encoding.ASCII.GetBytes(_signer.CertificatePem);
        var zip = await AReport.ZipAsync(files);
        Assert.Contains("R004", CodesOf(ReportVerifier.Verify(zip, new TrustedSigner.Fingerprint(SignedReport.FingerprintOf(_signer.CertificatePem)))));
    }

    [Fact]
    public async Task The_page_of_another_report_is_rejected()
    {
        var files = _report.Sign(_signer);
        var other = new AReport(failed: 2).Sign(_signer);
        files[ReportFileNames.Page] = other[ReportFileNames.Page];
        files[ReportFileNames.PageSignature] = other[ReportFileNames.PageSignature];
        Assert.Equal(["R012"], await FaultsAsync(files));
    }

    [Fact]
    public async Task The_items_of_another_report_are_rejected()
    {
        var files = new AReport(failed: 2).Sign(_signer);
        files[ReportFileNames.Items] = _report.Items;
        Assert.Contains("R009", await FaultsAsync(files));
    }

    [Fact]
    public async Task A_sample_drawn_by_another_nonce_is_rejected()
    {
        var files = _report.Sign(_signer, report => report with { Sample = report.Sample! with { Nonce = "suits-me" } });
        Assert.Equal(["R011"], await FaultsAsync(files));
    }

    [Fact]
    public async Task What_was_drawn_and_skipped_does_not_count_as_checked()
    {
        using var file = new MemoryStream();
        using var items = new ReportItemsWriter(file);
        foreach (string line in System.Text.Encoding.UTF8.GetString(_report.Items).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var item = System.Text.Json.JsonSerializer.Deserialize(line, ReportItemJson.Instance.ReportItem)!;   // our own line
            items.Add(item.Drawn ? item with { Result = ItemResult.Skipped } : item);
        }

        var files = _report.Sign(_signer, report => report with { Items = items.ToReported() });
        files[ReportFileNames.Items] = file.ToArray();
        Assert.Contains("R009", await FaultsAsync(files));
    }

    [Fact]
    public async Task A_signature_from_before_the_certificate_was_valid_is_rejected()
    {
        var files = _report.Sign(_signer, at: AReport.Now.AddYears(-2));
        Assert.Equal(["R014"], await FaultsAsync(files));
    }

    [Fact]
    public async Task A_failed_drill_is_genuine_too()
    {
        var zip = await AReport.ZipAsync(new AReport(failed: 2).Sign(_signer));
        var verified = ReportVerifier.Verify(zip, new TrustedSigner.Certificate(_signer.CertificatePem));
        Assert.True(verified.IsGenuine);
        Assert.Equal(ReportResult.Fail, verified.Report!.Result);
        Assert.Equal(2, verified.Report.Bound!.Failed);
    }

    [Fact]
    public void What_is_no_zip_is_no_report() =>
        Assert.Equal(["R001"], CodesOf(ReportVerifier.Verify(new MemoryStream([1, 2, 3]), new TrustedSigner.Certificate(_signer.CertificatePem))));

    [Fact]
    public async Task Foreign_and_doubled_files_are_told()
    {
        var zip = await AReport.ZipAsync(_report.Sign(_signer));
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Update, leaveOpen: true))
        {
            await using var again = await archive.CreateEntry(ReportFileNames.Report).OpenAsync(TestContext.Current.CancellationToken);
            again.Write("{}"u8);
        }

        zip.Position = 0;
        Assert.Equal(["R003"], CodesOf(ReportVerifier.Verify(zip, new TrustedSigner.Certificate(_signer.CertificatePem))));
    }

    [Fact]
    public async Task A_bomb_is_not_unpacked()
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = await archive.CreateEntry(ReportFileNames.Report, CompressionLevel.SmallestSize).OpenAsync(TestContext.Current.CancellationToken);
            byte[] zeros = new byte[1024 * 1024];
            for (int written = 0; written < 64; written++)
            {
                entry.Write(zeros);
            }
        }

        zip.Position = 0;
        Assert.Contains("R006", CodesOf(ReportVerifier.Verify(zip, new TrustedSigner.Certificate(_signer.CertificatePem))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AB:CD")]
    public void Trust_that_is_none_is_refused(string text)
    {
        Assert.Throws<ArgumentException>(() => ReportVerifier.Verify(new MemoryStream(), new TrustedSigner.Fingerprint(text)));
        Assert.Throws<ArgumentException>(() => ReportVerifier.Verify(new MemoryStream(), new TrustedSigner.Certificate(text)));
    }

    private static IEnumerable<string> CodesOf(ReportVerification verification) => verification.Faults.Select(fault => fault.Code).Distinct();

    private async Task<IEnumerable<string>> FaultsAsync(Dictionary<string, byte[]> files) =>
        CodesOf(ReportVerifier.Verify(await AReport.ZipAsync(files), new TrustedSigner.Certificate(_signer.CertificatePem)));
}
