using System.Diagnostics;
using System.Runtime.CompilerServices;
using DocIngest.Storage;
using Xunit;

namespace DocIngest.TestKit.Servers;

/// <summary>Microsoft's own emulator of Azure's blobs, started once for all tests of a program. Skips them where it is not installed.</summary>
/// <remarks>An assembly fixture. It ends with the program that started it, however that ends.</remarks>
public sealed class Azurite : IAsyncLifetime
{
    /// <summary>The collection of those who take leases or let time pass: there is one clock.</summary>
    public const string Clock = "the clock of Azurite";

    private const string AccountName = "devstoreaccount1";   // of everybody's emulator, like its key

    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private TempFolder? _temp;
    private ServerProcess? _server;
    private AzureAccount? _account;

    /// <summary>Whether it can be started here.</summary>
    public static bool IsInstalled => Program() is not null;

    /// <summary>Its only account.</summary>
    public AzureAccount Account => _account ?? Missing();

    /// <summary>A container that no other test uses.</summary>
    public static string NewContainer() => $"test-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        if (Program() is not { } program)
            return;
        _temp = new TempFolder(inMemory: true);
        var start = new ProcessStartInfo("node", [
            "--require", Path.Combine(Package(), "shifted-clock.cjs"), program, "--blobHost", "127.0.0.1", "--blobPort", "0", "--location", _temp.Path,
            "--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
        _server = ServerProcess.Start(start);
        string endpoint = await _server.SaysAsync("successfully listens on ");
        _account = new AzureAccount(AccountName) { Key = AccountKey, Endpoint = new Uri($"{endpoint}/{AccountName}") };
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _temp?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets time pass for the server.</summary>
    public Task AdvanceAsync(TimeSpan time) => _server!.AskAsync($"{time.TotalSeconds}", "The clock went on");   // '!': who has its account has it

    private static AzureAccount Missing()
    {
        Needs.Tool("node");
        Needs.Lacks("azurite", "Azurite is not installed: run npm ci in tests/azurite.");
        throw new UnreachableException();   // it threw
    }

    private static string? Program()
    {
        string program = Path.Combine(Package(), "node_modules/azurite/dist/src/blob/main.js");
        return File.Exists(program) && Needs.Has("node") ? program : null;
    }

    private static string Package([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../azurite"));   // a source file always lies in a folder
}
