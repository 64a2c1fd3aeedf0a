using System.Text.Json;
using DocIngest.Pipeline.Catalog;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands that look and change nothing.</summary>
public sealed class ReadingCommandsTests(FiledArchive archive) : IClassFixture<FiledArchive>
{
    private readonly IntakeSite _site = archive.Site;

    [Fact]
    public async Task With_json_every_command_prints_json_and_nothing_else()
    {
        foreach (string[] one in (string[][])[["status"], ["version"], ["config", "check"], ["config", "schema"], ["show", archive.LetterId], ["catalog", "rebuild"]])
        {
            Json.Document((await _site.RunAsync([.. one, "--json"])).Demand(0));
        }

        foreach (string[] stream in (string[][])[
            ["find", "care"], ["history", archive.PlanId], ["quarantine", "list"], ["qc", "list"], ["qc", "show", archive.DamagedId]])
        {
            Assert.NotEmpty(Json.Lines((await _site.RunAsync([.. stream, "--json"])).Demand(0)));
        }

        Assert.Equal("", (await _site.RunAsync("find", "nobody-wrote-this", "--json")).Demand(0).Output);
        Assert.Equal("", (await _site.RunAsync("show", Guid.NewGuid().ToString(), "--json")).Demand(5).Output);
    }

    [Fact]
    public async Task Global_options_may_stand_before_or_after_the_command()
    {
        _ = _site.Arguments();
        string[] global = ["--data", _site.Data, "--config", _site.ConfigFile, "--json"];
        var before = (await TheProgram.RunAsync([.. global, "find", "care"])).Demand(0);
        var after = (await TheProgram.RunAsync(["find", "care", .. global])).Demand(0);
        var between = (await TheProgram.RunAsync(["--json", "qc", "--data", _site.Data, "list", "--config", _site.ConfigFile])).Demand(0);
        Assert.Equal(before.Output, after.Output);
        Assert.NotEmpty(Json.Lines(between));
    }

    [Fact]
    public async Task The_data_folder_and_the_configuration_may_come_from_the_environment()
    {
        _ = _site.Arguments();
        using var running = TheProgram.Start(
            ["find", "care", "--json"],
            new Dictionary<string, string> { ["DOCINGEST_DATA"] = _site.Data, ["DOCINGEST_CONFIG"] = _site.ConfigFile });
        Assert.Single(Json.Lines((await running.EndAsync()).Demand(0)));
    }

    [Theory]
    [InlineData("O'Brien")]
    [InlineData("2024-01-15")]
    [InlineData("\"admitted on\"")]
    [InlineData("admit*")]
    [InlineData("CHEST pain")]
    public async Task Find_finds_what_people_type(string query)
    {
        var found = Assert.Single(await _site.LinesAsync("find", query));
        Assert.Equal(archive.LetterId, found.Text("id"));
        Assert.Equal("7 \"north\"", found.GetProperty("fields").Text("ward"));
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("((( AND NOT *")]
    [InlineData("'; DROP TABLE catalog_records; --")]
    [InlineData("NEAR(a b, 2) OR ^x:y")]
    [InlineData("\u0001\u0002")]
    [InlineData("***")]
    [InlineData("")]
    public async Task Find_takes_any_nonsense_without_an_accident(string query)
    {
        var ended = await _site.RunAsync("find", query, "--json");
        Assert.True(ended.ExitCode is 0 or 2, $"exit {ended.ExitCode}: {ended.Errors}");
        Assert.DoesNotContain("internal error", ended.Errors, StringComparison.Ordinal);
        Assert.NotNull(Json.Lines(ended));
    }

    [Fact]
    public async Task Find_reads_a_query_from_standard_input()
    {
        using var running = _site.Start("find", "-", "--json");
        await running.Input.WriteAsync("\"chest pain\"\n"u8.ToArray(), TestContext.Current.CancellationToken);
        running.CloseInput();
        Assert.Equal(archive.LetterId, Assert.Single(Json.Lines((await running.EndAsync()).Demand(0))).Text("id"));
    }

    [Fact]
    public async Task Find_narrows_by_field_class_and_day()
    {
        Assert.Single(await _site.LinesAsync("find", "--field", "ward=7 \"north\""));
        Assert.Empty(await _site.LinesAsync("find", "chest", "--class", "invoice"));
        Assert.Empty(await _site.LinesAsync("find", "chest", "--to", "2001-01-01"));
        Assert.Single(await _site.LinesAsync("find", "chest", "--from", "2001-01-01"));
        (await _site.RunAsync("find", "chest", "--from", "yesterday")).Demand(2);
    }

