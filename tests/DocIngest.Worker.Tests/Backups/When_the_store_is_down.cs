using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DocIngest.Worker.CommandLine.Backups;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>How long a store that does not answer is asked again is for the caller to say.</summary>
public sealed class When_the_store_is_down : IDisposable
{
    private const string Again = "Trying again in";

    private readonly BackupSite _site = new();

    [Theory]
    [InlineData("init")]
    [InlineData("run")]
    [InlineData("list")]
    public async Task It_is_asked_again_for_the_time_that_was_set_and_no_longer(string command)
    {
        long start = Stopwatch.GetTimestamp();
        var ended = (await OnClosedPortAsync(command, "--retry-for", "2s")).Demand(6);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));   // a busy machine starts slowly
        Assert.Contains(Again, ended.Errors, StringComparison.Ordinal);
        Assert.Contains("Given up after", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_asked_once_where_no_time_is_configured_and_the_command_line_comes_first()
    {
        _site.Configure("""{ "retryFor": "00:00:00" }""");
        Assert.DoesNotContain(Again, (await OnClosedPortAsync("list")).Demand(6).Errors, StringComparison.Ordinal);
        Assert.Contains(Again, (await OnClosedPortAsync("list", "--retry-for", "1s")).Demand(6).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("15")]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("2d")]
    [InlineData("25h")]
    public async Task A_time_that_is_none_is_a_usage_error_that_says_what_would_be_one(string duration)
    {
        var ended = (await OnClosedPortAsync("list", $"--retry-for={duration}")).Demand(2);
        Assert.Contains("90s, 15m or 1h30m", ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h1s", 3601)]
    [InlineData("00:15:00", 900)]
    public void Durations_are_written_as_people_restic_and_the_configuration_do(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse(text));

    [Theory]
    [InlineData("5ms")]
    [InlineData("m")]
    [InlineData("1m1h")]
    [InlineData("1.5h")]
    [InlineData("1h ")]
    [InlineData("-00:15:00")]
    [InlineData("99999999h")]
    public void What_is_no_duration_is_none(string text) => Assert.Null(DurationText.Parse(text));

    public void Dispose() => _site.Dispose();

    private Task<EndedProgram> OnClosedPortAsync(params string[] command) =>
        _site.RunAsync([.. command, "--repo", $"rest:http://127.0.0.1:{ClosedPort()}/", "--password-file", _site.PasswordFile]);

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
