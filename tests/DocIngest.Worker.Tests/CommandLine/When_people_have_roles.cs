using System.CommandLine;
using System.Globalization;
using DocIngest.Pipeline.People;
using DocIngest.TestKit;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Tests.Promises;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>A role that somebody has is asked for, of real accounts and members of a real group; before that nobody is asked.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // its tests skip elsewhere
public sealed class When_people_have_roles : IDisposable
{
    private const string Group = "100";   // "users" wherever Debian's base files are
    private const string GroupName = "users";
    private const int Service = 1500;
    private const int Admin = 1510;
    private const int Reader = 1511;
    private const int Operator = 1512;
    private const int Auditor = 1513;
    private const int Member = 1514;

    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly IntakeSite _site = new();

    [Fact]
    public async Task A_command_is_for_those_who_have_a_role_for_it_once_somebody_has_one()
    {
        string id = await PrepareAsync();
        (await AsAsync(Member, "find")).Demand(0);   // nobody is registered
        (await AsAsync(Member, "audit", "show")).Demand(0);
        await RegisterAsync(Service, "Ines", Admin, "admin");
        (await AsAsync(Member, "find")).Demand(0);   // nobody is a reader
        await RegisterAsync(Admin, "Rita Reader", Reader, "reader");
        var refused = (await AsAsync(Member, "find")).Demand(2);
        Assert.Contains("'find'", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("p2 Rita Reader", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(refused.Output);
        (await AsAsync(Admin, "show", id)).Demand(2);   // who registers people reads no records by that
        (await AsAsync(Reader, "show", id)).Demand(0);
        (await AsAsync(Reader, "get", id, "-o", Path.Combine(HomeOf(Reader), "a.pdf"))).Demand(0);
        (await AsAsync(Member, "history", id)).Demand(2);
        (await AsAsync(Service, "find")).Demand(0);
        (await _site.RunAsync("find")).Demand(0);   // root

        // What nobody has the role for is asked of nobody yet.
        (await AsAsync(Member, "qc", "list")).Demand(0);
        (await AsAsync(Reader, "audit", "show")).Demand(0);
        await RegisterAsync(Admin, "Otto", Operator, "operator");
        await RegisterAsync(Admin, "Aude", Auditor, "auditor");
        (await AsAsync(Member, "qc", "list")).Demand(2);
        (await AsAsync(Reader, "withdraw", id, "--reason", "duplicate")).Demand(2);
        (await AsAsync(Reader, "audit", "show")).Demand(2);
        (await AsAsync(Operator, "audit", "verify")).Demand(2);
        (await AsAsync(Auditor, "get", id, "-o", Path.Combine(HomeOf(Auditor), "a.pdf"))).Demand(2);
        (await AsAsync(Auditor, "history", id)).Demand(0);
        (await AsAsync(Auditor, "hold", "list")).Demand(0);
        (await AsAsync(Operator, "find")).Demand(0);
        (await AsAsync(Operator, "amend", id, "--class", "letter", "--reason", "typed wrongly")).Demand(0);
        (await AsAsync(Operator, "disclose", id, "--to", "x", "--purpose", "legal", "-o", Path.Combine(HomeOf(Operator), "x.zip"))).Demand(0);   // nobody manages records yet
        (await AsAsync(Member, "status")).Demand(0);

        // Each attempt is in the audit, with the command that it was.
        var audit = Json.Lines((await AsAsync(Auditor, "audit", "show", "--json")).Demand(0));
        var attempts = audit.Where(line => line.Text("subtype") == "refused").ToList();
        Assert.Equal(8, attempts.Count);
        Assert.All(attempts, line => Assert.Equal(("person", "failure"), (line.Text("type"), line.Text("outcome"))));
        Assert.Equal(
            ["audit show", "audit verify", "find", "get", "history", "qc list", "show", "withdraw"],
            attempts.Select(line => line.GetProperty("entities")[0].Text("id")).Order(StringComparer.Ordinal));
        Assert.Contains(attempts, line => line.GetProperty("agent").Text("address").EndsWith($":uid-{Auditor}", StringComparison.Ordinal));
        (await AsAsync(Auditor, "audit", "verify")).Demand(0);
    }

    [Fact]
    public async Task Members_of_a_group_have_its_roles_and_who_ended_has_none()
    {
        string id = await PrepareAsync();
        await RegisterAsync(Service, "Ines", Admin, "admin");
        await RegisterAsync(Admin, "Rita", Reader, "reader");
        (await AsAsync(Member, "show", id)).Demand(2);
        (await AsAsync(Admin, "person", "add", "Ward 3", "--group", GroupName, "--role", "reader")).Demand(0);
        (await AsAsync(Member, "show", id)).Demand(0);
        (await AsAsync(Admin, "person", "end", "p3", "--reason", "moved")).Demand(0);
        (await AsAsync(Member, "show", id)).Demand(2);
        (await AsAsync(Admin, "person", "end", "p2", "--reason", "left")).Demand(0);
        (await AsAsync(Member, "show", id)).Demand(0);   // nobody is a reader any more
    }

    [Fact]
    public async Task Where_the_keys_are_gone_nobody_passes_for_the_service_but_root()
    {
        string id = await PrepareAsync();
        await RegisterAsync(Service, "Ines", Admin, "admin");
        await RegisterAsync(Admin, "Rita", Reader, "reader");
        Directory.Delete(Path.Combine(_site.Data, "keys"), recursive: true);
        (await AsAsync(Member, "show", id)).Demand(2);
        (await AsAsync(Service, "show", id)).Demand(2);
        (await _site.RunAsync("show", id)).Demand(0);
    }

    [Fact]
    public async Task Where_the_register_is_damaged_nobody_but_the_service_gets_through()
    {
        string id = await PrepareAsync();
        await RegisterAsync(Service, "Ines", Admin, "admin");
        string register = Assert.Single(Directory.EnumerateFiles(Path.Combine(_site.Data, "archive"), "people.json", SearchOption.AllDirectories));
        await File.AppendAllTextAsync(register, " ", TestContext.Current.CancellationToken);
        (await AsAsync(Member, "show", id)).Demand(1);
        (await AsAsync(Service, "show", id)).Demand(0);
    }

    [Fact]
    public void Every_command_of_the_table_is_there_and_the_documentation_has_the_same_table()
    {
        var leaves = LeavesOf(DocIngestProgram.CreateRoot(), "").ToList();
        string documented = Checkout.Read("docs/formats/people.md");
        foreach (var duty in Duty.All)
        {
            Assert.All(duty.Commands, command => Assert.Contains(leaves, leaf => leaf == command || leaf.StartsWith(command + " ", StringComparison.Ordinal)));
            string roles = duty.Roles.Count == 0 ? "the service's account alone" : string.Join(", ", duty.Roles.Select(role => $"`{role}`"));
            Assert.Contains($"| {string.Join(", ", duty.Commands.Select(command => $"`{command}`"))} | `{duty.OnceThereIsA}` | {roles} |", documented, StringComparison.Ordinal);
        }

        // A command that is added later is put into the table, or named here on purpose.
        string[] askNone =
        [
            "run", "backup", "catalog rebuild", "catalog maintain", "archive validate", "archive verify", "report", "drill", "job", "signing-key", "recovery-kit", "status", "alarm", "stats", "rules", "config", "version", "retention schema",
            "person", "hold add", "hold release", "retention propose", "retention approve", "retention reject", "retention execute", "retention certify", "retention declare-gone", "retention replay", "recover accept", "recover accept-without-ledger",   // these ask by themselves
        ];
        Assert.All(leaves, leaf => Assert.True(
            Duty.Of(leaf) is null == askNone.Any(one => leaf == one || leaf.StartsWith(one + " ", StringComparison.Ordinal)), $"'{leaf}' asks a role or is named here, not both"));
    }

    public void Dispose() => _site.Dispose();

    private static IEnumerable<string> LeavesOf(Command command, string path) => command.Subcommands.Count == 0
        ? [path.TrimEnd()]
        : command.Subcommands.SelectMany(one => LeavesOf(one, $"{path}{one.Name} "));

    private async Task<string> PrepareAsync()
    {
        Needs.Root();
        Needs.Tool("setpriv");
        Needs.Tool("chgrp");
        Assert.SkipUnless(AccountNames().Contains($"{GroupName}:"), "There is no group users.");
        File.SetUnixFileMode(_site.Root, All);
        Directory.CreateDirectory(_site.Data);
        await RunAsync("chown", $"{Service}:{Group}", _site.Data);
        File.SetUnixFileMode(_site.Data, (UnixFileMode)0b010_111_111_000);   // 2770: shared with the group
        foreach (int account in new[] { Service, Admin, Reader, Operator, Auditor, Member })
        {
            Directory.CreateDirectory(HomeOf(account));
            await RunAsync("chown", $"{account}:{Group}", HomeOf(account));
        }

        string file = Path.Combine(HomeOf(Service), "letter.pdf");
        await File.WriteAllBytesAsync(file, A.Pdf().WithTextLayer("a letter").ToBytes(), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, All);
        string id = Assert.Single(Json.Lines((await AsAsync(Service, "ingest", file, "--json")).Demand(0))).Text("id");
        Directory.CreateDirectory(Path.Combine(_site.Data, "keys"));
        File.SetUnixFileMode(Path.Combine(_site.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RunAsync("chown", $"{Service}:{Group}", Path.Combine(_site.Data, "keys"));
        return id;
    }

    private static string AccountNames() => File.Exists("/etc/group") ? File.ReadAllText("/etc/group") : "";

    private async Task RegisterAsync(int by, string name, int account, string role) =>
        (await AsAsync(by, "person", "add", name, "--account", $"uid-{account}", "--role", role)).Demand(0);

    private string HomeOf(int account) => Path.Combine(_site.Root, $"home-{account}");

    private async Task<EndedProgram> AsAsync(int account, params string[] command)
    {
        using var running = TheProgram.StartAny(
            "setpriv", ["--reuid", account.ToString(CultureInfo.InvariantCulture), "--regid", Group, "--clear-groups", "--", TheProgram.Executable, .. _site.Arguments(command)]);
        running.CloseInput();
        return await running.EndAsync();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var running = TheProgram.StartAny(program, arguments);
        running.CloseInput();
        (await running.EndAsync()).Demand(0);
    }
}
