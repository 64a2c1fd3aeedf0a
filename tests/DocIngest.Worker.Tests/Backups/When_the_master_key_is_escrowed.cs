using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>An escrow is opened by openssl alone, and opens the repository when all passwords are lost.</summary>
public sealed class When_the_master_key_is_escrowed : IDisposable
{
    private readonly BackupSite _site = new();

    private string Sealed => _site["escrow.p7m"];

    private string Opened => _site["master-key.json"];

    private string PrivateKey => _site["owner.key"];

    [Fact]
    public async Task Openssl_opens_it_without_options_and_it_is_what_restic_calls_the_master_key()
    {
        await EscrowAsync();
        var plain = (await BackupSite.OpenSslAsync("cms", "-decrypt", "-inkey", PrivateKey, "-in", Sealed)).Demand(0);
        var pem = (await BackupSite.OpenSslAsync("cms", "-decrypt", "-inform", "PEM", "-inkey", PrivateKey, "-in", Sealed)).Demand(0);
        Assert.Equal(plain.OutputBytes, pem.OutputBytes);

        var ours = BackupSite.Parse(plain.Output);
        var theirs = BackupSite.Parse((await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "cat", "masterkey")).Demand(0).Output);
        Assert.Equal(theirs.Text("encrypt"), ours.Text("encrypt"));
        Assert.Equal(theirs.GetProperty("mac").Text("k"), ours.GetProperty("mac").Text("k"));
        Assert.Equal(Clamped(theirs.GetProperty("mac").Text("r")), Clamped(ours.GetProperty("mac").Text("r")));   // some versions print what Poly1305 does not use
    }

    [Fact]
    public async Task The_repository_opens_with_it_when_the_password_is_lost()
    {
        await EscrowAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
        await OpenAsync();
        string[] common = ["--repo", _site.Repository, "--escrow-key", Opened];
        Assert.Single(Json.Lines((await _site.RunAsync(["list", "--json", .. common])).Demand(0)));
        string second = _site.WriteFile("second", "a new password");
        (await _site.RunAsync(["key", "add", "--new-password-file", second, .. common])).Demand(0);
        (await BackupSite.ResticAsync(_site.Repository, second, "check")).Demand(0);
    }

    [Fact]
    public async Task It_does_not_open_another_repository()
    {
        await EscrowAsync();
        await OpenAsync();
        (await _site.RunAsync("init")).Demand(0);
        Assert.Contains("another repository", (await _site.RunAsync("list", "--escrow-key", Opened)).Demand(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_sealed_it_says_how_to_open_it()
    {
        await EscrowAsync();
        var ended = (await _site.RunAsync("list", "--repo", _site.Repository, "--escrow-key", Sealed)).Demand(2);
        Assert.Contains($"openssl cms -decrypt -inkey KEY.pem -in {Sealed}", ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("correct horse battery staple")]
    public async Task What_is_no_master_key_is_refused_and_not_repeated(string content)
    {
        await _site.InitBesideAsync();
        string file = _site.WriteFile("key.json", content);
        var ended = (await _site.RunAsync("list", "--repo", _site.Repository, "--escrow-key", file)).Demand(2);
        Assert.DoesNotContain("horse", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_beside_it_is_a_contradiction()
    {
        await EscrowAsync();
        await OpenAsync();
        (await _site.RunBesideAsync("list", "--escrow-key", Opened)).Demand(2);
        (await _site.RunAsync("init", "--repo", _site["new"], "--escrow-key", Opened)).Demand(2);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task It_is_its_owners_alone_and_never_written_over_a_file()
    {
        Needs.Linux();
        await EscrowAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Sealed));
        byte[] before = await File.ReadAllBytesAsync(Sealed, TestContext.Current.CancellationToken);
        (await TryEscrowAsync("owner.pem")).Demand(2);
        Assert.Equal(before, await File.ReadAllBytesAsync(Sealed, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_refused_in_words_and_nothing_is_written()
    {
        await _site.InitBesideAsync();
        (await BackupSite.OpenSslAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", _site["ec.key"], "-out", _site["ec.pem"],
            "-subj", "/CN=Curve", "-days", "30")).Demand(0);
        Assert.Contains("no RSA key", (await TryEscrowAsync("ec.pem")).Demand(2).Errors, StringComparison.Ordinal);
        Assert.Contains("cannot be read as a certificate", (await TryEscrowAsync("password")).Demand(2).Errors, StringComparison.Ordinal);
        (await TryEscrowAsync("absent.pem")).Demand(2);
        Assert.False(File.Exists(Sealed));
    }

    public void Dispose() => _site.Dispose();

    private async Task EscrowAsync()
    {
        await _site.InitBesideAsync();
        (await BackupSite.OpenSslAsync(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", PrivateKey, "-out", _site["owner.pem"], "-subj", "/O=Clinic/CN=Owner", "-days", "30")).Demand(0);
        (await TryEscrowAsync("owner.pem")).Demand(0);
    }

    private Task<EndedProgram> TryEscrowAsync(string certificate) => _site.RunBesideAsync("key", "escrow", "--certificate", _site[certificate], "-o", Sealed);

    private async Task OpenAsync() =>
        (await BackupSite.OpenSslAsync("cms", "-decrypt", "-inkey", PrivateKey, "-in", Sealed, "-out", Opened)).Demand(0);

    private static byte[] Clamped(string base64)
    {
        byte[] r = Convert.FromBase64String(base64);
        foreach (int at in (int[])[3, 7, 11, 15])
        {
            r[at] &= 0x0f;
        }

        foreach (int at in (int[])[4, 8, 12])
        {
            r[at] &= 0xfc;
        }

        return r;
    }
}
