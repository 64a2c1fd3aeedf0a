using System.Security.Cryptography;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>A data folder with something in it, a place for repositories beside it, and the programs that work on both.</summary>
internal sealed class BackupSite : IDisposable
{
    public const string Password = "correct horse battery staple";

    private readonly TempFolder _disk = new();

    public BackupSite()
    {
        Data = _disk["data"];
        Repository = _disk["repository"];
        PasswordFile = _disk.File("password", Password + "\n");
        Directory.CreateDirectory(Path.Combine(Data, "archive"));
        File.WriteAllText(Path.Combine(Data, "archive", "record"), "what must not be lost");
    }

    public string Root => _disk.Path;

    /// <summary>A file in the archive that cannot be compressed; there once it was made.</summary>
    public string Noise => Path.Combine(Data, "archive", "noise");

    public void MakeNoise() => File.WriteAllBytes(Noise, RandomNumberGenerator.GetBytes(200_000));

    public string Data { get; }

    /// <summary>Outside the data folder; not made yet.</summary>
    public string Repository { get; }

    /// <summary>Of <see cref="Repository"/>.</summary>
    public string PasswordFile { get; }

    /// <summary>The repository in the data folder.</summary>
    public string Embedded => Path.Combine(Data, "backup");

    /// <summary>The password drawn for it.</summary>
    public string DrawnPasswordFile => Path.Combine(Data, "keys", "backup-password");

    public string this[string relative] => _disk[relative];

    public string WriteFile(string relative, string content) => _disk.File(relative, content);

    /// <summary>Makes the data folder one in use, with a scan taken in and a ledger, in place of what was in it.</summary>
    public async Task TakeInAsync()
    {
        Directory.Delete(Data, recursive: true);
        string drop = Directory.CreateDirectory(Path.Combine(Data, "drop")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(drop, "a.pdf"), A.Pdf().WithTextLayer("a").ToBytes(), TestContext.Current.CancellationToken);
        (await TheProgram.RunAsync("ingest", drop, "--move", "--data", Data)).Demand(0);
    }

    /// <summary>Writes the configuration in its own place.</summary>
    public void Configure(string backup)
    {
        Directory.CreateDirectory(Path.Combine(Data, "config"));
        File.WriteAllText(Path.Combine(Data, "config", "docingest.json"), $$"""{ "backup": {{backup}} }""");
    }

    /// <summary>Runs <c>docingest backup …</c> on this data folder.</summary>
    public Task<EndedProgram> RunAsync(params string[] arguments) => RunWithAsync(new Dictionary<string, string>(), arguments);

    /// <summary>As <see cref="RunAsync"/>, with variables of the environment.</summary>
    public async Task<EndedProgram> RunWithAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var running = Start(environment, arguments);
        running.CloseInput();
        return await running.EndAsync();
    }

    public RunningProgram Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        TheProgram.Start(["backup", .. arguments, "--data", Data], environment, Root);

    /// <summary>Runs it on the repository beside the data folder.</summary>
    public Task<EndedProgram> RunBesideAsync(params string[] arguments) => RunAsync([.. arguments, "--repo", Repository, "--password-file", PasswordFile]);

    /// <summary>Flips a bit in the pack that holds <see cref="Noise"/>, which is by far the largest.</summary>
    /// <returns>The pack.</returns>
    public string DamageLargestPack()
    {
        string pack = Directory.EnumerateFiles(Path.Combine(Repository, "data"), "*", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length) ?? "";
        Damage(pack);
        return Path.GetFileName(pack);
    }

    /// <summary>Flips a bit in the middle of a pack.</summary>
    public static void Damage(string pack)
    {
        byte[] content = File.ReadAllBytes(pack);
        content[content.Length / 2] ^= 1;
        File.Delete(pack);   // restic and we leave packs write-protected
        File.WriteAllBytes(pack, content);
    }

    /// <summary>Makes the repository beside the data folder.</summary>
    public async Task InitBesideAsync() => (await RunBesideAsync("init")).Demand(0);

    /// <summary>Runs <c>docingest status</c>.</summary>
    public Task<EndedProgram> StatusAsync(params string[] arguments) => TheProgram.RunAsync(["status", .. arguments, "--data", Data]);

    /// <summary>The real restic on a repository.</summary>
    public static async Task<EndedProgram> ResticAsync(string repository, string passwordFile, params string[] arguments)
    {
        using var running = StartRestic(repository, passwordFile, arguments);
        running.CloseInput();
        return await running.EndAsync();
    }

    public static RunningProgram StartRestic(string repository, string passwordFile, params string[] arguments)
    {
        Needs.Tool("restic");
        return TheProgram.StartAny("restic", ["--no-cache", "--repo", repository, "--password-file", passwordFile, .. arguments]);
    }

    public static async Task<EndedProgram> OpenSslAsync(params string[] arguments)
    {
        Needs.Tool("openssl");
        using var running = TheProgram.StartAny("openssl", arguments);
        running.CloseInput();
        return await running.EndAsync();
    }

    /// <summary>The ids of all snapshots, oldest first.</summary>
    public async Task<List<string>> SnapshotsAsync() =>
        [.. Json.Lines((await RunBesideAsync("list", "--json")).Demand(0)).Select(snapshot => snapshot.Text("id"))];

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public void Dispose() => _disk.Dispose();
}
