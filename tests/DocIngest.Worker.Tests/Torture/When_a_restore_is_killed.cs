using System.Globalization;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.Torture;

/// <summary>
/// SIGKILL to restores after a random part of what they have to write, into an empty target and over an older state: each file is whole
/// under its name or not there.
/// </summary>
public sealed class When_a_restore_is_killed : IDisposable
{
    private const int Folders = 12;
    private const int SmallFilesInFolder = 10;
    private const int MostSmallBytes = 20_000;
    private const int MostLargeBytes = 12_000_000;   // of several blobs, so that it is half written for a while
    private const int KillsInRound = 3;
    private const string TemporaryNames = ".docingest-restore-*";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DOCINGEST_LONG") is { Length: > 0 };
    private static readonly int Rounds = IsLong ? 30 : 4;

    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly ITestOutputHelper _output;
    private readonly BackupSite _site = new();
    private readonly Random _chance = new(20261127);

    // By path below the source.
    private readonly Dictionary<string, byte[]> _old = [];
    private readonly Dictionary<string, byte[]> _new = [];

    private int _hits;
    private int _partial;

    public When_a_restore_is_killed(ITestOutputHelper output) => _output = output;

    private string Source => _site["source"];

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task No_file_is_half_there_and_the_next_run_goes_on()
    {
        Needs.Linux();
        await _site.InitBesideAsync();
        await BackUpAsync(_old);
        await BackUpAsync(_new);
        string older = (await _site.SnapshotsAsync())[0];
        for (int round = 1; round <= Rounds; round++)
        {
            string target = _site[$"target-{round}"];
            bool isOver = round % 2 == 0;
            if (isOver)
                (await _site.RunBesideAsync("restore", older, "--target", target)).Demand(0);
            long missing = _new.Values.Sum(content => (long)content.Length);
            for (int kill = 1; kill <= KillsInRound; kill++)
            {
                _hits += await KillAsync(target, (long)(missing * _chance.NextDouble())) ? 1 : 0;
                missing = DemandWhole(target, isOver, $"round {round}, kill {kill}");
            }

            (await RestoreAsync(target)).Demand(0);
            DemandRestored(target);
        }

        int kills = Rounds * KillsInRound;
        _output.WriteLine($"{_hits} of {kills} kills hit a restore at work, {_partial} of them left a part of the files.");
        Assert.True(_hits * 2 > kills, $"only {_hits} of {kills} kills hit a restore at work");
        Assert.True(_partial * 2 > kills, $"only {_partial} of {kills} kills left a part of the files");
    }

    /// <summary>Writes the source anew and backs it up.</summary>
    private async Task BackUpAsync(Dictionary<string, byte[]> files)
    {
        for (int i = 0; i < Folders * (SmallFilesInFolder + 1); i++)
        {
            string path = Path.Combine((i % Folders).ToString(CultureInfo.InvariantCulture), $"file-{i}");
            byte[] content = new byte[_chance.Next(1, i < Folders ? MostLargeBytes : MostSmallBytes)];
            _chance.NextBytes(content);
            files[path] = content;
            Directory.CreateDirectory(Path.Combine(Source, Path.GetDirectoryName(path) ?? ""));
            await File.WriteAllBytesAsync(Path.Combine(Source, path), content, TestContext.Current.CancellationToken);
        }

        (await _site.RunBesideAsync("run", Source)).Demand(0);
    }

    private Task<EndedProgram> RestoreAsync(string target) => _site.RunBesideAsync(Restore(target));

    private static string[] Restore(string target) => ["restore", "latest", "--target", target, "--overwrite"];

    /// <param name="target">Of the restore.</param>
    /// <param name="afterBytes">How much it may write.</param>
    /// <returns>Whether it was still at work then.</returns>
    private async Task<bool> KillAsync(string target, long afterBytes)
    {
        using var program = _site.Start(NoEnvironment, [.. Restore(target), "--repo", _site.Repository, "--password-file", _site.PasswordFile]);
        program.CloseInput();
        while (!program.HasExited && WrittenBy(program.Id) < afterBytes)
            Thread.SpinWait(50);
        bool atWork = !program.HasExited;
        await program.KillAsync();
        return atWork;
    }

    /// <summary>Bytes that a process has given to the kernel; all there are once it is gone.</summary>
    private static long WrittenBy(int process)
    {
        const string Field = "wchar: ";
        try
        {
            return long.Parse(File.ReadLines($"/proc/{process}/io").First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>What stands under a name of the source is whole: of the state before, where there was one, or of the one that is restored.</summary>
    /// <returns>Bytes of the files that are still to be restored.</returns>
    private long DemandWhole(string target, bool isOver, string when)
    {
        int restored = 0;
        long missing = 0;
        foreach (var (path, content) in _new)
        {
            string file = target + Path.Combine(Source, path);
            byte[]? found = File.Exists(file) ? File.ReadAllBytes(file) : null;
            bool isRestored = found is not null && found.AsSpan().SequenceEqual(content);
            bool isUntouched = isOver ? found is not null && found.AsSpan().SequenceEqual(_old[path]) : found is null;
            Assert.True(isRestored || isUntouched, $"{when}: {path} is neither what it was nor what it shall be ({found?.Length} bytes).");
            restored += isRestored ? 1 : 0;
            missing += isRestored ? 0 : content.Length;
        }

        _partial += restored > 0 && missing > 0 ? 1 : 0;
        return missing;
    }

    private void DemandRestored(string target)
    {
        var files = Directory.EnumerateFiles(target + Source, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(target + Source, file));
        Assert.Equal(_new.Keys.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        foreach (var (path, content) in _new)
        {
            string file = target + Path.Combine(Source, path);
            Assert.Equal(content, File.ReadAllBytes(file));
            Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(Source, path)), File.GetLastWriteTimeUtc(file));
        }

        Assert.Empty(Directory.EnumerateFiles(target, TemporaryNames, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }));
    }
}
