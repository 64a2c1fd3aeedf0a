using System.Diagnostics;
using System.Globalization;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.Torture;

/// <summary>SIGKILL to backups, forgets and prunes at random moments; the real restic looks at the repository after each.</summary>
public sealed class When_a_backup_is_killed : IDisposable
{
    private const int Files = 60;
    private const int MostFileBytes = 1_500_000;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DOCINGEST_LONG") is { Length: > 0 };
    private static readonly int Kills = IsLong ? 100 : 8;

    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly ITestOutputHelper _output;
    private readonly BackupSite _site = new();
    private readonly Random _chance = new(20261126);
    private readonly Dictionary<string, TimeSpan> _durations = [];

    public When_a_backup_is_killed(ITestOutputHelper output)
    {
        _output = output;
        for (int file = 0; file < Files; file++)
            Rewrite(file);
    }

    private string Source => _site["source"];

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task The_repository_is_whole_each_time_and_the_next_run_goes_on()
    {
        Needs.Linux();
        Needs.Tool("restic");
        await _site.InitBesideAsync();
        await MeasureAsync();
        int hits = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            string[] command = Commands[_chance.Next(Commands.Length)];
            for (int change = 0; change < 20; change++)
                Rewrite(_chance.Next(Files));
            hits += await KillAsync(command) ? 1 : 0;
            await DemandWholeAsync($"kill {kill}, {command[0]}");
        }

        _output.WriteLine($"{hits} of {Kills} kills hit while work was in progress.");
        Assert.True(hits * 2 > Kills, $"only {hits} of {Kills} kills hit while work was in progress");
        await RunToTheEndAsync();
    }

    private string[][] Commands => [["run", Source], ["run", Source], ["forget", "--keep-last", "2"], ["prune", "--max-unused", "0"]];

    /// <summary>How long each takes undisturbed, so that the kills fall within.</summary>
    private async Task MeasureAsync()
    {
        foreach (string[] command in Commands)
        {
            Rewrite(0);
            long start = Stopwatch.GetTimestamp();
            (await _site.RunBesideAsync(command)).Demand(0);
            _durations[command[0]] = Stopwatch.GetElapsedTime(start);
        }
    }

    private async Task<bool> KillAsync(string[] command)
    {
        using var program = _site.Start(NoEnvironment, [.. command, "--repo", _site.Repository, "--password-file", _site.PasswordFile]);
        program.CloseInput();
        var moment = _durations[command[0]] * _chance.NextDouble();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < moment && !program.HasExited)
            Thread.SpinWait(50);
        bool atWork = !program.HasExited;
        await program.KillAsync();
        return atWork;
    }

    private async Task DemandWholeAsync(string when)
    {
        (await ResticAsync("unlock", "--remove-all")).Demand(0);
        var check = await ResticAsync("check", "--read-data");
        Assert.True(check.ExitCode == 0, $"{when}:\n{check.Output}{check.Errors}");
    }

    private async Task RunToTheEndAsync()
    {
        (await _site.RunBesideAsync("run", Source)).Demand(0);
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(0);
        (await _site.RunBesideAsync("prune", "--max-unused", "0", "--grace", "0h")).Demand(0);
        await DemandWholeAsync("the end");
        (await ResticAsync("restore", "latest", "--target", _site["back"])).Demand(0);
        foreach (string file in Directory.EnumerateFiles(Source))
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(_site["back"] + file));

        // What the killed ones left is used or gone: nothing but what the last snapshot needs is there.
        long packs = new DirectoryInfo(Path.Combine(_site.Repository, "data")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        long content = new DirectoryInfo(Source).EnumerateFiles().Sum(file => file.Length);
        Assert.InRange(packs, content, content + 1_000_000);
    }

    private Task<EndedProgram> ResticAsync(params string[] arguments) => BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, arguments);

    private void Rewrite(int file)
    {
        byte[] content = new byte[_chance.Next(1, MostFileBytes)];
        _chance.NextBytes(content);
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Source).FullName, file.ToString(CultureInfo.InvariantCulture)), content);
    }
}