    [Theory]
    [InlineData("--to", "9999-12-31")]
    [InlineData("--from", "0001-01-01")]
    public async Task Find_takes_the_first_and_last_day_there_are(string option, string day) =>
        Assert.Single(await _site.LinesAsync("find", "chest", option, day));

    [Theory]
    [InlineData("word", false, 20, 20, "The newest 20; there may be more (--limit).")]
    [InlineData("word", true, 20, 20, "The best 20; there may be more (--limit).")]
    [InlineData("", true, 20, 20, "The newest 20; there may be more (--limit).")]
    [InlineData("word", true, 20, 7, "7 found.")]
    [InlineData("word", true, null, 10_000, "The best 10,000; there may be more, but --rank lists no more than that.")]
    [InlineData("word", true, 20_000, 10_000, "The best 10,000; there may be more, but --rank lists no more than that.")]
    [InlineData("word", false, null, 10_000, "10,000 found.")]
    [InlineData("word", true, null, 0, "Nothing found.")]
    public void Find_says_when_there_may_be_more(string text, bool rank, int? limit, int found, string words) =>
        Assert.Equal(words, FindCommand.Summary(new FindQuery { Text = text, Rank = rank, Limit = limit }, found));

    [Fact]
    public async Task No_word_from_a_sidecar_commands_the_terminal()
    {
        foreach (string[] command in (string[][])[["show", archive.LetterId], ["find", "chest"], ["history", archive.LetterId]])
        {
            Assert.DoesNotContain('\u001b', (await _site.RunAsync(command)).Demand(0).Output);
        }
    }

