using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;
using Microsoft.Data.Sqlite;

namespace DocIngest.Worker.Tests;

/// <summary>A place where the program works: a data folder, a drop folder and a configuration, on a real disk.</summary>
internal sealed class IntakeSite : IDisposable
{
    private readonly TempFolder _disk = new();
    private readonly JsonObject _profile = [];
    private readonly JsonObject _config = [];

    public IntakeSite(string dataFolder = "data")
    {
        Drop = _disk.Folder("drop");
        Data = _disk[dataFolder];
        ArchiveFolder = Path.Combine(Data, "archive");
        _profile["name"] = "default";
        _profile["folder"] = Drop;
        _profile["settleTime"] = "00:00:01";
        _profile["pollInterval"] = "00:00:00.2";
        _config["intake"] = new JsonObject { ["profiles"] = new JsonArray(_profile), ["retryDelay"] = "00:00:00.2", ["freeSpaceReserveBytes"] = 0 };
        _config["extraction"] = new JsonObject { ["workers"] = 2 };
    }

    public string Root => _disk.Path;

    public string Data { get; }

    public string Drop { get; }

    public string ConfigFile => _disk["config.json"];

    /// <summary>The archive as a folder; where it is in Azure, the copy that <see cref="BringBackAsync"/> made last.</summary>
    public string ArchiveFolder { get; private set; }

    /// <summary>Variables of every process of this site.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    private bool IsInAzure => _config.ContainsKey("archive");

    /// <summary>Settings of the one profile.</summary>
    public JsonObject Profile => _profile;

    /// <summary>All settings.</summary>
    public JsonObject Config => _config;

    public string this[string name] => Path.Combine(Drop, name);

    /// <summary>Files as many letters, each another one.</summary>
    /// <returns>Their ids.</returns>
    public async Task<List<string>> FileLettersAsync(int count)
    {
        for (int number = 1; number <= count; number++)
        {
            Put($"letter-{number}.pdf", A.Pdf().WithTextLayer($"letter number {number}").ToBytes());
        }

        return [.. Json.Lines((await RunAsync("ingest", Drop, "--json")).Demand(0)).Select(line => line.Text("id"))];
    }

