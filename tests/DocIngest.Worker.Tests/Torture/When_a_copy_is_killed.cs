using System.Text.Json;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests.Torture;

/// <summary>SIGKILL to <c>archive copy</c> when it has copied some of the objects; each next run goes on, and in the end all is there and valid.</summary>
[Collection(Azurite.Clock)]
public sealed class When_a_copy_is_killed(Azurite azurite, ITestOutputHelper output) : IDisposable
{
    private const int Records = 40;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DOCINGEST_LONG") is { Length: > 0 };
    private static readonly int Kills = IsLong ? 40 : 2;

    private readonly IntakeSite _site = new();
    private readonly Random _chance = new(20261127);

    private string Archive => Path.Combine(_site.Data, "archive");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Into_Azure_it_goes_on()
    {
        await FileAsync();
        var blobs = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), "copy");
        int partial = await KillAsync(
            () => azurite.AdvanceAsync(TimeSpan.FromSeconds(31)),
            fresh =>
            {
                string container = Azurite.NewContainer();
                blobs = new AzureBlobStore(azurite.Account, container, fresh);
                return $"azure:{container}:/{fresh}";
            },
            async () =>
            {
                await blobs.CreateContainerAsync(Cancellation);
                return await blobs.ListAsync("", Cancellation).CountAsync(blob => IsOfAnObject(blob.Name), Cancellation);
            });

        output.WriteLine($"{partial} of {Kills} runs went on where a kill had left something.");
        Assert.Equal(Kills, partial);
    }

    [Fact]
    public async Task Onto_a_disk_it_goes_on()
    {
        await FileAsync();
        string target = Path.Combine(_site.Root, "copy");
        int partial = await KillAsync(
            () =>
            {
                string work = Path.Combine(_site.Root, $"~{Path.GetFileName(target)}");   // holds the lease of the dead; it may be deleted when no copy runs
                if (Directory.Exists(work))
                    Directory.Delete(work, recursive: true);
                return Task.CompletedTask;
            },
            fresh => target = Path.Combine(_site.Root, fresh),
            () => Task.FromResult(Directory.Exists(target) ? Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Count(IsOfAnObject) : 0));

        output.WriteLine($"{partial} of {Kills} runs went on where a kill had left something.");
        Assert.Equal(Kills, partial);
    }

    private async Task<int> KillAsync(Func<Task> passLease, Func<string, string> renew, Func<Task<int>> count)
    {
        int partial = 0;
        for (int kill = 1; kill <= Kills; kill++)
        {
            string[] to = ["--to", renew($"copy-{kill}")];
            for (int again = 0; again < 2; again++)
            {
                using var running = Start(to);
                running.CloseInput();
                int enough = _chance.Next(1, Records / 4) * (again + 1);
                while (!running.HasExited && await count() < enough)
                    await Task.Yield();
                await running.KillAsync();
                await passLease();
            }

            var json = Demand(await RunAsync(to), present: null);
            partial += json.GetProperty("present").GetInt64() is > 0 and < Records ? 1 : 0;
            string back = Path.Combine(_site.Root, $"back-{kill}");
            Demand(await RunAsync(["--from", to[1], "--to", back]), present: 0);
            Assert.Equal(FilesIn(Archive), FilesIn(back));
            Assert.Empty(OcflCheck.Validate(to[1].StartsWith("azure:", StringComparison.Ordinal) ? back : to[1]));
        }

        return partial;
    }

    private static bool IsOfAnObject(string name) => name.EndsWith("/v1/inventory.json.sha512", StringComparison.Ordinal);

    private static JsonElement Demand(EndedProgram ended, long? present)
    {
        var json = JsonDocument.Parse(ended.Demand(0).Output).RootElement;
        Assert.Equal(Records, json.GetProperty("objects").GetInt64());
        Assert.Equal(Records, json.GetProperty("copied").GetInt64() + json.GetProperty("present").GetInt64());
        Assert.Equal(present ?? json.GetProperty("present").GetInt64(), json.GetProperty("present").GetInt64());
        return json;
    }

    private async Task FileAsync()
    {
        for (int i = 0; i < Records; i++)
            _site.Put($"scan-{i}.pdf", A.Pdf().WithTextLayer($"A letter that is filed, number {i}.").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
    }

    private async Task<EndedProgram> RunAsync(string[] options)
    {
        using var running = Start(options);
        running.CloseInput();
        return await running.EndAsync();
    }

    private RunningProgram Start(string[] options) => TheProgram.Start(_site.Arguments(["archive", "copy", .. options, "--json"]), new Dictionary<string, string>
    {
        ["AZURE_ACCOUNT_NAME"] = azurite.Account.Name,
        ["AZURE_ACCOUNT_KEY"] = azurite.Account.Key ?? "",
        ["DOCINGEST_AZURE_ENDPOINT"] = $"{azurite.Account.Endpoint}",
    });

    private static SortedDictionary<string, string> FilesIn(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToBase64String(File.ReadAllBytes(file))), StringComparer.Ordinal);
}
