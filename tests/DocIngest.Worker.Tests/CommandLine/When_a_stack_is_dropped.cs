using System.Text.Json.Nodes;
using DocIngest.Pipeline.Tests.Extraction.BarCodes;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>A scanned stack with separator sheets, with the real zbarimg, tesseract and qpdf.</summary>
public sealed class When_a_stack_is_dropped : IDisposable
{
    private readonly IntakeSite _site = new();

    public When_a_stack_is_dropped()
    {
        Needs.Tool("zbarimg");
        Needs.Tool("tesseract");
        Needs.Tool("qpdf");
        _site.Profile["pages"] = new JsonObject { ["separators"] = new JsonObject() };
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task It_becomes_its_documents_and_a_batch_that_accounts_for_every_page()
    {
        _site.Put("stack.tif", Stack());
        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.Equal("filed", line.Text("outcome")));
        Assert.Empty(Directory.GetFiles(_site.Drop));

        string batch = lines.Single(line => line.GetProperty("pages").GetInt32() == 6).Text("id");
        var account = Json.Document((await _site.RunAsync("show", batch, "--json")).Demand(0)).GetProperty("record").GetProperty("batch");
        Assert.Equal((6, 4), (account.GetProperty("pagesIn").GetInt32(), account.GetProperty("pagesFiled").GetInt32()));
        string words = (await _site.RunAsync("show", batch)).Demand(0).Output;
        Assert.Contains("6 pages: 4 in 2 documents, 2 separators", words, StringComparison.Ordinal);

        string letter = Assert.Single(await _site.LinesAsync("find", "discharge")).Text("id");
        string report = Assert.Single(await _site.LinesAsync("find", "laboratory")).Text("id");
        Assert.Equal(["2-3", "5-6"], lines.Where(line => line.Text("id") != batch).Select(line => line.Text("filePages")).Order(StringComparer.Ordinal));
        Assert.Contains($"pages 2-3 of {batch}", (await _site.RunAsync("show", letter)).Demand(0).Output, StringComparison.Ordinal);
        string text = (await _site.RunAsync("get", report, "--as", "text")).Demand(0).Output;
        Assert.Contains("second page", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("discharge", text, StringComparison.OrdinalIgnoreCase);
        (await _site.RunAsync("get", report, "--as", "rendition", "-o", Path.Combine(_site.Root, "report.pdf"))).Demand(0);
        Assert.True((await _site.StatusAsync()).GetProperty("addsUp").GetBoolean());
    }

    [Fact]
    public async Task A_document_that_doubles_another_is_shown_as_that_one()
    {
        string sheet = Path.Combine(_site.Root, "sheet.pdf");
        string blank = Path.Combine(_site.Root, "form.pdf");
        await File.WriteAllBytesAsync(sheet, Stack(MagickFormat.Pdf, [[]]), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(blank, Stack(MagickFormat.Pdf, ["Blank form", "name"]), TestContext.Current.CancellationToken);
        string stack = Path.Combine(_site.Root, "stack.pdf");
        using (var qpdf = System.Diagnostics.Process.Start("qpdf", ["--empty", "--pages", sheet, "1", blank, "1", sheet, "1", blank, "1", "--", stack]))   // the same page twice
        {
            await qpdf.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, qpdf.ExitCode);
        }

        _site.Put("stack.pdf", await File.ReadAllBytesAsync(stack, TestContext.Current.CancellationToken));
        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        string form = Assert.Single(lines, line => line.Text("outcome") == "duplicate").Text("id");
        string batch = lines.Single(line => line.GetProperty("pages").GetInt32() == 4).Text("id");
        var shown = Json.Document((await _site.RunAsync("show", batch, "--json")).Demand(0));
        Assert.All(shown.GetProperty("documents").EnumerateArray(), document => Assert.Equal(form, document.Text("record")));
        string doubling = shown.GetProperty("documents").EnumerateArray().Single(document => document.Text("outcome") == "duplicate").Text("scan");
        Assert.NotEqual(form, doubling);
        string words = (await _site.RunAsync("show", batch)).Demand(0).Output;
        Assert.Contains($"document  {form}: pages 4, the same bytes as this record", words, StringComparison.Ordinal);
        Assert.Contains("text      in its documents: Divided.", words, StringComparison.Ordinal);
        foreach (string[] command in (string[][])[["show", doubling], ["history", doubling], ["get", doubling, "--as", "text"]])
        {
            Assert.Contains($"has the same bytes as record {form}", (await _site.RunAsync(command)).Demand(5).Errors, StringComparison.Ordinal);
        }
    }

    private static byte[] Stack() =>
        Stack(MagickFormat.Tiff, [], ["Discharge summary", "first page"], ["Follow up", "next page"], [], ["Laboratory report", "one page"], ["Values", "second page"]);

    private static byte[] Stack(MagickFormat format, params string[][] written)
    {
        using var pages = new MagickImageCollection();
        foreach (string[] lines in written)
        {
            var page = new MagickImage(ScannedPage.Of(lines));
            pages.Add(lines.Length == 0 ? page.WithCode39("PATCHT", left: 150, top: 600) : page);
        }

        return pages.ToByteArray(format);
    }
}
