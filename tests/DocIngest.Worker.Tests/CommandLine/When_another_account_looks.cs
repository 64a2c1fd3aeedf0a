using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands of an account that lacks permissions on the data folder.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // its tests skip elsewhere
public sealed class When_another_account_looks : IDisposable
{
    private const string Nobody = "65534";
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

    public void Dispose() => _site.Dispose();

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
