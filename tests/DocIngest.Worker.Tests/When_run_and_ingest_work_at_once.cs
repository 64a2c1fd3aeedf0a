using DocIngest.TestKit;

namespace DocIngest.Worker.Tests;

/// <summary>The service and the command line on one data folder (DESIGN 7).</summary>
public sealed class When_run_and_ingest_work_at_once
{
    [Fact]
    public async Task The_same_documents_from_both_become_one_record_each()
    {
        const int Files = 40;
        using var site = new IntakeSite();
        site.Profile["documentKeyPattern"] = "^(?<key>K[0-9]+)_";
        string beside = Directory.CreateDirectory(Path.Combine(site.Root, "beside")).FullName;
        using var service = await site.ServeAsync();
        for (int number = 0; number < Files; number++)
        {
            byte[] content = A.Pdf().WithTextLayer($"report {number}").ToBytes();
            await File.WriteAllBytesAsync(Path.Combine(beside, $"K{number}_x.pdf"), content, TestContext.Current.CancellationToken);
            site.Put($"K{number}_x.pdf", content);
        }

        // As soon as the service has begun with its files, the same come by the command line; then two commands race as well.
        await Until.IsTrue(() => Directory.EnumerateFiles(site.Drop).Count() < Files, "the service to begin");
        using var first = site.Start("ingest", beside, "--json");
        using var second = site.Start("ingest", beside, "--json");
        EndedProgram[] ended = [await first.EndAsync(), await second.EndAsync()];
        Assert.All(ended, command => Assert.Contains(command.ExitCode, (int[])[0, 3]));
        var lines = ended.SelectMany(Json.Lines).ToList();
        Assert.Equal(2 * Files, lines.Count);
        await Until.IsTrue(() => !Directory.EnumerateFileSystemEntries(site.Drop).Any(), "the drop folder to be empty");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);


        // One file that both commands meet at the same moment is one claim: the other says so, and takes in nothing.
        var takenIn = lines.Where(line => line.Text("outcome") != "skipped").ToList();
        Assert.All(takenIn, line => Assert.Contains(line.Text("outcome"), (string[])["filed", "duplicate"]));
        Assert.Equal(Files, takenIn.Select(line => line.Text("file")).Distinct().Count());
        Assert.Equal(Files, site.Archived().Select(original => original.Sha512).Distinct().Count());
        Assert.Equal(Files, site.Archived().Count);
        Assert.Equal(Files, (await site.StatusAsync()).GetProperty("records").GetInt32());
        await site.DemandInOrderAsync(Files + takenIn.Count);
    }
}