    /// <summary>Where an object lies in a data folder (layout 0004).</summary>
    public static string ObjectIn(string data, string id)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)));
        return Path.Combine(data, "archive", digest[..3], digest[3..6], digest[6..9], digest);
    }

    /// <summary>Arguments with this site's folders.</summary>
    public string[] Arguments(params string[] arguments)
    {
        File.WriteAllText(ConfigFile, _config.ToJsonString());
        return [.. arguments, "--data", Data, "--config", ConfigFile];
    }

    public RunningProgram Start(params string[] arguments) => TheProgram.Start(Arguments(arguments), Variables);

    public async Task<EndedProgram> RunAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        running.CloseInput();
        return await running.EndAsync();
    }

    /// <summary>Lets the archive be in Azure.</summary>
    public void ArchiveIn(Azurite azurite, string store)
    {
        _config["archive"] = new JsonObject { ["store"] = store };
        Variables["AZURE_ACCOUNT_NAME"] = azurite.Account.Name;
        Variables["AZURE_ACCOUNT_KEY"] = azurite.Account.Key ?? "";
        Variables["DOCINGEST_AZURE_ENDPOINT"] = $"{azurite.Account.Endpoint}";
    }

    /// <summary>Copies an archive in Azure to a new folder and validates it there; does nothing where it is in a folder.</summary>
    public async Task BringBackAsync()
    {
        if (IsInAzure)
        {
            ArchiveFolder = _disk[$"copy-{Guid.NewGuid():N}"];
            (await RunAsync("archive", "copy", "--to", ArchiveFolder)).Demand(0);
            (await RunAsync("archive", "validate", ArchiveFolder)).Demand(0);
        }
    }

    /// <summary>Runs a command with <c>--json</c> and reads its lines.</summary>
    public async Task<List<JsonElement>> LinesAsync(params string[] arguments)
    {
        var ended = await RunAsync([.. arguments, "--json"]);
        Assert.True(ended.ExitCode is 0 or 3, $"exit {ended.ExitCode}\n{ended.Output}\n{ended.Errors}");
        return Json.Lines(ended);
    }

    /// <summary>Starts the service and waits until it serves.</summary>
    public async Task<RunningProgram> ServeAsync()
    {
        var service = Start("run");
        await Until.IsTrue(
            () => service.HasExited || service.ErrorsSoFar.Contains("serves the data folder", StringComparison.Ordinal), "the service to start");
        Assert.False(service.HasExited, service.ErrorsSoFar);
        return service;
    }

    public void Put(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name]) ?? Drop);
        File.WriteAllBytes(this[name], content);
    }

    public async Task<JsonElement> StatusAsync()
    {
        var ended = await RunAsync("status", "--json");
        Assert.True(ended.ExitCode is 0 or 1, $"exit {ended.ExitCode}\n{ended.Errors}");   // 1 where an alarm stands
        return Json.Document(ended);
    }

    /// <summary>Whether every file taken in has its end; asked of the running program's own <c>status</c>.</summary>
    public async Task UntilAccountedAsync(long dropped)
    {
        string last = "";
        var limit = Until.Limit();
        while (true)
        {
            if (File.Exists(Path.Combine(Data, "catalog/docingest.db")))
            {
                var ended = await RunAsync("status", "--json");
                last = ended.Output + ended.Errors;
                if (ended.ExitCode is 0 or 1 && Json.Document(ended).GetProperty("total") is var total
                    && total.GetProperty("dropped").GetInt64() == dropped && total.GetProperty("pending").GetInt64() == 0)
                {
                    return;
                }
            }

            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"Waited in vain for {dropped} files: {last}\nleft: {string.Join(" ", Directory.EnumerateFiles(Drop))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Every original in the archive, version by version: path and SHA-512 in hexadecimal digits.</summary>
    public List<(string Path, string Sha512)> Archived() => !Directory.Exists(ArchiveFolder) ? [] :
        [.. Directory.EnumerateFiles(ArchiveFolder, "original.*", SearchOption.AllDirectories).Select(file => (file, HashOf(file)))];

    public List<string> Quarantined() => !Directory.Exists(Path.Combine(Data, "quarantine")) ? [] :
        [.. Directory.EnumerateFiles(Path.Combine(Data, "quarantine"), "original", SearchOption.AllDirectories).Select(HashOf)];

    /// <summary>Whole files in the drop folder, those set aside too.</summary>
    public List<string> Dropped() => [.. Directory.EnumerateFiles(Drop, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Select(HashOf)];

    public List<string> ReceiptLines() => !Directory.Exists(Path.Combine(Data, "receipts")) ? [] :
        [.. Directory.EnumerateFiles(Path.Combine(Data, "receipts"), "*.jsonl").SelectMany(File.ReadLines)];

    public string[] Staging() => [.. Directory.EnumerateFileSystemEntries(Path.Combine(Data, "staging"), "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None })];

    public string CatalogAsText()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "catalog/docingest.db")};Pooling=False");
        connection.Open();
        return CatalogDump.Of(connection);
    }

    /// <summary>What holds whenever the program has ended and nothing is open: valid archive, rebuildable catalog, sums, receipts, empty staging.</summary>
    /// <param name="files">Files that came to an end.</param>
    public async Task DemandInOrderAsync(long files)
    {
        await BringBackAsync();
        Assert.DoesNotContain(OcflCheck.Validate(ArchiveFolder), finding => finding.IsError);
        var status = await StatusAsync();
        Assert.True(status.GetProperty("addsUp").GetBoolean(), status.ToString());
        Assert.Equal(0, status.GetProperty("total").GetProperty("pending").GetInt64());
        Assert.Equal(0, status.GetProperty("total").GetProperty("failed").GetInt64());
        Assert.Equal(files, status.GetProperty("total").GetProperty("dropped").GetInt64());
        Assert.Equal(files, status.GetProperty("receipts").GetInt64());
        var receipts = ReceiptLines().ConvertAll(line => JsonDocument.Parse(line).RootElement.Clone());
        Assert.Equal(files, receipts.Count);
        Assert.Equal(receipts.Count, receipts.Select(receipt => receipt.GetProperty("receiptId").GetString()).Distinct().Count());
        Assert.Empty(Staging());
        string live = CatalogAsText();
        (await RunAsync("catalog", "rebuild")).Demand(0);
        Assert.Equal(live, CatalogAsText());
    }

    public static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA512.HashData(content));
    }

    public static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA512.HashData(content));

    public void Dispose() => _disk.Dispose();
}

/// <summary>Reads what the program printed; anything that is no JSON fails the test.</summary>
internal static class Json
{
    public static JsonElement Document(EndedProgram ended) => Parse(ended.Output, ended);

    public static List<JsonElement> Lines(EndedProgram ended) => [.. ended.Lines.Select(line => Parse(line, ended))];

    public static string Text(this JsonElement line, string name) => line.GetProperty(name).GetString() ?? "";

    private static JsonElement Parse(string text, EndedProgram ended)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            Assert.Fail($"No JSON: {text}\nexit {ended.ExitCode}\n{ended.Errors}");
            throw;
        }
    }
}
