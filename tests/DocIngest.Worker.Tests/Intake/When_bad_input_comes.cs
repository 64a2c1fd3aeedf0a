using System.Text;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Intake;

/// <summary>What scanners, shares and people really put into drop folders, on a real disk.</summary>
public sealed class When_bad_input_comes : IDisposable
{
    private readonly IntakeSite _site = new();

    [Fact]
    public async Task A_data_folder_named_with_a_backslash_is_not_another_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There it separates folders.");
        using var site = new IntakeSite(@"da\ta");
        site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        var filed = Assert.Single(await site.LinesAsync("ingest", site.Drop, "--move"));
        Assert.Equal(("filed", "complete"), (filed.Text("outcome"), filed.Text("textStatus")));
    }

    [Fact]
    public async Task Odd_names_are_taken_in_and_links_and_pipes_are_refused()
    {
        Needs.Linux();
        string longName = new string('n', 251) + ".pdf";
        _site.Put(longName, Pdf("long"));
        _site.Put("two\nlines.pdf", Pdf("newline"));
        _site.Put(" blanks .pdf", Pdf("blanks"));
        PutRaw([.. "caf"u8, 0xE9, .. ".pdf"u8], Pdf("latin"));
        _site.Put("empty.pdf", []);
        string outside = Path.Combine(_site.Root, "outside.pdf");
        await File.WriteAllBytesAsync(outside, Pdf("outside"), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_site["link.pdf"], outside);
        Directory.CreateSymbolicLink(_site["linked-folder"], _site.Root);
        Assert.Equal(0, LibC.MakePipe(_site["pipe.pdf"], 0x1A4));

        var ended = (await _site.RunAsync("ingest", _site.Drop, "--move", "--json")).Demand(3);
        var lines = Json.Lines(ended);
        Assert.Equal(4, lines.Count(line => line.Text("outcome") == "filed"));
        Assert.Equal("quarantined", lines.Single(line => line.Text("file").EndsWith("empty.pdf", StringComparison.Ordinal)).Text("outcome"));
        Assert.Equal(3, lines.Count(line => line.Text("outcome") == "skipped"));
        Assert.Contains(lines, line => line.Text("file") is var file && file.Contains("/two", StringComparison.Ordinal) && file.EndsWith("lines.pdf", StringComparison.Ordinal));
        Assert.True(File.Exists(outside));
        Assert.Equal(["link.pdf", "linked-folder", "pipe.pdf"], Directory.EnumerateFileSystemEntries(_site.Drop).Select(Path.GetFileName).Order());

        using var listed = TheProgram.Start(_site.Arguments("find", "latin", "--json"));
        var found = Assert.Single(Json.Lines((await listed.EndAsync()).Demand(0)));
        Assert.StartsWith("caf", found.Text("fileName"), StringComparison.Ordinal);
        await _site.DemandInOrderAsync(5);
    }

    [Fact]
    public async Task The_service_takes_odd_names_in_too()
    {
        Needs.Linux();
        PutRaw([0xFF, .. "\n"u8, .. ".pdf"u8], Pdf("raw"));
        _site.Put(new string('n', 251) + ".pdf", Pdf("long"));
        Assert.Equal(0, LibC.MakePipe(_site["pipe.pdf"], 0x1A4));
        using var service = await _site.ServeAsync();
        await _site.UntilAccountedAsync(2);
        await Until.IsTrue(() => Directory.EnumerateFileSystemEntries(_site.Drop).Count() == 1, "the sources to be removed");
        Assert.Contains("refused-entry", (await _site.StatusAsync()).GetProperty("alarms").ToString(), StringComparison.Ordinal);
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        await _site.DemandInOrderAsync(2);
    }

    [Fact]
    public async Task A_drop_folder_that_refuses_removal_alarms_once_and_nothing_is_filed_twice()
    {
        Needs.Root();
        Needs.Tool("chattr");
        _site.Put("a.pdf", Pdf("a"));
        if ((await RunToolAsync("chattr", "+i", _site.Drop)).ExitCode != 0)
        {
            Needs.Lacks("chattr", "This file system knows no immutable folders.");
        }

        try
        {
            using (var service = await _site.ServeAsync())
            {
                await _site.UntilAccountedAsync(1);
                await Until.IsTrue(() => HasAlarm("source-stuck"), "the alarm");
                service.Signal(LibC.Terminate);
                (await service.EndAsync()).Demand(0);
            }

            Assert.Equal("duplicate", Assert.Single(Json.Lines(await _site.RunAsync("ingest", _site["a.pdf"], "--json"))).Text("outcome"));
            using (var service = await _site.ServeAsync())
            {
                await RunToolAsync("chattr", "-i", _site.Drop);
                await Until.IsTrue(() => !Directory.EnumerateFiles(_site.Drop).Any(), "the source to be removed once the folder allows it");
                service.Signal(LibC.Terminate);
                (await service.EndAsync()).Demand(0);
            }
        }
        finally
        {
            await RunToolAsync("chattr", "-i", _site.Drop);
        }

        Assert.Single(_site.Archived());
        await _site.DemandInOrderAsync(2);
    }

    [Fact]
    public async Task A_folder_that_vanishes_and_returns_is_served_again()
    {
        string away = Path.Combine(_site.Root, "away");
        using var service = await _site.ServeAsync();
        Directory.Move(_site.Drop, away);
        await Until.IsTrue(() => HasAlarm("folder-missing"), "the alarm");
        await File.WriteAllBytesAsync(Path.Combine(away, "a.pdf"), Pdf("a"), TestContext.Current.CancellationToken);
        Directory.Move(away, _site.Drop);
        await _site.UntilAccountedAsync(1);
        await Until.IsTrue(() => !HasAlarm("folder-missing"), "the alarm to end");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        await _site.DemandInOrderAsync(1);
    }

    [Fact]
    public async Task The_same_blank_form_under_two_keys_is_two_records_and_the_later_names_its_twin()
    {
        _site.Profile["documentKeyPattern"] = "^(?<key>K[0-9]+)_";
        _site.Put("K1_form.pdf", Pdf("blank form"));
        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        _site.Put("K2_form.pdf", Pdf("blank form"));
        lines.AddRange(await _site.LinesAsync("ingest", _site.Drop, "--move"));
        Assert.All(lines, line => Assert.Equal("filed", line.Text("outcome")));
        Assert.Equal(2, lines.Select(line => line.Text("id")).Distinct().Count());
        string[] ids = [.. lines.Select(line => line.Text("id")).Order(StringComparer.Ordinal)];
        var second = Json.Document((await _site.RunAsync("show", ids[1], "--json")).Demand(0));
        Assert.Contains(ids[0], second.GetProperty("record").GetProperty("twins").ToString(), StringComparison.Ordinal);
        await _site.DemandInOrderAsync(2);
    }

    [Fact]
    public async Task A_slow_writer_is_waited_for_until_it_closes()
    {
        byte[] whole = Pdf("slow");
        using var service = await _site.ServeAsync();
        using (var writer = new FileStream(_site["slow.pdf"], FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            // Complete by its structure, still open: a second file that comes later and goes first shows that time has passed.
            await writer.WriteAsync(whole, TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            _site.Put("quick.pdf", Pdf("quick"));
            await _site.UntilAccountedAsync(1);
            _site.Put("quicker.pdf", Pdf("quicker"));
            await _site.UntilAccountedAsync(2);
            Assert.True(File.Exists(_site["slow.pdf"]));
        }

        await _site.UntilAccountedAsync(3);
        await Until.IsTrue(() => !File.Exists(_site["slow.pdf"]), "the slow file to be removed");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        Assert.Contains(IntakeSite.HashOf(whole), _site.Archived().Select(original => original.Sha512));
        await _site.DemandInOrderAsync(3);
    }

    [Fact]
    public async Task Bytes_that_come_after_the_claim_are_not_lost()
    {
        byte[] first = Pdf("first page");
        byte[] late = Encoding.ASCII.GetBytes("% a late page\n%%EOF\n");
        _site.Put("scan.pdf", first);
        using (var writer = new FileStream(_site["scan.pdf"], FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            // A named file is taken at once, open or not; its source may stay since somebody still writes to it.
            (await _site.RunAsync("ingest", _site["scan.pdf"], "--move", "--json")).Demand(0);
            await writer.WriteAsync(late, TestContext.Current.CancellationToken);
        }

        byte[] whole = [.. first, .. late];
        Assert.Equal(IntakeSite.HashOf(whole), Assert.Single(_site.Dropped()));
        var line = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move"));
        Assert.Equal("versioned", line.Text("outcome"));
        Assert.Equal(whole, (await _site.RunAsync("get", line.Text("id"))).Demand(0).OutputBytes);
        Assert.Equal(first, (await _site.RunAsync("get", line.Text("id"), "--version", "v1")).Demand(0).OutputBytes);
        Assert.Empty(_site.Dropped());
        await _site.DemandInOrderAsync(2);
    }

    [Theory]
    [InlineData(false)]   // the service waits for the writer
    [InlineData(true)]    // a command takes the first page before
    public async Task A_TIFF_that_is_whole_after_each_page_is_archived_with_the_page_that_comes_after_a_long_pause(bool isTakenInBetween)
    {
        byte[] one = A.Tiff().Size(40, 40).Pages(1).ToBytes();
        byte[] two = A.Tiff().Size(40, 40).Pages(2).ToBytes();
        using var service = isTakenInBetween ? null : await _site.ServeAsync();
        using (var writer = new FileStream(_site["scan.tif"], FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            await writer.WriteAsync(one, TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            if (service is null)
            {
                (await _site.RunAsync("ingest", _site["scan.tif"], "--move")).Demand(0);
            }
            else
            {
                _site.Put("quick.pdf", Pdf("quick"));   // settles later and goes first: time has passed
                await _site.UntilAccountedAsync(1);
            }

            Assert.True(File.Exists(_site["scan.tif"]));
            writer.Position = 0;
            await writer.WriteAsync(two, TestContext.Current.CancellationToken);   // with the pointer to the next page
        }

        if (service is null)
        {
            Assert.Equal("versioned", Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("outcome"));
        }
        else
        {
            await _site.UntilAccountedAsync(2);
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        var found = Assert.Single(await _site.LinesAsync("find", "", "--limit", "0"), line => line.Text("fileName") == "scan.tif");
        Assert.Equal(2, found.GetProperty("pages").GetInt32());
        Assert.Equal(two, (await _site.RunAsync("get", found.Text("id"))).Demand(0).OutputBytes);
        await _site.DemandInOrderAsync(2);
    }

    [Theory]
    [InlineData("", "24m", "21m", "space")]
    [InlineData("catalog", "64m", "63m", "No space is left on the disk of the catalog")]   // SQLite's own failure: the archive is well
    public async Task A_full_disk_is_told_and_work_goes_on_when_there_is_space_again(string mounted, string size, string ballast, string told)
    {
        Needs.Root();
        Needs.Tool("unshare");
        const int Files = 30;
        Directory.CreateDirectory(Path.Combine(_site.Data, mounted));
        for (int number = 0; number < Files; number++)
        {
            _site.Put($"{number:D2}.pdf", Pdf($"report {number} {new string('x', 200_000)}"));
        }

        // A small disk of its own, seen by the shell and the service alone; the shell fills it, and empties it when told to.
        const string Script =
            """
            set -e
            data=$1 disk=$1/$2 size=$3 ballast=$4; shift 4
            mount -t tmpfs -o size=$size tmpfs "$disk"
            head -c $ballast /dev/zero > "$disk/ballast"
            "$@" & service=$!
            trap 'kill -TERM $service' TERM
            read -r line; rm "$disk/ballast"
            read -r line; kill -TERM $service; wait $service
            rm -rf "$data/locks"; cp -r "$data" "$data.saved"
            """;
        using var shell = TheProgram.StartAny(
            "unshare", ["--mount", "--propagation", "private", "sh", "-c", Script, "sh", _site.Data, mounted, size, ballast, TheProgram.Executable, .. _site.Arguments("run")]);
        await Until.IsTrue(() => shell.HasExited || shell.ErrorsSoFar.Contains(told, StringComparison.OrdinalIgnoreCase), () => shell.ErrorsSoFar);
        if (shell.HasExited)
        {
            Needs.Lacks("unshare", $"No mounts of one's own here: {shell.ErrorsSoFar}");
        }

        Assert.Contains(Directory.EnumerateFiles(_site.Drop), file => file.EndsWith(".pdf", StringComparison.Ordinal));
        await shell.Input.WriteAsync("more space\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await shell.Input.FlushAsync(TestContext.Current.CancellationToken);
        await Until.IsTrue(() => shell.HasExited || !Directory.EnumerateFileSystemEntries(_site.Drop).Any(), () => shell.ErrorsSoFar);
        await shell.Input.WriteAsync("end\n"u8.ToArray(), TestContext.Current.CancellationToken);
        shell.CloseInput();
        (await shell.EndAsync()).Demand(0);

        Directory.Delete(_site.Data, recursive: true);
        Directory.Move(_site.Data + ".saved", _site.Data);
        Assert.Equal(Files, _site.Archived().Select(original => original.Sha512).Distinct().Count());
        Assert.Equal(Files, _site.Archived().Count);
        await _site.DemandInOrderAsync(Files);
    }

    public void Dispose() => _site.Dispose();

    private static byte[] Pdf(string text) => A.Pdf().WithTextLayer(text).ToBytes();

    private bool HasAlarm(string kind)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_site.Data, "catalog/docingest.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM alarm WHERE kind = $kind AND resolved IS NULL";
        command.Parameters.AddWithValue("$kind", kind);
        return (long)(command.ExecuteScalar() ?? 0L) > 0;
    }

    private void PutRaw(byte[] name, byte[] content)
    {
        using var volumes = new LocalVolumes();
        using var file = volumes.Open(_site.Drop).Create(RawName.FromBytes(name));
        file.Write(content);
    }

    private static async Task<EndedProgram> RunToolAsync(string tool, params string[] arguments)
    {
        using var running = TheProgram.StartAny(tool, arguments);
        return await running.EndAsync();
    }
}
