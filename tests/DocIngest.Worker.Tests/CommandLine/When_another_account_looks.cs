using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands of an account that lacks permissions on the data folder.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // its tests skip elsewhere
public sealed class When_another_account_looks : IDisposable
{
    private const string Nobody = "65534";
    private const string Auditor = "1520";
    private const string AuditorsGroup = "2001";
    private const string OwnersGroup = "0";   // files are 0640: a member of the group may read, others may not
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode ReadableByAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly IntakeSite _site = new();

    [Fact]
    public async Task A_data_folder_it_may_not_enter_is_forbidden_and_not_absent()
    {
        string id = await FileOneAsync();
        File.SetUnixFileMode(_site.Data, OwnerOnly);
        foreach (string[] command in (string[][])[["status"], ["show", id]])
        {
            Assert.Contains("may not look into", (await AsNobodyAsync(command)).Demand(6).Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_may_only_read_sees_no_record_since_no_entry_of_it_could_be_made()
    {
        string id = await FileOneAsync();
        await LookUpAsync(id, "stopped");
        using var service = await _site.ServeAsync();
        await LookUpAsync(id, "running");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
    }

    [Fact]
    public async Task What_it_may_not_write_it_is_told_in_words()
    {
        string id = await FileOneAsync();
        var ended = (await AsNobodyAsync("qc", "assign", id, "--class", "letter")).Demand(6);
        Assert.Contains("may read this data folder, not change it", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_folder_that_is_shared_with_its_group_an_auditor_sees_records_and_is_recorded()   // the commands of docs/operations/audit.md
    {
        string id = await FileOneAsync();
        (await _site.RunAsync("audit", "rotate-key")).Demand(0);   // so that there are keys
        await RunAsync("chgrp", "-R", AuditorsGroup, _site.Data);
        await RunAsync("chmod", "-R", "g+rwX", _site.Data);
        await RunAsync("find", _site.Data, "-type", "d", "-exec", "chmod", "g+s", "{}", "+");
        await RunAsync("chmod", "-R", "g-rwx", Path.Combine(_site.Data, "keys"));
        File.SetUnixFileMode(_site.Data, (UnixFileMode)0b010_111_111_000);
        using (var service = await _site.ServeAsync())
        {
            Assert.Equal(id, Assert.Single(Json.Lines((await AsAuditorAsync("find", "quiet", "--purpose", "audit", "--json")).Demand(0))).Text("id"));
            (await AsAuditorAsync("show", id)).Demand(0);
            (await AsAuditorAsync("get", id, "--as", "text")).Demand(0);
            (await AsAuditorAsync("audit", "verify")).Demand(0);
            (await AsAuditorAsync("audit", "rotate-key")).Demand(2);   // keys stay the service's
            _site.Put("b.pdf", A.Pdf().WithTextLayer("more").ToBytes());
            await _site.UntilAccountedAsync(2);   // the service goes on in the same files
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        var seen = (await _site.LinesAsync("audit", "show", "--disclosures")).Where(entry => entry.GetProperty("agent").Text("account") != "root").ToList();
        Assert.Equal(["search find", "read show", "read text"], seen.Select(entry => $"{entry.Text("type")} {entry.Text("subtype")}"));
        Assert.Equal("audit", seen[0].Text("purpose"));
        (await _site.RunAsync("audit", "verify")).Demand(0);
    }

    public void Dispose() => _site.Dispose();

    private async Task<EndedProgram> AsAuditorAsync(params string[] command)
    {
        using var running = TheProgram.StartAny(
            "setpriv", ["--reuid", Auditor, "--regid", AuditorsGroup, "--clear-groups", "--", TheProgram.Executable, .. _site.Arguments(command)]);
        running.CloseInput();
        return await running.EndAsync();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var running = TheProgram.StartAny(program, arguments);
        running.CloseInput();
        (await running.EndAsync()).Demand(0);
    }

    private async Task LookUpAsync(string id, string state)
    {
        foreach (string[] command in (string[][])[["status"], ["stats"], ["audit", "show"], ["audit", "verify"]])
        {
            var ended = await AsNobodyAsync(command);
            Assert.True(ended.ExitCode == 0, $"{command[0]} while {state}: exit {ended.ExitCode}\n{ended.Output}{ended.Errors}");
        }

        foreach (string[] command in (string[][])[["find", "quiet"], ["show", id], ["history", id], ["get", id, "--as", "text"], ["qc", "list"], ["quarantine", "list", "--all"]])
        {
            var ended = await AsNobodyAsync(command);
            Assert.True(ended is { ExitCode: 6, Output: "" }, $"{command[0]} while {state}: exit {ended.ExitCode}\n{ended.Output}{ended.Errors}");
            Assert.Contains("cannot write the audit", ended.Errors, StringComparison.Ordinal);
        }
    }

    private async Task<string> FileOneAsync()
    {
        Needs.Root();
        Needs.Tool("setpriv");
        _site.Put("a.pdf", A.Pdf().WithTextLayer("all quiet").ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        File.SetUnixFileMode(_site.Root, ReadableByAll);
        File.SetUnixFileMode(_site.Data, ReadableByAll);
        return id;
    }

    private async Task<EndedProgram> AsNobodyAsync(params string[] command)
    {
        using var running = TheProgram.StartAny(
            "setpriv", ["--reuid", Nobody, "--regid", OwnersGroup, "--clear-groups", "--", TheProgram.Executable, .. _site.Arguments(command)]);
        running.CloseInput();
        return await running.EndAsync();
    }
}