    [Fact]
    public async Task Get_returns_the_original_byte_for_byte()
    {
        string file = Path.Combine(_site.Root, "out.pdf");
        (await _site.RunAsync("get", archive.LetterId, "-o", file)).Demand(0);
        Assert.Equal(FiledArchive.Letter, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(FiledArchive.Letter, (await _site.RunAsync("get", archive.LetterId)).Demand(0).OutputBytes);
        Assert.Equal(FiledArchive.FirstPlan, (await _site.RunAsync("get", archive.PlanId, "--version", "v1")).Demand(0).OutputBytes);
        Assert.Equal(FiledArchive.SecondPlan, (await _site.RunAsync("get", archive.PlanId)).Demand(0).OutputBytes);
        (await _site.RunAsync("get", archive.PlanId, "--version", "v3")).Demand(5);
        (await _site.RunAsync("get", archive.PlanId, "--as", "rendition")).Demand(5);
        (await _site.RunAsync("get", archive.PlanId, "--as", "poem")).Demand(2);
    }

    [Fact]
    public async Task Pages_of_text_end_in_a_form_feed()
    {
        string text = (await _site.RunAsync("get", archive.LetterId, "--as", "text")).Demand(0).Output;
        Assert.EndsWith("\f", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Count(letter => letter == '\f'));
        Assert.All(text[..^1].Split('\f'), page => Assert.Contains("O'Brien", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_never_overwrites()
    {
        string file = Path.Combine(_site.Root, "precious.pdf");
        await File.WriteAllTextAsync(file, "precious", TestContext.Current.CancellationToken);
        (await _site.RunAsync("get", archive.LetterId, "-o", file)).Demand(2);
        (await _site.RunAsync("quarantine", "get", archive.QuarantinedId, "-o", file)).Demand(2);
        Assert.Contains("--output is empty", (await _site.RunAsync("get", archive.LetterId, "-o", "")).Demand(2).Errors, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(_site.Root, "*.part"));
    }

    [Fact]
    public async Task Show_and_history_tell_what_the_archive_holds()
    {
        var shown = Json.Document((await _site.RunAsync("show", archive.PlanId, "--json")).Demand(0));
        Assert.Equal("v2", shown.Text("version"));
        Assert.Equal("K1", shown.GetProperty("record").Text("documentKey"));
        Assert.Equal(IntakeSite.HashOf(FiledArchive.SecondPlan), shown.GetProperty("record").Text("sha512"));
        var versions = await _site.LinesAsync("history", archive.PlanId);
        Assert.Equal(["v1", "v2"], versions.ConvertAll(version => version.Text("version")));
        Assert.Equal(
            [IntakeSite.HashOf(FiledArchive.FirstPlan), IntakeSite.HashOf(FiledArchive.SecondPlan)],
            versions.ConvertAll(version => version.Text("sha512")));
        Assert.Contains("K1", (await _site.RunAsync("show", archive.PlanId)).Demand(0).Output, StringComparison.Ordinal);
        string[] words = (await _site.RunAsync("history", archive.PlanId)).Demand(0).Lines;
        Assert.Equal(["v1", "K1_a.pdf", "v2", "K1_b.pdf"], words.Select(line => line[0] == 'v' ? line[..2] : line.Split("  ")[^1]));
    }

    [Fact]
    public async Task A_rebuilt_catalog_answers_as_before()
    {
        var before = await AnswersAsync();
        (await _site.RunAsync("catalog", "rebuild")).Demand(0);
        Assert.Equal(before, await AnswersAsync());
    }

    [Fact]
    public async Task An_archive_alone_makes_a_catalog_that_answers_as_before()
    {
        using var rescued = new IntakeSite();
        foreach (string file in Directory.GetFiles(Path.Combine(_site.Data, "archive"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(rescued.Data, Path.GetRelativePath(_site.Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? rescued.Data);
            File.Copy(file, copy);
        }

        (await rescued.RunAsync("catalog", "rebuild")).Demand(0);
        string[] find = ["find", "", "--limit", "0", "--json"];
        Assert.Equal((await _site.RunAsync(find)).Demand(0).Output, (await rescued.RunAsync(find)).Demand(0).Output);
    }

    [Fact]
    public async Task A_rebuild_where_no_archive_is_makes_nothing()
    {
        using var elsewhere = new IntakeSite();
        (await elsewhere.RunAsync("catalog", "rebuild")).Demand(5);
        Assert.False(Path.Exists(elsewhere.Data));
    }

    [Fact]
    public async Task Review_names_the_file_and_says_what_is_wrong_with_it()
    {
        string listed = (await _site.RunAsync("qc", "list")).Demand(0).Output;
        Assert.Contains("torn.pdf", listed, StringComparison.Ordinal);
        Assert.Contains("It is damaged", listed, StringComparison.Ordinal);
        Assert.Contains("Nothing waits", (await _site.RunAsync("qc", "show", archive.LetterId)).Demand(0).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_code_of_review_has_words()
    {
        string[] never = ["complete", "none", "pending-ocr"];
        Assert.All(
            Enum.GetValues<DocIngest.Pipeline.Records.TextStatus>().Select(status => DocIngest.Pipeline.Records.TextStatusWords.ToWord(status)).Except(never),
            code => Assert.NotEqual("", ReviewCommands.InWords(code)));
    }

    [Fact]
    public async Task Version_says_which_program_this_is() =>
        Assert.StartsWith("docingest ", (await TheProgram.RunAsync("version")).Demand(0).Output, StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_id_exits_5_everywhere()
    {
        string id = "urn:uuid:" + Guid.NewGuid();
        foreach (string[] command in (string[][])[
            ["show", id], ["history", id], ["get", id], ["qc", "show", id], ["qc", "confirm", id], ["qc", "assign", id, "--class", "letter"], ["ocr", id],
            ["quarantine", "get", id, "-o", Path.Combine(_site.Root, "nothing")], ["quarantine", "accept", id], ["quarantine", "retry", id],
            ["quarantine", "discard", id, "--reason", "none"]])
        {
            var ended = (await _site.RunAsync(command)).Demand(5);
            Assert.Equal("", ended.Output);
            Assert.NotEqual("", ended.Errors);
        }

        (await _site.RunAsync("show", "not-an-id")).Demand(2);
    }

    private async Task<List<string>> AnswersAsync()
    {
        var answers = new List<string>();
        foreach (string[] question in (string[][])[
            ["find", "", "--limit", "0"], ["find", "care", "--rank"], ["show", archive.PlanId], ["history", archive.PlanId], ["get", archive.PlanId, "--as", "record"]])
        {
            answers.Add((await _site.RunAsync([.. question, "--json"])).Demand(0).Output);
        }

        return answers;
    }
}
