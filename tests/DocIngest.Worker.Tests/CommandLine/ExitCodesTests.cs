using System.CommandLine;
using System.Text;
using DocIngest.TestKit;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>The exit codes, each by a situation that happens.</summary>
public sealed class ExitCodesTests : IDisposable
{
    private readonly IntakeSite _site = new();

    [Theory]
    [InlineData("ingest", "--frobnicate", "x")]
    [InlineData("fnid", "x")]
    [InlineData("find", "chest", "--lmit", "5")]
    [InlineData("status", "--frobnicate")]
    [InlineData("find", "x", "--limit", "-1")]
    [InlineData("find", "x", "--limit", "many")]
    [InlineData("find", "x", "--limit", "99999999999")]
    [InlineData("find", "x", "--limit")]
    [InlineData("find", "x", "--limit", "")]
    [InlineData("ingest")]
    [InlineData("quarantine", "discard", "urn:uuid:01a204bd-0b6b-70e7-85ef-f38e94ffc015")]
    public async Task A_usage_error_exits_2(params string[] arguments)
    {
        var ended = (await _site.RunAsync(arguments)).Demand(2);
        Assert.Equal("", ended.Output);
        Assert.Contains("--help", ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Try 'docingest quarantine discard --help'.", "quarantine", "discard", "x")]
    [InlineData("Did you mean 'status'?", "statuss")]
    [InlineData("Did you mean 'quarantine list'?", "quarantine", "lst")]
    [InlineData("Try 'docingest --help'.", "frobnicate")]
    public async Task A_usage_error_says_which_command_and_the_nearest_one(string words, params string[] arguments) =>
        Assert.Contains(words, (await TheProgram.RunAsync(arguments)).Demand(2).Errors, StringComparison.Ordinal);

    [Theory]
    [InlineData("status", "--data", "")]
    [InlineData("status", "--config", "")]
    [InlineData("ingest", "")]
    public async Task An_empty_path_exits_2_and_is_named(params string[] arguments)
    {
        var ended = (await TheProgram.RunAsync(arguments)).Demand(2);
        Assert.Contains($"{(arguments is ["ingest", _] ? "PATH" : arguments[1])} is empty", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_with_faults_of_all_kinds_exits_2_and_lists_them_all()
    {
        string file = Path.Combine(_site.Root, "faulty.json");
        await File.WriteAllTextAsync(
            file,
            """
            {
              // comments and trailing commas are fine
              "intakes": {},
              "intake": {
                "retryDelay": "5 seconds",
                "freeSpaceReserveBytes": -1,
                "profiles": [
                  { "name": "scanner 1", "folder": "in", "settleTime": "01:00:00", "watch": "sometimes" },
                  { "name": "two", "folder": "archive/in", "documentKeyPattern": "(unclosed" },
                  { "name": "two", "folder": "three", "subfolders": "yes", "incompleteAfter": "00:00:10", "settleTime": "00:00:20" },
                  { "name": "four", "folder": "four", "keepSource": null }
                ]
              },
              "extraction": { "workers": 4.5, "maxPages": 0 },
              "storage": [],
              "logging": { "level": "loud", },
            }
            """,
            TestContext.Current.CancellationToken);
        string[] paths =
        [
            "intakes", "intake.retryDelay", "intake.freeSpaceReserveBytes", "intake.profiles[0].name", "intake.profiles[0].settleTime",
            "intake.profiles[0].watch", "intake.profiles[1].folder", "intake.profiles[1].documentKeyPattern", "intake.profiles[2].name",
            "intake.profiles[2].subfolders", "intake.profiles[2].incompleteAfter", "intake.profiles[3].keepSource", "extraction.workers", "extraction.maxPages", "storage", "logging.level",
        ];
        foreach (string[] command in (string[][])[["run"], ["status"], ["config", "check"]])
        {
            var ended = (await TheProgram.RunAsync([.. command, "--data", _site.Data, "--config", file])).Demand(2);
            var missing = paths.Where(path => !(ended.Errors + ended.Output).Contains($"  {path}: ", StringComparison.Ordinal));
            Assert.True(!missing.Any(), $"not told: {string.Join(", ", missing)}\n{ended.Output}{ended.Errors}");
        }

        var faults = Json.Document((await TheProgram.RunAsync("config", "check", "--json", "--data", _site.Data, "--config", file)).Demand(2)).GetProperty("faults");
        Assert.Superset(paths.ToHashSet(), faults.EnumerateArray().Select(fault => fault.Text("path")).ToHashSet());
        Assert.False(Directory.Exists(_site.Data));
    }

    [Theory]
    [InlineData("""{ "intake": { "profiles": [ { "name": null } ] } }""")]
    [InlineData("""{ "intake": { "profiles": [ { "keepSource": null } ] } }""")]
    [InlineData("""{ "intake": { "profiles": [ { "folder": "a\u0000b" } ] } }""")]
    [InlineData("""{ "intake": { "profiles": [ null ] } }""")]
    [InlineData("""{ "intake": { "profiles": [ { "include": [ null ] } ] } }""")]
    [InlineData("""{ "intake": null }""")]
    [InlineData("""{ "intake": { "profiles": [] } }""")]
    [InlineData("""{ "intake": { }, "intake": { } }""")]
    [InlineData("""{ "intake": { "profiles": [ { "name": "\ud800" } ] } }""")]
    [InlineData("""{ "intake": { "profiles": [ { "settleTime": "\udc00", "watch": "\ud800", "subfolders": "\ud800" } ] } }""")]
    [InlineData("""{ "\ud800": 1 }""")]
    [InlineData("""[]""")]
    [InlineData("")]
    [InlineData("{ \"intake\": ")]
    public async Task Odd_json_in_the_configuration_exits_2_with_a_plain_reason(string json)
    {
        string file = Path.Combine(_site.Root, "odd.json");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        var ended = (await TheProgram.RunAsync("status", "--data", _site.Data, "--config", file)).Demand(2);
        Assert.DoesNotContain("internal error", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_that_is_named_must_be_there() =>
        (await TheProgram.RunAsync("status", "--data", _site.Data, "--config", Path.Combine(_site.Root, "absent.json"))).Demand(2);

    [Fact]
    public async Task A_configuration_file_in_its_own_place_that_cannot_be_read_is_not_taken_for_none()
    {
        string folder = Path.Combine(Directory.CreateDirectory(_site.Data).FullName, "config");
        File.CreateSymbolicLink(folder, folder);   // not to be entered by anybody, root included
        var ended = (await TheProgram.RunAsync("config", "check", "--data", _site.Data)).Demand(2);
        Assert.Contains("cannot be read", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_names_every_setting()
    {
        var schema = Json.Document((await TheProgram.RunAsync("config", "schema")).Demand(0));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.Text("$schema"));
        Demand(typeof(DocIngestOptions), schema);

        static void Demand(Type type, System.Text.Json.JsonElement schema)
        {
            foreach (var setting in ConfigReader.SettingsOf(type))
            {
                Assert.True(schema.GetProperty("properties").TryGetProperty(ConfigReader.KeyOf(setting), out var described), $"{type.Name}.{setting.Name}");
                Assert.True(described.TryGetProperty("description", out _) || ConfigReader.IsBlock(setting.PropertyType), $"{setting.Name} is not described");
                if (ConfigReader.IsBlock(setting.PropertyType))
                {
                    Demand(setting.PropertyType, described);
                }
                else if (described.TryGetProperty("items", out var items) && items.TryGetProperty("properties", out _))
                {
                    Demand(setting.PropertyType.GetGenericArguments()[0], items);
                }
            }
        }
    }

    [Fact]
    public async Task A_quarantined_file_exits_3_and_documents_alone_exit_0()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        (await _site.RunAsync("ingest", _site["a.pdf"])).Demand(0);   // a duplicate is done
        _site.Put("list.txt", Encoding.UTF8.GetBytes("eggs\n"));
        (await _site.RunAsync("ingest", _site["list.txt"])).Demand(3);
    }

    [Fact]
    public async Task A_second_service_on_the_same_data_folder_exits_4()
    {
        using var first = await _site.ServeAsync();
        var second = (await _site.RunAsync("run")).Demand(4);
        Assert.Contains("Another service", second.Errors, StringComparison.Ordinal);
        Assert.False(first.HasExited);
        first.Signal(LibC.Terminate);
        (await first.EndAsync()).Demand(0);
    }

    [Fact]
    public async Task What_is_not_there_exits_5()
    {
        (await _site.RunAsync("status")).Demand(5);   // no archive yet
        (await _site.RunAsync("ingest", _site["absent.pdf"])).Demand(5);
        Assert.False(Directory.Exists(Path.Combine(_site.Data, "archive")));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_exits_6()
    {
        string file = Path.Combine(_site.Root, "a-file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        _site.Put("a.pdf", A.Pdf().ToBytes());
        var ended = (await TheProgram.RunAsync("ingest", _site["a.pdf"], "--data", Path.Combine(file, "data"))).Demand(6);
        Assert.DoesNotContain("internal error", ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("config", "schema")]
    [InlineData("--help")]
    public async Task Output_that_cannot_be_written_exits_6(params string[] arguments)
    {
        Needs.Linux();
        using var running = TheProgram.StartAny("/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full", TheProgram.Executable, .. arguments]);
        var ended = (await running.EndAsync()).Demand(6);
        Assert.DoesNotContain("internal error", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_wait_for_a_query_exits_130()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        using var running = _site.Start("find", "-");
        await running.Input.WriteAsync(new byte[1 << 20], TestContext.Current.CancellationToken);   // more than a pipe holds: now it reads
        running.Signal(LibC.Interrupt);
        var ended = (await running.EndAsync()).Demand(130);
        Assert.Contains("Cancelled", ended.Errors, StringComparison.Ordinal);
    }

    // As when the service is stopped while its folders are made or another service is waited for.
    [Fact]
    public async Task A_service_that_is_told_to_end_before_it_serves_exits_0()
    {
        var run = DocIngestProgram.CreateRoot().Parse(_site.Arguments("run"));
        Assert.Equal(ExitCode.Done, await run.InvokeAsync(new InvocationConfiguration(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task An_interrupted_ingest_exits_130_and_the_next_one_ends_its_work()
    {
        const int Files = 400;
        for (int number = 0; number < Files; number++)
        {
            _site.Put($"{number:D4}.pdf", A.Pdf().WithTextLayer($"report {number}").ToBytes());
        }

        using var running = _site.Start("ingest", _site.Drop, "--move", "--json");
        await Until.IsTrue(() => running.LinesPrinted > 0 || running.HasExited, "the first file");
        running.Signal(LibC.Interrupt);
        var ended = (await running.EndAsync()).Demand(130);
        int printed = Json.Lines(ended).Count;
        Assert.NotEqual(0, printed);
        Assert.Contains("Cancelled", ended.Errors, StringComparison.Ordinal);
        Assert.Contains($"{Files - printed} of {Files} files are not finished", ended.Errors, StringComparison.Ordinal);

        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
        Assert.Empty(_site.Dropped());
        Assert.Equal(Files, _site.Archived().Count);
        await _site.DemandInOrderAsync(Files);
    }

    [Fact]
    public async Task A_service_that_is_told_to_end_exits_0_soon()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        using var service = await _site.ServeAsync();
        await _site.UntilAccountedAsync(1);
        service.Signal(LibC.Terminate);
        using var promised = new CancellationTokenSource(TimeSpan.FromSeconds(20));   // what systemd and operators are promised
        (await service.EndAsync().WaitAsync(promised.Token)).Demand(0);
        await _site.DemandInOrderAsync(1);
    }

    [Fact]
    public async Task A_name_that_begins_with_an_at_sign_is_a_file_name()
    {
        _site.Put("@letters.pdf", A.Pdf().WithTextLayer("at").ToBytes());
        _site.Put("-dash.pdf", A.Pdf().WithTextLayer("dash").ToBytes());
        using var running = TheProgram.Start(_site.Arguments("ingest", "--json", "@letters.pdf"), folder: _site.Drop);
        Assert.Equal("filed", Assert.Single(Json.Lines((await running.EndAsync()).Demand(0))).Text("outcome"));
        using var dashed = TheProgram.Start(["ingest", "--json", "--data", _site.Data, "--config", _site.ConfigFile, "--", "-dash.pdf"], folder: _site.Drop);
        Assert.Equal("filed", Assert.Single(Json.Lines((await dashed.EndAsync()).Demand(0))).Text("outcome"));
    }

    public void Dispose() => _site.Dispose();
}
