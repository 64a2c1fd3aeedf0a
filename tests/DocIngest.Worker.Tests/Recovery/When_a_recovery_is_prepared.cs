using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.Recovery;

/// <summary><c>recovery-kit</c>, the page of the sealed envelope, and the way back that it describes with the sealed key.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // openssl
public sealed class When_a_recovery_is_prepared : IDisposable
{
    private readonly IntakeSite _site = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Repository => Path.Combine(_site.Root, "repository");

    private string Kit => Path.Combine(_site.Root, "recovery.txt");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task The_page_says_where_backups_are_and_holds_no_secret_and_nothing_of_a_document()
    {
        await PrepareAsync();
        (await _site.RunAsync("drill", "run")).Demand(0);   // draws the key of reports

        (await _site.RunAsync("recovery-kit", "-o", Kit)).Demand(0);

        string page = await File.ReadAllTextAsync(Kit, Cancellation);
        Assert.DoesNotContain(BackupSite.Password, page, StringComparison.Ordinal);
        Assert.DoesNotContain("marker-of-the-letter", page, StringComparison.Ordinal);
        string repositoryId = Json.Document((await _site.RunAsync("recovery-kit", "--json")).Demand(0)).GetProperty("repositories")[0].Text("id");
        string reports = Json.Lines((await _site.RunAsync("signing-key", "show", "--json")).Demand(0))[0].Text("sha256");
        Assert.All([Repository, repositoryId, reports, "--escrow-key", "restic -r", "NOBODY"], part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.NotEqual(0, (await _site.RunAsync("recovery-kit", "-o", Kit)).ExitCode);   // never over a page that is there
        Assert.Equal(page, await File.ReadAllTextAsync(Kit, Cancellation));
    }

    [Fact]
    public async Task Where_no_backup_can_be_opened_the_page_says_so()
    {
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        Assert.Contains("NOWHERE", (await _site.RunAsync("recovery-kit")).Demand(3).Output, StringComparison.Ordinal);
        await PrepareAsync();
        File.Delete(Path.Combine(Repository, "config"));
        Assert.Contains("COULD NOT BE OPENED", (await _site.RunAsync("recovery-kit")).Demand(3).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_sealed_key_alone_and_without_writing_to_the_repository_everything_comes_back()
    {
        string id = await PrepareAsync();
        string key = Path.Combine(_site.Root, "owner.key"), certificate = Path.Combine(_site.Root, "owner.pem"), sealedKey = Path.Combine(_site.Root, "escrow.p7m"), opened = Path.Combine(_site.Root, "master-key.json");
        (await BackupSite.OpenSslAsync("req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30", "-subj", "/CN=owner", "-keyout", key, "-out", certificate)).Demand(0);
        (await _site.RunAsync("backup", "key", "escrow", "--certificate", certificate, "-o", sealedKey)).Demand(0);
        Assert.Contains("CN=owner", (await _site.RunAsync("recovery-kit")).Demand(0).Output, StringComparison.Ordinal);
        (await BackupSite.OpenSslAsync("cms", "-decrypt", "-inkey", key, "-in", sealedKey, "-out", opened)).Demand(0);
        string[] before = FilesOf(Repository);

        string target = Path.Combine(_site.Root, "recovered");
        var result = Json.Document((await TheProgram.RunAsync("recover", "--repo", Repository, "--escrow-key", opened, "--no-lock", "--target", target, "--json")).Demand(0));

        Assert.Equal("recovered", result.Text("result"));
        Assert.Equal(before, FilesOf(Repository));
        (await TheProgram.RunAsync("--data", target, "get", id, "-o", Path.Combine(_site.Root, "again.pdf"))).Demand(0);
    }

    private async Task<string> PrepareAsync()
    {
        string password = Path.Combine(_site.Root, "password");
        await File.WriteAllTextAsync(password, BackupSite.Password, Cancellation);
        _site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = Repository, ["password"] = $"file:{password}" };
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("marker-of-the-letter").ToBytes());
        string id = Json.Lines((await _site.RunAsync("ingest", _site.Drop, "--json")).Demand(0)).Single().Text("id");
        (await _site.RunAsync("backup", "init")).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
        return id;
    }

    private static string[] FilesOf(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
