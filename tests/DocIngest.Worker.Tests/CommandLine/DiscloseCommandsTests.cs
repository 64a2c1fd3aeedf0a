using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>What is handed out is whole, and who got it can be told; nowhere else does their name stand.</summary>
public sealed class DiscloseCommandsTests : IDisposable
{
    private readonly IntakeSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Records_are_handed_out_whole_and_it_is_known_to_whom()
    {
        byte[] pdf = A.Pdf().WithTextLayer("a letter").ToBytes();
        _site.Put("a.pdf", pdf);
        _site.Put("b.pdf", A.Pdf().WithTextLayer("another letter").ToBytes());
        string[] ids = [.. (await _site.LinesAsync("ingest", _site.Drop, "--move")).Select(line => line.Text("id"))];
        string zip = Path.Combine(_site.Root, "out.zip");
        var disclosed = Assert.Single(await _site.LinesAsync(["disclose", .. ids, "--to", "Dr. Marker", "--purpose", "patient-request", "-o", zip]));
        Assert.Equal(("Dr. Marker", "patient-request"), (disclosed.Text("to"), disclosed.Text("purpose")));
        using (var opened = await ZipFile.OpenReadAsync(zip, TestContext.Current.CancellationToken))
        {
            Assert.Equal(4, opened.Entries.Count);   // two originals, the sums, the manifest
            string sums = await ReadAsync(opened, "SHA512SUMS");
            foreach (string line in sums.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = line.Split("  ");
                await using var entry = await opened.GetEntry(parts[1])!.OpenAsync(TestContext.Current.CancellationToken);   // listed
                Assert.Equal(parts[0], Convert.ToHexStringLower(await SHA512.HashDataAsync(entry, TestContext.Current.CancellationToken)));
            }

            Assert.DoesNotContain("Marker", await ReadAsync(opened, "manifest.json"), StringComparison.Ordinal);
        }

        Assert.Equal("Dr. Marker", Assert.Single(await _site.LinesAsync("disclosure", "list", "--record", ids[1])).Text("to"));
        Assert.Empty(await _site.LinesAsync("disclosure", "list", "--record", "urn:uuid:0198a2b4-0000-7000-8000-000000000000"));
        var audited = (await _site.LinesAsync("audit", "show", "--record", ids[0], "--disclosures")).Last();
        Assert.Equal(("export", "disclosure", "patient-request"), (audited.Text("type"), audited.Text("subtype"), audited.Text("purpose")));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_site.Data, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/archive/", StringComparison.Ordinal)),
            file => Encoding.UTF8.GetString(File.ReadAllBytes(file)).Contains("Dr. Marker", StringComparison.Ordinal));
        (await _site.RunAsync("audit", "verify")).Demand(0);
        Assert.DoesNotContain(OcflCheck.Validate(Path.Combine(_site.Data, "archive")), finding => finding.IsError);
    }

    [Fact]
    public async Task What_cannot_be_handed_out_is_not_noted_as_if_it_were()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a letter").ToBytes());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        string zip = Path.Combine(_site.Root, "out.zip");
        await File.WriteAllTextAsync(zip, "mine", TestContext.Current.CancellationToken);
        (await _site.RunAsync("disclose", id, "--to", "x", "--purpose", "legal", "-o", zip)).Demand(2);   // never over another file
        Assert.Equal("mine", await File.ReadAllTextAsync(zip, TestContext.Current.CancellationToken));
        (await _site.RunAsync("disclose", id, "--to", "x", "--purpose", "curiosity", "-o", zip + "2")).Demand(2);
        (await _site.RunAsync("disclose", "urn:uuid:0198a2b4-0000-7000-8000-000000000000", "--to", "x", "--purpose", "legal", "-o", zip + "2")).Demand(5);
        (await _site.RunAsync("withdraw", id, "--reason", "entered-in-error")).Demand(0);
        (await _site.RunAsync("disclose", id, "--to", "x", "--purpose", "legal", "-o", zip + "2")).Demand(2);
        Assert.Empty(await _site.LinesAsync("disclosure", "list"));
        Assert.False(File.Exists(zip + "2"));
    }

    private static async Task<string> ReadAsync(ZipArchive zip, string name)
    {
        await using var entry = await zip.GetEntry(name)!.OpenAsync(TestContext.Current.CancellationToken);   // written always
        using var reader = new StreamReader(entry);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
