using System.Text.Json.Nodes;
using DocIngest.Pipeline.Tests.Extraction.BarCodes;
using DocIngest.TestKit;
using ImageMagick;
using UglyToad.PdfPig;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Two scanned stacks of the same sheets, with the real tesseract and qpdf.</summary>
public sealed class When_fronts_and_backs_are_dropped : IDisposable
{
    private readonly IntakeSite _site = new();

    public When_fronts_and_backs_are_dropped()
    {
        Needs.Tool("tesseract");
        Needs.Tool("qpdf");
        _site.Profile["pages"] = new JsonObject { ["duplex"] = new JsonObject() };
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task They_become_one_record_that_holds_both_and_reads_in_the_order_of_its_pages()
    {
        _site.Put("letter-front.tif", Scan("Discharge summary", "Recommendations follow"));
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        Assert.Equal("other-side-missing", Assert.Single(await _site.LinesAsync("qc", "list")).Text("code"));
        _site.Put("letter-back.tif", Scan("Laboratory values", "Medication on admission"));
        var second = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move"));
        Assert.Equal(("versioned", id, "v2", 2), (second.Text("outcome"), second.Text("id"), second.Text("version"), second.GetProperty("pages").GetInt32()));
        Assert.Empty(await _site.LinesAsync("qc", "list"));

        string words = (await _site.RunAsync("show", id)).Demand(0).Output;
        Assert.Contains("fronts    2 pages of letter-front.tif, original-1.tif", words, StringComparison.Ordinal);
        Assert.Contains("backs     2 pages of letter-back.tif, original-2.tif", words, StringComparison.Ordinal);
        string[] pages = (await _site.RunAsync("get", id, "--as", "text")).Demand(0).Output.Split('\f');
        Assert.Equal(["Discharge", "Medication", "Recommendations", "Laboratory"], pages[..4].Select(page => page.TrimStart().Split(' ')[0]));
        string rendition = Path.Combine(_site.Root, "both.pdf");
        (await _site.RunAsync("get", id, "--as", "rendition", "-o", rendition)).Demand(0);
        using (var pdf = PdfDocument.Open(rendition))
        {
            Assert.Equal(["Discharge", "Medication", "Recommendations", "Laboratory"], pdf.GetPages().Select(page => page.GetWords().First().Text));
        }


        Assert.Contains("--as original-1", (await _site.RunAsync("get", id, "-o", Path.Combine(_site.Root, "x"))).Demand(2).Errors, StringComparison.Ordinal);
        string back = Path.Combine(_site.Root, "back.tif");
        (await _site.RunAsync("get", id, "--as", "original-2", "-o", back)).Demand(0);
        Assert.Equal(Scan("Laboratory values", "Medication on admission"), await File.ReadAllBytesAsync(back, TestContext.Current.CancellationToken));
        (await _site.RunAsync("get", id, "--version", "v1", "-o", Path.Combine(_site.Root, "first.tif"))).Demand(0);
        Assert.True((await _site.StatusAsync()).GetProperty("addsUp").GetBoolean());
        Assert.Equal("unchanged", Assert.Single(await _site.LinesAsync("ocr", id)).Text("outcome"));
    }

    private static byte[] Scan(params string[] titles)
    {
        using var pages = new MagickImageCollection();
        foreach (string title in titles)
        {
            pages.Add(new MagickImage(ScannedPage.Of([title, "of the patient in ward three"])));
        }

        return pages.ToByteArray(MagickFormat.Tiff);
    }
}
