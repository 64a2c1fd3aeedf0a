using DocIngest.Pipeline.People;

namespace DocIngest.Worker.CommandLine;

/// <summary>Who may run which commands, besides what takes a signature (docs/formats/people.md has the same table). What stands here with no row asks no role.</summary>
/// <param name="Commands">As they are typed; a group stands for all its commands.</param>
/// <param name="OnceThereIsA">Asked once somebody has this role on this machine, and not before.</param>
/// <param name="Roles">One of them is enough; the service's account and root need none.</param>
internal sealed record Duty(IReadOnlyList<string> Commands, string OnceThereIsA, IReadOnlyList<string> Roles)
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<Duty> All { get; } =
    [
        new(["find", "show", "get", "events list"], PersonRole.Reader, [PersonRole.Reader, PersonRole.Operator, PersonRole.RecordsManager, PersonRole.Approver]),
        new(["history", "retention plan"], PersonRole.Reader, [PersonRole.Reader, PersonRole.Operator, PersonRole.RecordsManager, PersonRole.Approver, PersonRole.Auditor]),
        new(["ingest", "ocr", "quarantine"], PersonRole.Operator, [PersonRole.Operator]),
        new(
            ["qc", "amend", "withdraw", "reinstate", "reassign", "split", "events import", "events add"], PersonRole.Operator,
            [PersonRole.Operator, PersonRole.RecordsManager]),
        new(["audit accept-rollback"], PersonRole.Auditor, [PersonRole.Auditor, PersonRole.RecordsManager]),   // asks for a registered person, too
        new(["audit"], PersonRole.Auditor, [PersonRole.Auditor]),
        new(["hold list", "retention list", "retention show", "disclosure list"], PersonRole.Auditor, [PersonRole.Auditor, PersonRole.RecordsManager, PersonRole.Approver]),
        new(["disclose"], PersonRole.RecordsManager, [PersonRole.RecordsManager]),
        new(["archive copy", "archive recover", "archive adopt", "archive protect"], PersonRole.RecordsManager, []),   // hands out everything there is, or takes it over
    ];

    /// <summary>What a command asks; null for nothing.</summary>
    /// <param name="command">As it is typed, without options: <c>events list</c>.</param>
    public static Duty? Of(string command) => All.FirstOrDefault(duty => duty.Commands.Any(one => one == command || command.StartsWith(one + " ", StringComparison.Ordinal)));
}
