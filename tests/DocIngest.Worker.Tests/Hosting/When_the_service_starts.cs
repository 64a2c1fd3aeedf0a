namespace DocIngest.Worker.Tests.Hosting;

/// <summary>What somebody who starts the service sees of it.</summary>
public sealed class When_the_service_starts : IDisposable
{
    private readonly IntakeSite _site = new();

    [Fact]
    public async Task It_says_which_data_folder_it_serves_and_where_scans_go()
    {
        using var service = await _site.ServeAsync();
        await Until.IsTrue(() => service.ErrorsSoFar.Contains($"default takes scans from {_site.Drop}", StringComparison.Ordinal), "its drop folder");
        Assert.Contains($"serves the data folder {_site.Data};", service.ErrorsSoFar, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Told_to_be_quiet_it_prints_errors_alone_and_logs_the_rest()
    {
        _site.Profile["requireMount"] = true;   // no mount: an alarm
        using var service = _site.Start("run", "--quiet");
        await Until.IsTrue(() => service.ErrorsSoFar.Contains("Alarm folder-missing", StringComparison.Ordinal), "the alarm");
        service.Signal(LibC.Terminate);
        var ended = (await service.EndAsync()).Demand(0);
        Assert.All(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" ERR ", line, StringComparison.Ordinal));
        string log = Assert.Single(Directory.EnumerateFiles(Path.Combine(_site.Data, "logs")));
        Assert.Contains("serves the data folder", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();
}
