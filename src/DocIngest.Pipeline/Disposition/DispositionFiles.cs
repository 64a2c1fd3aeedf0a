namespace DocIngest.Pipeline.Disposition;

/// <summary>Where the files of a disposition lie in the register's object.</summary>
internal static class DispositionFiles
{
    public static string Proposal(Proposed disposition) => $"{disposition.Id}/proposal.json";

    public static string Records(Proposed disposition) => $"{disposition.Id}/records.jsonl";

    public static string Approval(Proposed disposition, int number) => $"{disposition.Id}/approval-{number}.p7s";

    public static string Outcomes(Proposed disposition) => $"{disposition.Id}/outcome.jsonl";

    public static string Certificate(Proposed disposition, int number) => $"{disposition.Id}/certificate-{number}.json";

    public static string Signer(Proposed disposition, int number) => $"{disposition.Id}/signer-{number}.pem";
}
