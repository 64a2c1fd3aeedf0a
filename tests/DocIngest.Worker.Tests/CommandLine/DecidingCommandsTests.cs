using System.Text;
using System.Text.Json.Nodes;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.TestKit;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands by which people decide: quarantine and review.</summary>
public sealed class DecidingCommandsTests : IDisposable
{
    private readonly IntakeSite _site = new();

    [Fact]
    public async Task A_quarantined_file_can_be_fetched_retried_accepted_and_discarded()
    {
        byte[][] contents = [.. Enumerable.Range(0, 3).Select(number => Encoding.UTF8.GetBytes($"list {number}\n"))];
        for (int number = 0; number < contents.Length; number++)
        {
            _site.Put($"{number}.txt", contents[number]);
        }

        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        Assert.All(lines, line => Assert.Equal("quarantined", line.Text("outcome")));
        var waiting = await _site.LinesAsync("quarantine", "list");
        Assert.Equal(lines.ConvertAll(line => line.Text("id")).Order(), waiting.ConvertAll(item => item.Text("id")).Order());
        Assert.Equal(["0.txt", "1.txt", "2.txt"], waiting.ConvertAll(item => item.Text("fileName")).Order());
        string[] ids = [.. waiting.OrderBy(item => item.Text("fileName"), StringComparer.Ordinal).Select(item => item.Text("id"))];

        string copy = Path.Combine(_site.Root, "copy");
        (await _site.RunAsync("quarantine", "get", ids[0], "-o", copy)).Demand(0);
        Assert.Equal(contents[0], await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken));

        Assert.Equal("quarantined", Json.Document((await _site.RunAsync("quarantine", "retry", ids[0], "--json")).Demand(3)).Text("outcome"));
        Assert.Equal(3, (await _site.LinesAsync("quarantine", "list")).Count);

        var accepted = Json.Document((await _site.RunAsync("quarantine", "accept", ids[1], "--json")).Demand(0));
        Assert.Equal("filed", accepted.Text("outcome"));
        Assert.Equal(contents[1], (await _site.RunAsync("get", accepted.Text("id"))).Demand(0).OutputBytes);

