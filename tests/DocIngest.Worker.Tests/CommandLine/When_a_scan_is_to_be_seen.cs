using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>get --as rendition</c> and <c>--as thumbnail</c>, with the real programs.</summary>
public sealed class When_a_scan_is_to_be_seen : IDisposable
{
    private readonly IntakeSite _site = new();

    public When_a_scan_is_to_be_seen()
    {
        Needs.Tool("tesseract");
        Needs.Tool("qpdf");
        Needs.Tool("pdftoppm");
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task It_comes_as_a_searchable_rendition_and_as_a_thumbnail_that_is_kept()
    {
        _site.Put("scan.png", ScannedPage.Of("Discharge summary", "Jane Roe was seen today"));
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        string rendition = Path.Combine(_site.Data, "..", $"{Guid.NewGuid():N}.pdf");
        (await _site.RunAsync("get", id, "--as", "rendition", "-o", rendition)).Demand(0);
        Assert.Equal("%PDF-"u8.ToArray(), (await File.ReadAllBytesAsync(rendition, TestContext.Current.CancellationToken))[..5]);
        Assert.False(Directory.Exists(Path.Combine(_site.Data, "thumbnails")));   // not while scans are taken in
        byte[] first = await ThumbnailAsync(id);
        using var picture = new MagickImage(first);
        Assert.Equal((MagickFormat.WebP, 320u), (picture.Format, Math.Max(picture.Width, picture.Height)));
        string kept = Assert.Single(Directory.GetFiles(Path.Combine(_site.Data, "thumbnails"), "*", SearchOption.AllDirectories));
        Assert.Equal(first, await File.ReadAllBytesAsync(kept, TestContext.Current.CancellationToken));
        File.Delete(kept);
        Assert.Equal(first, await ThumbnailAsync(id));
        File.Delete(rendition);
    }

    [Fact]
    public async Task A_document_that_cannot_be_shown_says_so_with_exit_code_5()
    {
        _site.Put("locked.pdf", A.Pdf().EncryptedWith("secret").WithImage().ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        Assert.Contains("no thumbnail", (await _site.RunAsync("get", id, "--as", "thumbnail")).Demand(5).Errors, StringComparison.Ordinal);
        Assert.Contains("no rendition", (await _site.RunAsync("get", id, "--as", "rendition")).Demand(5).Errors, StringComparison.Ordinal);
    }

    private async Task<byte[]> ThumbnailAsync(string id)
    {
        string file = Path.Combine(_site.Data, "..", $"{Guid.NewGuid():N}.webp");
        (await _site.RunAsync("get", id, "--as", "thumbnail", "-o", file)).Demand(0);
        byte[] picture = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        File.Delete(file);
        return picture;
    }
}
