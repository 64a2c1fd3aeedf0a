using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands on a terminal of their own.</summary>
public sealed class When_a_terminal_shows_the_output : IDisposable
{
    private readonly IntakeSite _site = new();

    [Fact]
    public async Task The_outcome_of_each_file_is_not_overwritten()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        var ended = await OnTerminalAsync("ingest", _site.Drop);
        Assert.Equal(0, ended.ExitCode);
        Assert.Matches("filed +urn:uuid:", ended.Output);
        Assert.DoesNotContain("Taking in", ended.Output, StringComparison.Ordinal);   // a bar moves the cursor over the lines
    }

    [Fact]
    public async Task Bytes_that_may_be_no_text_are_kept_from_it()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("quiet").ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop)).Text("id");
        var refused = await OnTerminalAsync("get", id);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Name a file with -o", refused.Output, StringComparison.Ordinal);
        Assert.Contains("quiet", (await OnTerminalAsync("get", id, "--as", "text")).Demand(0).Output, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private async Task<EndedProgram> OnTerminalAsync(params string[] command)
    {
        Needs.Linux();
        Needs.Tool("script");
        string line = string.Join(' ', ((string[])[TheProgram.Executable, .. _site.Arguments(command)]).Select(word => $"'{word}'"));
        using var running = TheProgram.StartAny("script", ["-qec", line, "/dev/null"], new Dictionary<string, string> { ["TERM"] = "xterm" });
        return await running.EndAsync();
    }
}
