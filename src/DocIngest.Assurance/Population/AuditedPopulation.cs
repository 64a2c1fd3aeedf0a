using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;

namespace DocIngest.Assurance.Population;

/// <summary>Whether the audit, which says what must be there, is itself whole.</summary>
internal static class AuditedPopulation
{
    private static readonly RunCheck Check = new(
        "audit", "The audit, from which the list of records comes, is one unbroken chain, its days signed", CheckKind.AuditChain, "its own hashes, its signed days and the archive");

    /// <summary>Verifies the chain.</summary>
    public static async Task RunAsync(IDurableFolder data, INamedLocks locks, IArchive archive, TimeProvider time, RunRecord record, CancellationToken cancellation)
    {
        var verified = await new AuditVerifier(data, locks, archive, time).VerifyAsync(new AuditExpectation(null, null), trusted: null, cancellation);
        string codes = string.Join(", ", verified.Findings.Where(finding => finding.IsError).Select(finding => finding.Code).Distinct().Order(StringComparer.Ordinal));
        record.CloseCounted(
            Check, verified.IsSound ? 1 : 0, verified.IsSound ? 0 : 1, $"The audit is not sound ({codes}): 'docingest audit verify' says what is wrong. Until then the list of records proves nothing.", []);
    }
}
