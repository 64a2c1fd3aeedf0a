using System.Text.Json;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>archive verify</c> over a real archive and repository: damage is found, put right from backups where they have it, and told in a report that is signed.</summary>
public sealed class When_the_archive_is_verified : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Archive => Path.Combine(_site.Data, "archive");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task A_sound_archive_passes_and_its_report_says_how_much_was_read_and_when()
    {
        await PrepareAsync(count: 3);

        var verified = await VerifyAsync(0);

        Assert.Equal(("pass", "archive-verification"), (verified.Text("result"), verified.Text("kind")));
        var coverage = verified.GetProperty("coverage");
        Assert.Equal(90, coverage.GetProperty("windowDays").GetInt32());
        Assert.True(coverage.GetProperty("read").GetInt32() > 3, "The records, and the objects that are none.");
        Assert.Equal(coverage.GetProperty("count").GetInt32(), coverage.GetProperty("read").GetInt32());
        var shown = await ShowAsync(verified);
        Assert.Equal(["audit", "fixity", "complete", "known"], shown.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));
        Assert.All(shown.GetProperty("acceptance").EnumerateArray(), criterion => Assert.True(criterion.GetProperty("isMet").GetBoolean()));
        (await VerifyAsync(0)).Text("result");
        Assert.Equal([2, 1], Json.Lines(await _site.RunAsync("report", "list", "--json")).Select(line => line.GetProperty("run").GetInt32()));
        string zip = Path.Combine(_site.Root, "report.zip"), folder = Path.Combine(_site.Root, "report");
        (await _site.RunAsync("report", "export", verified.Text("reportId"), "-o", zip)).Demand(0);
        System.IO.Compression.ZipFile.ExtractToDirectory(zip, folder);
        (await TheProgram.RunAsync("report", "verify", zip, "--cert", Path.Combine(folder, "signer.pem"))).Demand(0);
        (await _site.RunAsync("audit", "verify")).Demand(0);
    }

    [Fact]
    public async Task Damage_is_put_right_from_the_backup_and_the_evidence_is_kept()
    {
        var ids = await PrepareAsync(count: 4);
        string altered = OriginalOf(ids[0]), lost = ObjectFolder(ids[1]), inventory = Path.Combine(ObjectFolder(ids[2]), "inventory.json");
        byte[] was = await AlterAsync(altered);
        byte[] damaged = await File.ReadAllBytesAsync(altered, Cancellation);
        Directory.Delete(lost, recursive: true);
        await File.AppendAllTextAsync(inventory, " ", Cancellation);

        var verified = await VerifyAsync(1);

        Assert.Equal("pass-with-findings", verified.Text("result"));
        var finding = Assert.Single(verified.GetProperty("findings").EnumerateArray(), finding => finding.Text("code") == "damage-healed");
        Assert.Equal(ids.Take(3).Order(StringComparer.Ordinal), finding.GetProperty("objects").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(was, await File.ReadAllBytesAsync(altered, Cancellation));
        Assert.DoesNotContain(OcflCheck.Validate(Archive), fault => fault.IsError);
        string kept = Assert.Single(Directory.GetFiles(Path.Combine(_site.Data, "damaged"), "original.pdf", SearchOption.AllDirectories));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(kept, Cancellation));
        Assert.Contains((await ItemsAsync(verified)).Where(item => item.Text("check") == "healed"), item => item.Text("note").Contains("1 of them others", StringComparison.Ordinal));
        Assert.False(Path.Exists(Path.Combine(_site.Data, "verification")));
        (await _site.RunAsync("get", ids[1], "-o", Path.Combine(_site.Root, "again.pdf"))).Demand(0);
        Assert.Empty((await StatusAsync()).GetProperty("alarms").EnumerateArray());
        Assert.Equal("pass", (await VerifyAsync(0)).Text("result"));

        // A backup never has it: it is a copy of a record that nobody would look for there.
        (await _site.RunAsync("backup", "run")).Demand(0);
        Assert.DoesNotContain("/damaged/", (await _site.RunAsync("backup", "restore", "latest", "--target", Path.Combine(_site.Root, "restored"), "--json")).Demand(0).Output, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(_site.Root, "restored", _site.Data.TrimStart('/'), "damaged")));
    }

    [Fact]
    public async Task What_no_backup_has_fails_and_is_an_alarm_until_it_is_mended()
    {
        var ids = await PrepareAsync(count: 2, backUp: false);
        string original = OriginalOf(ids[0]);
        byte[] was = await AlterAsync(original);

        var verified = await VerifyAsync(1);

        Assert.Equal("fail", verified.Text("result"));
        Assert.Equal([ids[0]], Assert.Single(verified.GetProperty("findings").EnumerateArray()).GetProperty("objects").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(["archive-damaged"], await AlarmsAsync());
        Assert.Equal("fail", (await VerifyAsync(1)).Text("result"));   // it stays the first to be read
        await File.WriteAllBytesAsync(original, was, Cancellation);
        Assert.Equal("pass", (await VerifyAsync(0)).Text("result"));
        Assert.Empty(await AlarmsAsync());
    }

    [Fact]
    public async Task An_earlier_snapshot_has_what_the_newest_has_not()
    {
        var ids = await PrepareAsync(count: 1);
        byte[] was = await AlterAsync(OriginalOf(ids[0]));
        _site.Put("later.pdf", A.Pdf().WithTextLayer("a later letter").ToBytes());
        (await _site.RunAsync("ingest", Path.Combine(_site.Drop, "later.pdf"))).Demand(0);
        (await _site.RunAsync("backup", "run", "--force")).Demand(0);   // takes the damage with it

        Assert.Equal("pass-with-findings", (await VerifyAsync(1)).Text("result"));
        Assert.Equal(was, await File.ReadAllBytesAsync(OriginalOf(ids[0]), Cancellation));
    }

    [Fact]
    public async Task A_repository_whose_packs_lie_puts_nothing_into_the_archive()
    {
        var ids = await PrepareAsync(count: 1);
        await AlterAsync(OriginalOf(ids[0]));
        byte[] damaged = await File.ReadAllBytesAsync(OriginalOf(ids[0]), Cancellation);
        foreach (string pack in Directory.GetFiles(Path.Combine(_site.Data, "backup/data"), "*", SearchOption.AllDirectories))
        {
            byte[] bytes = await File.ReadAllBytesAsync(pack, Cancellation);
            for (int place = 0; place < bytes.Length; place += 50)
            {
                bytes[place] ^= 1;
            }

            File.Delete(pack);   // it may be read-only
            await File.WriteAllBytesAsync(pack, bytes, Cancellation);
        }

        Assert.Equal("fail", (await VerifyAsync(1)).Text("result"));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(OriginalOf(ids[0]), Cancellation));
    }

    [Fact]
    public async Task An_object_of_which_nobody_has_a_digest_is_not_made_from_a_backup_and_not_forgotten()
    {
        await PrepareAsync(count: 1, backUp: false);
        string lost = $"urn:docingest:report:{(await VerifyAsync(0)).Text("reportId")}";
        await VerifyAsync(0, "--all");   // meets the report of the first
        (await _site.RunAsync("backup", "run")).Demand(0);
        Directory.Delete(ObjectFolder(lost), recursive: true);

        foreach (string[] how in (string[][])[["--all"], []])
        {
            var verified = await VerifyAsync(1, how);
            Assert.Equal("fail", verified.Text("result"));
            Assert.Contains(verified.GetProperty("findings").EnumerateArray(), finding => finding.Text("code") == "fixity" && finding.GetProperty("objects")[0].GetString() == lost);
            Assert.Contains("archive-damaged", await AlarmsAsync());
        }
    }

    [Fact]
    public async Task Only_telling_changes_nothing()
    {
        var ids = await PrepareAsync(count: 1);
        await AlterAsync(OriginalOf(ids[0]));
        byte[] damaged = await File.ReadAllBytesAsync(OriginalOf(ids[0]), Cancellation);

        Assert.Equal("fail", (await VerifyAsync(1, "--no-heal")).Text("result"));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(OriginalOf(ids[0]), Cancellation));
        Assert.False(Path.Exists(Path.Combine(_site.Data, "damaged")));
    }

    [Fact]
    public async Task A_record_that_somebody_put_there_is_told()
    {
        var ids = await PrepareAsync(count: 2);
        string elsewhere = Path.Combine(_site.Root, "taken");
        Directory.Move(Path.Combine(_site.Data, "archive"), elsewhere);
        using var other = new IntakeSite();
        other.Put("forged.pdf", A.Pdf().WithTextLayer("never scanned").ToBytes());
        string forged = Json.Lines((await other.RunAsync("ingest", other.Drop, "--json")).Demand(0)).Single().Text("id");
        Directory.Move(elsewhere, Path.Combine(_site.Data, "archive"));
        string from = IntakeSite.ObjectIn(other.Data, forged);
        string to = Path.Combine(Archive, Path.GetRelativePath(Path.Combine(other.Data, "archive"), from));
        Directory.CreateDirectory(Path.GetDirectoryName(to) ?? "");
        Directory.Move(from, to);

        var verified = await VerifyAsync(1);

        var finding = Assert.Single(verified.GetProperty("findings").EnumerateArray());
        Assert.Equal("known", finding.Text("code"));
        Assert.Equal([forged], finding.GetProperty("objects").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public async Task Killed_it_leaves_a_number_and_the_next_one_begins_anew()
    {
        await PrepareAsync(count: 3);
        using (var killed = _site.Start("archive", "verify"))
        {
            killed.CloseInput();
            await Until.IsTrue(() => Directory.Exists(Path.Combine(_site.Data, "verification")) || killed.HasExited, "the verification to begin");
            _ = LibC.Kill(killed.Id, 9);
            await killed.EndAsync();
        }

        var next = await VerifyAsync(0);

        Assert.Equal(("pass", 2), (next.Text("result"), next.GetProperty("run").GetInt32()));
        Assert.False(Path.Exists(Path.Combine(_site.Data, "verification")));
    }

    [Fact]
    public async Task An_archive_without_objects_does_not_pass()
    {
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);

        Assert.Equal("fail", (await VerifyAsync(1)).Text("result"));
    }

    [Fact]
    public async Task Wrong_words_are_refused()
    {
        await PrepareAsync(count: 1, backUp: false);
        (await _site.RunAsync("archive", "verify", "--for", "0")).Demand(2);
        (await _site.RunAsync("archive", "verify", "--for", "soon")).Demand(2);
        (await TheProgram.RunAsync("--data", Path.Combine(_site.Root, "nowhere"), "archive", "verify")).Demand(5);
    }

    private async Task<List<string>> PrepareAsync(int count, bool backUp = true)
    {
        var ids = await _site.FileLettersAsync(count);
        if (backUp)
        {
            (await _site.RunAsync("backup", "run")).Demand(0);
        }

        return ids;
    }

    // One bit, with the time of the file as it was: as a disk would.
    private static async Task<byte[]> AlterAsync(string path)
    {
        var time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancellation);
        byte[] was = [.. bytes];
        bytes[bytes.Length / 2] ^= 8;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        File.SetLastWriteTimeUtc(path, time);
        return was;
    }

    private async Task<JsonElement> VerifyAsync(int exitCode, params string[] arguments) =>
        Json.Document((await _site.RunAsync(["archive", "verify", .. arguments, "--json"])).Demand(exitCode));

    private async Task<JsonElement> ShowAsync(JsonElement verified) => Json.Document((await _site.RunAsync("report", "show", verified.Text("reportId"), "--json")).Demand(0));

    private async Task<IReadOnlyList<JsonElement>> ItemsAsync(JsonElement verified)
    {
        string zip = Path.Combine(_site.Root, $"{verified.Text("reportId")}.zip");
        (await _site.RunAsync("report", "export", verified.Text("reportId"), "-o", zip)).Demand(0);
        using var archive = System.IO.Compression.ZipFile.OpenRead(zip);
        using var reader = new StreamReader((archive.GetEntry("items.jsonl") ?? throw new InvalidOperationException("No items.")).Open());
        return [.. (await reader.ReadToEndAsync(Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private async Task<JsonElement> StatusAsync() => Json.Document(await _site.RunAsync("status", "--json"));   // it exits with 1 while an alarm stands

    private async Task<IEnumerable<string>> AlarmsAsync() => (await StatusAsync()).GetProperty("alarms").EnumerateArray().Select(alarm => alarm.Text("kind"));

    private string OriginalOf(string id) => Assert.Single(Directory.GetFiles(ObjectFolder(id), "original.pdf", SearchOption.AllDirectories));

    private string ObjectFolder(string id) => IntakeSite.ObjectIn(_site.Data, id);
}
