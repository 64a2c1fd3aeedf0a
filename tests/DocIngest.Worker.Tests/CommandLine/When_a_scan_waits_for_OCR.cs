using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>ocr</c>, and what the service reads by itself, with the real tesseract.</summary>
public sealed class When_a_scan_waits_for_OCR : IDisposable
{
    private readonly IntakeSite _site = new();

    public When_a_scan_waits_for_OCR()
    {
        Needs.Tool("tesseract");
        Needs.Tool("pdftoppm");
        Needs.Tool("qpdf");
        _site.Config["extraction"] = new System.Text.Json.Nodes.JsonObject { ["workers"] = 2, ["ocr"] = false };
        _site.Put("scan.png", ScannedPage.Of("Waiting words of a scan"));
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task It_is_read_on_demand_as_a_new_version()
    {
        string id = await TakeAsync();
        (await _site.RunAsync("ocr", "--pending")).Demand(6);
        Assert.Empty(await _site.LinesAsync("find", "words"));

        HaveOcr();
        var line = Json.Document((await _site.RunAsync("ocr", "--pending", "--json")).Demand(0));
        Assert.Equal((id, "read", "v2", "complete"), (line.Text("id"), line.Text("outcome"), line.Text("version"), line.Text("textStatus")));
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "waiting words")).Text("id"));
        Assert.Equal(["Scan filed", "Read by OCR"], (await _site.LinesAsync("history", id)).ConvertAll(version => version.Text("message")).Order(StringComparer.Ordinal).Reverse());
        Assert.Contains("Nothing waits", (await _site.RunAsync("ocr", "--pending")).Demand(0).Errors, StringComparison.Ordinal);
        Assert.Equal("unchanged", Assert.Single(await _site.LinesAsync("ocr", id)).Text("outcome"));
        (await _site.RunAsync("get", id, "--as", "rendition", "-o", Path.Combine(_site.Root, "rendition.pdf"))).Demand(0);
        (await _site.RunAsync("get", id, "--version", "v1", "--as", "rendition")).Demand(5);
        (await _site.RunAsync("ocr")).Demand(2);
        (await _site.RunAsync("ocr", id, "--pending")).Demand(2);
    }

    [Fact]
    public async Task The_service_reads_it_by_itself()
    {
        string id = await TakeAsync();
        HaveOcr();
        using var service = await _site.ServeAsync();
        await Until.IsTrue(
            () => service.ErrorsSoFar.Contains("has a version 2 that no scan brought", StringComparison.Ordinal), "the service to read what waits");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "waiting words")).Text("id"));
    }

    [Fact]
    public async Task One_that_was_read_without_a_language_is_listed_and_read_again_when_tesseract_has_all_of_them()
    {
        _site.Config["extraction"] = new System.Text.Json.Nodes.JsonObject { ["workers"] = 2, ["ocrLanguages"] = new System.Text.Json.Nodes.JsonArray("eng", "tlh") };
        var line = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move"));
        Assert.Equal("complete", line.Text("textStatus"));
        var item = Assert.Single(await _site.LinesAsync("qc", "list"));
        Assert.Equal((line.Text("id"), "language-missing"), (item.Text("id"), item.Text("code")));
        Assert.Contains("OCR read without tlh", (await _site.RunAsync("show", line.Text("id"))).Demand(0).Output, StringComparison.Ordinal);
        Assert.Contains("Nothing waits", (await _site.RunAsync("ocr", "--pending")).Demand(0).Errors, StringComparison.Ordinal);

        HaveOcr();   // nobody asks for Klingon any more
        var read = Json.Document((await _site.RunAsync("ocr", "--pending", "--json")).Demand(0));
        Assert.Equal(("read", "v2"), (read.Text("outcome"), read.Text("version")));
        Assert.Empty(await _site.LinesAsync("qc", "list"));
    }

    private async Task<string> TakeAsync()
    {
        var line = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move"));
        Assert.Equal("pending-ocr", line.Text("textStatus"));
        return line.Text("id");
    }

    private void HaveOcr() => _site.Config["extraction"] = new System.Text.Json.Nodes.JsonObject { ["workers"] = 2 };
}
