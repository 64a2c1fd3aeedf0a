using System.Security.Cryptography;
using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sampling;
using Xunit;

namespace DocIngest.TestKit.Reports;

/// <summary>A restore drill by sample that went well: 20 of 500 records drawn, restored and compared, and one damaged on purpose.</summary>
public sealed class AReport
{
    public static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Head = new('c', 64);

    public AReport(int failed = 0)
    {
        string[] ids = [.. Enumerable.Range(0, 500).Select(number => $"urn:uuid:{number:x8}-0000-7000-8000-000000000000").Order(StringComparer.Ordinal)];
        Population = Encoding.ASCII.GetBytes(string.Concat(ids.Select(id => id + "\n")));
        var seed = new SampleSeed("auditor-4711", Head);
        using var file = new MemoryStream();
        using var items = new ReportItemsWriter(file);
        int left = failed;
        foreach (string id in SampleDraw.Places(seed, ids.Length, 20).Select(place => ids[place]))
        {
            items.Add(new ReportItem("restored", id, "v1", "v1/content/original.pdf", 4_711, "ab", left > 0 ? "cd" : "ab", left > 0 ? ItemResult.Failed : ItemResult.Passed, Drawn: true, left > 0 ? "digest" : null));
            left--;
        }

        items.Add(new ReportItem("canary", "canary", null, null, null, null, null, ItemResult.Passed, Drawn: false, null));
        Items = file.ToArray();
        var counts = items.CountsOf("restored");
        var draft = new AssuranceReport(
            Guid.Parse("01990000-0000-7000-8000-000000000001"),
            new ReportedRun(17, "schedule", "docingest", "St. Elsewhere <Hospital>", "records-1", "Linux", "DocIngest 0.1.0", Now.AddMinutes(-31), Now.AddMinutes(-30), Now, Aborted: null),
            ReportKind.SampleDrill,
            new ReportedPolicy("drill-weekly", "3", "Weekly drill", ["HIPAA:164.308(a)(7)(ii)(D)", "800-53:CP-9(2)"]),
            [new AcceptanceCriterion("all-restored", "Every record drawn is restored, byte for byte", failed == 0)],
            new ReportedSource("remote", "rest", new string('5', 64), Now.AddHours(-3), "abcd1234", "escrow", DeletesRefused: true),
            new ReportedTarget(IsIsolated: true, IsWiped: true),
            new ReportedPopulation("records", ids.Length, 2_000_000, "the audit's chain", Convert.ToHexStringLower(SHA256.HashData(Population)), ["3 records destroyed by d-1"]),
            new ReportedSample(20, seed.Nonce, seed.AuditHead, seed.Hex, 0.95m, 0.15m, []),
            [
                new ReportedCheck("restored", "Restored and compared with the digest of intake", CheckKind.RestoreCompare, "the audit's chain", 20, counts.Passed, counts.Failed, 0, [], HasItems: true),
                new ReportedCheck("canary", "A byte changed on purpose is found", CheckKind.Canary, "what was changed", 1, 1, 0, 0, [], HasItems: true),
            ],
            items.ToReported(),
            new RecoveryPoint(86_400, 10_800, "from the newest record that was restored"),
            new RecoveryTime(14_400, 1_800, IsExtrapolated: true, [new RecoveryPhase("fetch the key", 2, null), new RecoveryPhase("restore", 1_500, 80_000), new RecoveryPhase("verify", 298, null)]),
            new ReportedCoverage(90, 498, 500, 80_000, Now.AddDays(-63)),
            [new ReportedCopy("archive", "archive", Now, Now.AddDays(-1), ""), new ReportedCopy("remote", "rest", Now.AddHours(-3), Now.AddDays(-9), "our credential cannot delete there")],
            ["Whether a restored document shows what was scanned: digests are compared, nobody looked at it."],
            [],
            ReportResult.Pass,
            ReportVerdict.Bound(ids.Length, "records", 20, failed, 0.95m),
            [new EarlierRun(9, Guid.Empty, Now.AddDays(-7), ReportResult.Fail, 12, null), new EarlierRun(3, Guid.Empty, Now.AddDays(-14), ReportResult.Pass, 20, 1_700)],
            Now.AddDays(7),
            new ReportChain(Guid.Parse("01990000-0000-7000-8000-000000000000"), new string('d', 128), 4_000, Head));
        Draft = draft with { Result = ReportVerdict.Of(draft) };
    }

    public AssuranceReport Draft { get; }

    public byte[] Items { get; }

    public byte[] Population { get; }

    public Dictionary<string, byte[]> Sign(IReportSigner signer, Func<AssuranceReport, AssuranceReport>? change = null, DateTimeOffset? at = null)
    {
        var signed = SignedReport.Create(change is null ? Draft : change(Draft), signer, at ?? Now);
        return new Dictionary<string, byte[]>(signed.Files, StringComparer.Ordinal) { [ReportFileNames.Items] = Items, [ReportFileNames.Population] = Population };
    }

    public static async Task<MemoryStream> ZipAsync(Dictionary<string, byte[]> files)
    {
        var zip = new MemoryStream();
        await ReportZip.WriteAsync(zip, files.Keys, name => new MemoryStream(files[name]), TestContext.Current.CancellationToken);
        zip.Position = 0;
        return zip;
    }
}
