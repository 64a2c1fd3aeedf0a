using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>signing-key</c> as an admin uses it, and what an auditor gets of it.</summary>
public sealed class When_the_key_of_reports_changes : IDisposable
{
    private readonly IntakeSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task The_former_signs_for_the_next_and_reports_of_both_stay_good()
    {
        Needs.Tool("openssl");
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("a letter").ToBytes());
        (await _site.RunAsync("signing-key", "show")).Demand(5);   // no archive yet
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        (await _site.RunAsync("signing-key", "show")).Demand(5);   // no key yet
        (await _site.RunAsync("backup", "run")).Demand(0);
        string first = Json.Document((await _site.RunAsync("drill", "run", "--json")).Demand(0)).Text("reportId");
        var rotated = Json.Document((await _site.RunAsync("signing-key", "rotate", "--json")).Demand(0));
        Assert.Equal((2, "rotated"), (rotated.GetProperty("number").GetInt32(), rotated.Text("way")));
        string second = Json.Document((await _site.RunAsync("drill", "run", "--json")).Demand(0)).Text("reportId");

        var keys = Json.Lines(await _site.RunAsync("signing-key", "show", "--json"));
        Assert.Equal([rotated.Text("sha256"), rotated.Text("formerSha256")], keys.Select(key => key.Text("sha256")));
        (await _site.RunAsync("report", "verify", second, "--fingerprint", keys[0].Text("sha256"))).Demand(0);
        (await _site.RunAsync("report", "verify", second, "--fingerprint", keys[1].Text("sha256"))).Demand(1);
        (await _site.RunAsync("report", "verify", first, "--fingerprint", keys[1].Text("sha256"))).Demand(0);
        (await _site.RunAsync("audit", "verify")).Demand(0);

        // The auditor, who has the first certificate alone.
        string folder = Path.Combine(_site.Root, "handover");
        (await _site.RunAsync("signing-key", "export", "2", "-o", folder)).Demand(0);
        (await _site.RunAsync("signing-key", "export", "2", "-o", folder)).Demand(2);
        (await _site.RunAsync("signing-key", "export", "3", "-o", folder + "-3")).Demand(5);
        string command = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(folder, "VERIFY.txt"), TestContext.Current.CancellationToken), line => line.Contains("cms -verify", StringComparison.Ordinal)).Trim();
        Assert.Equal(0, await ShellAsync(folder, command));
        await File.AppendAllTextAsync(Path.Combine(folder, "key-2.json"), " ", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, await ShellAsync(folder, command));
    }

    private static async Task<int> ShellAsync(string folder, string command)
    {
        using var running = TheProgram.StartAny("sh", ["-c", $"cd \"$0\" && {command}", folder]);
        running.CloseInput();
        return (await running.EndAsync()).ExitCode;
    }
}
