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
        var lines = Json.Lines((await first.EndAsync()).Demand(0)).Concat(Json.Lines((await second.EndAsync()).Demand(0))).ToList();
        await Until.IsTrue(() => !Directory.EnumerateFileSystemEntries(site.Drop).Any(), "the drop folder to be empty");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);

        Assert.All(lines, line => Assert.Contains(line.Text("outcome"), (string[])["filed", "duplicate"]));
        Assert.Equal(Files, site.Archived().Select(original => original.Sha512).Distinct().Count());
        Assert.Equal(Files, site.Archived().Count);
        Assert.Equal(Files, (await site.StatusAsync()).GetProperty("records").GetInt32());
        await site.DemandInOrderAsync(Files + lines.Count);
    }
}
