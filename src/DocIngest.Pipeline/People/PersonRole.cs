namespace DocIngest.Pipeline.People;

/// <summary>What a person may do. Closed; a promise (docs/formats/people.md).</summary>
public static class PersonRole
{
    /// <summary>Scans, and puts right what intake could not.</summary>
    public const string Operator = "operator";

    /// <summary>Looks at records.</summary>
    public const string Reader = "reader";

    /// <summary>Places holds, asks for their release, proposes and withdraws dispositions.</summary>
    public const string RecordsManager = "records-manager";

    /// <summary>Approves dispositions and releases.</summary>
    public const string Approver = "approver";

    /// <summary>Looks at reports, history and the audit.</summary>
    public const string Auditor = "auditor";

    /// <summary>Registers people.</summary>
    public const string Admin = "admin";

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> All { get; } = [Operator, Reader, RecordsManager, Approver, Auditor, Admin];

    /// <summary>Whether what it may do takes a signature, and so a certificate.</summary>
    public static bool Signs(string role) => role is RecordsManager or Approver;
}