        string bare = ids[2]["urn:uuid:".Length..];
        var discarded = Json.Document((await _site.RunAsync("quarantine", "discard", bare, "--reason", "a shopping list", "--json")).Demand(0));
        Assert.Equal((ids[2], "discarded"), (discarded.Text("id"), discarded.Text("result")));
        Assert.Equal(ids[0], Assert.Single(await _site.LinesAsync("quarantine", "list")).Text("id"));
        Assert.Equal([IntakeSite.HashOf(contents[0])], _site.Quarantined());
        (await _site.RunAsync("quarantine", "accept", ids[2])).Demand(5);
        Assert.True((await _site.StatusAsync()).GetProperty("addsUp").GetBoolean());
    }

    [Fact]
    public async Task A_discarded_file_leaves_who_when_and_why()
    {
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        string waiting = (await _site.RunAsync("quarantine", "list")).Demand(0).Output;
        Assert.Contains(Assert.Single(await _site.LinesAsync("quarantine", "list")).Text("reason"), waiting, StringComparison.Ordinal);
        Assert.Contains("none yet", (await _site.RunAsync("quarantine", "show", id)).Demand(0).Output, StringComparison.Ordinal);

        (await _site.RunAsync("quarantine", "discard", id, "--reason", "a shopping list")).Demand(0);
        Assert.Empty(await _site.LinesAsync("quarantine", "list"));
        var shown = Json.Document((await _site.RunAsync("quarantine", "show", id, "--json")).Demand(0));
        Assert.Equal(("discarded", Environment.UserName, "a shopping list"), (shown.Text("decision"), shown.Text("decidedBy"), shown.Text("decisionReason")));
        Assert.Equal("a shopping list", Assert.Single(await _site.LinesAsync("quarantine", "list", "--all")).Text("decisionReason"));
        foreach (string[] command in (string[][])[["quarantine", "show", id], ["quarantine", "list", "--all"]])
        {
            string words = (await _site.RunAsync(command)).Demand(0).Output;
            Assert.Matches($@"discarded by {Environment.UserName} at \d{{4}}-\d\d-\d\d \d\d:\d\dZ: a shopping list", words);
        }
    }

    [Fact]
    public async Task A_file_that_another_person_retries_meanwhile_is_not_deleted()
    {
        byte[] content = "eggs\n"u8.ToArray();
        _site.Put("list.txt", content);
        var id = RecordId.Parse(Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id"));
        using var workspace = Workspace.OpenExisting(_site.Data, new DocIngestOptions());
        var cancellation = TestContext.Current.CancellationToken;
        await workspace.Database.WriteAsync(
            (_, transaction) => QuarantineTable.Decide(transaction, id, "retried", "bob", null, workspace.Time.GetUtcNow()), cancellation);

        var refused = await Assert.ThrowsAsync<CommandException>(() => QuarantineCommands.DiscardAsync(workspace, id, "none", cancellation));
        Assert.Contains("retried by bob", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, refused.ExitCode);
        Assert.Equal([IntakeSite.HashOf(content)], _site.Quarantined());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_another_person_discards_meanwhile_is_not_taken_in(bool accept)
    {
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        var id = RecordId.Parse(Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id"));
        using var workspace = Workspace.OpenExisting(_site.Data, new DocIngestOptions());
        var cancellation = TestContext.Current.CancellationToken;
        await workspace.Database.WriteAsync(
            (_, transaction) => QuarantineTable.Decide(transaction, id, "discarded", "bob", "eggs", workspace.Time.GetUtcNow()), cancellation);

        var refused = await Assert.ThrowsAsync<CommandException>(() => QuarantineCommands.ResumeAsync(workspace, Classifier.WithoutRules, () => RetentionSchedule.None, id, accept, cancellation));
        Assert.Contains("discarded by bob", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, refused.ExitCode);
        Assert.Equal(1, (await _site.StatusAsync()).GetProperty("total").GetProperty("quarantined").GetInt32());
    }

    [Fact]
    public async Task Each_decision_is_in_the_log()
    {
        _site.Put("a.txt", "eggs\n"u8.ToArray());
        _site.Put("b.txt", "milk\n"u8.ToArray());
        var ids = (await _site.LinesAsync("ingest", _site.Drop, "--move")).ConvertAll(line => line.Text("id"));
        (await _site.RunAsync("quarantine", "discard", ids[0], "--reason", "a shopping list")).Demand(0);
        (await _site.RunAsync("quarantine", "retry", ids[1])).Demand(3);
        (await _site.RunAsync("quarantine", "accept", ids[1])).Demand(0);
        string[] decided = [.. Directory.GetFiles(Path.Combine(_site.Data, "logs"))
            .SelectMany(File.ReadLines).Where(line => line.Contains("was {Decision} by a person", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line)).Select(line => $"{line?["ScanId"]} {line?["Decision"]}")];
        Assert.Equal([$"{ids[0]} discarded", $"{ids[1]} retried", $"{ids[1]} accepted"], decided);
    }

    [Fact]
    public async Task History_names_every_file_that_arrived_and_who_accepted_one_from_quarantine()
    {
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        string record = Json.Document((await _site.RunAsync("quarantine", "accept", id, "--json")).Demand(0)).Text("id");
        byte[] letter = A.Pdf().WithTextLayer("a").ToBytes();
        _site.Put("first.pdf", letter);
        string filed = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        _site.Put("again.pdf", letter);
        await _site.LinesAsync("ingest", _site.Drop, "--move");

        var arrivals = Assert.Single(await _site.LinesAsync("history", filed)).GetProperty("arrivals").EnumerateArray().ToList();
        Assert.Equal(["filed first.pdf", "duplicate again.pdf"], arrivals.ConvertAll(arrival => $"{arrival.Text("outcome")} {arrival.Text("fileName")}"));
        Assert.Contains(
            $"list.txt  accepted from quarantine by {Environment.UserName}", (await _site.RunAsync("history", record)).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_are_printed_as_UTC_and_say_so()
    {
        _site.Put("torn.pdf", Encoding.ASCII.GetBytes("%PDF-1.4\nnothing follows\n%%EOF\n"));
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        await _site.LinesAsync("ingest", _site.Drop, "--move");
        foreach (string[] command in (string[][])[["find", "", "--limit", "0"], ["qc", "list"], ["quarantine", "list"]])
        {
            Assert.Matches(@"\d\d:\d\dZ(  |\n)", (await _site.RunAsync(command)).Demand(0).Output);
        }
    }

    [Fact]
    public async Task Every_line_of_ingest_has_every_member()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        File.CreateSymbolicLink(_site["link.pdf"], _site["a.pdf"]);
        var lines = await _site.LinesAsync("ingest", _site.Drop);
        Assert.Equal(["filed", "quarantined", "skipped"], lines.ConvertAll(line => line.Text("outcome")).Order());
        Assert.All(lines, line => Assert.Equal(
            ["file", "outcome", "id", "version", "pages", "sha512", "textStatus", "reason"], line.EnumerateObject().Select(member => member.Name)));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_waits_until_a_person_confirms_it()
    {
        _site.Put("torn.pdf", Encoding.ASCII.GetBytes("%PDF-1.4\nnothing follows\n%%EOF\n"));
        _site.Put("locked.pdf", A.Pdf().WithTextLayer("secret").EncryptedWith("tiger").ToBytes());
        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        Assert.Equal(["damaged", "encrypted"], lines.ConvertAll(line => line.Text("textStatus")).Order());
        Assert.All(lines, line => Assert.Equal("filed", line.Text("outcome")));
        string id = Assert.Single(lines, line => line.Text("textStatus") == "damaged").Text("id");

        Assert.Equal(2, (await _site.LinesAsync("qc", "list")).Count);
        (await _site.RunAsync("qc", "assign", id)).Demand(2);
        (await _site.RunAsync("qc", "assign", id, "--set", "patientId")).Demand(2);
        var assigned = Json.Document((await _site.RunAsync("qc", "assign", id, "--set", "patientId=4711", "--class", "letter", "--json")).Demand(0));
        Assert.Equal(("assigned", "v2"), (assigned.Text("result"), assigned.Text("version")));
        Assert.Equal("damaged", Assert.Single(assigned.GetProperty("waits").EnumerateArray()).GetString());
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "--field", "patientId=4711", "--class", "letter")).Text("id"));
        string refused = (await _site.RunAsync("qc", "confirm", id, "--version", "v1")).Demand(2).Errors;
        Assert.Contains("Its newest version is v2, not v1", refused, StringComparison.Ordinal);
        (await _site.RunAsync("qc", "assign", id, "--class", "report", "--version", "v1")).Demand(2);
        (await _site.RunAsync("qc", "confirm", id, "--version", "two")).Demand(2);
        Assert.Contains("version   v2", (await _site.RunAsync("qc", "show", id)).Demand(0).Output, StringComparison.Ordinal);
        var confirmed = Json.Document((await _site.RunAsync("qc", "confirm", id, "--version", "v2", "--reason", "nothing to be read", "--json")).Demand(0));
        Assert.Equal(("confirmed", "v3"), (confirmed.Text("result"), confirmed.Text("version")));
        Assert.Equal(Environment.UserName, Assert.Single(await _site.LinesAsync("qc", "show", id)).Text("confirmedBy"));
        Assert.Contains($"confirmed by {Environment.UserName}", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);
        Assert.NotEqual(id, Assert.Single(await _site.LinesAsync("qc", "list")).Text("id"));
        (await _site.RunAsync("qc", "confirm", id)).Demand(5);
    }

    [Fact]
    public async Task A_record_is_amended_withdrawn_and_reinstated()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("Letter about something").ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        (await _site.RunAsync("amend", id, "--class", "letter")).Demand(2);                       // without a reason
        (await _site.RunAsync("amend", id, "--class", "letter", "--reason", " ")).Demand(2);
        (await _site.RunAsync("amend", id, "--reason", "none of it")).Demand(2);
        (await _site.RunAsync("amend", id, "--remove", "ward", "--reason", "it has none")).Demand(2);
        (await _site.RunAsync("amend", id, "--class", "letter", "--version", "v2", "--reason", "not that version")).Demand(2);
        var amended = Json.Document((await _site.RunAsync(
            "amend", id, "--set", "ward=7", "--class", "letter", "--title", "A letter", "--reason", "wrong class", "--version", "v1", "--json")).Demand(0));
        Assert.Equal(("amended", "v2"), (amended.Text("result"), amended.Text("version")));
        Assert.Contains($"amended by {Environment.UserName}", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);

        (await _site.RunAsync("withdraw", id)).Demand(2);
        (await _site.RunAsync("withdraw", id, "--reason", "bored")).Demand(2);
        (await _site.RunAsync("withdraw", id, "--reason", "entered-in-error", "--note", "another's")).Demand(0);
        Assert.Empty(await _site.LinesAsync("find", "letter"));
        Assert.Equal("entered-in-error", Assert.Single(await _site.LinesAsync("find", "letter", "--withdrawn")).Text("withdrawn"));
        Assert.Contains($"[withdrawn: entered-in-error] {id}", (await _site.RunAsync("find", "--withdrawn", "")).Demand(0).Output, StringComparison.Ordinal);
        Assert.StartsWith("!! withdrawn: entered-in-error", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("get", id)).Demand(0);   // kept
        (await _site.RunAsync("amend", id, "--class", "report", "--reason", "r")).Demand(2);
        (await _site.RunAsync("reinstate", id)).Demand(2);
        (await _site.RunAsync("reinstate", id, "--reason", "it was right")).Demand(0);
        Assert.Contains($"withdrawn (entered-in-error) by {Environment.UserName}", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "letter", "--class", "letter", "--field", "ward=7")).Text("id"));
        (await _site.RunAsync("withdraw", "urn:uuid:01a2b3c4-0000-7000-8000-000000000000", "--reason", "duplicate")).Demand(5);
    }

    [Fact]
    public async Task A_flipped_byte_in_the_archive_comes_out_as_a_finding_and_never_as_a_file()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("whole").ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        string archived = Assert.Single(_site.Archived()).Path;
        byte[] bytes = await File.ReadAllBytesAsync(archived, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        File.SetAttributes(archived, FileAttributes.Normal);
        await File.WriteAllBytesAsync(archived, bytes, TestContext.Current.CancellationToken);

        string target = Path.Combine(Directory.CreateDirectory(Path.Combine(_site.Root, "out")).FullName, "a.pdf");
        (await _site.RunAsync("get", id, "-o", target)).Demand(1);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(target) ?? "", "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }));
        (await _site.RunAsync("get", id)).Demand(1);
        (await _site.RunAsync("get", id, "--as", "text")).Demand(0);   // its own digest is right
    }

    public void Dispose() => _site.Dispose();
}
