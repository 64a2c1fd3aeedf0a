using System.Runtime.Versioning;
using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.TestKit;
using DocIngest.TestKit.Reports;

namespace DocIngest.Assurance.Tests.Reports;

/// <summary>The commands of VERIFY.txt, word by word, in a folder with the files of a report.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class When_openssl_verifies_a_report : IDisposable
{
    private readonly ASigner _signer = new(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
    private readonly TempFolder _folder = new();

    public When_openssl_verifies_a_report() => Needs.Tool("openssl");

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_command_succeeds_on_a_genuine_report()
    {
        Needs.Tool("python3");
        Unpack(new AReport().Sign(_signer));
        var commands = Commands();
        Assert.Equal(8, commands.Count);
        foreach (string command in commands)
        {
            var (code, output) = await ShellAsync(command);
            Assert.True(code == 0, $"{command}\n{output}");
        }

        Assert.Contains(SignedReport.FingerprintOf(_signer.CertificatePem), (await ShellAsync(commands[0])).Output, StringComparison.Ordinal);
        Assert.Contains("CMS Verification successful", (await ShellAsync(commands[1])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_report_is_rejected()
    {
        Unpack(new AReport(failed: 1).Sign(_signer));
        string file = Path.Combine(_folder.Path, ReportFileNames.Report);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"result\": \"fail\"", "\"result\": \"pass\"", StringComparison.Ordinal));
        Assert.NotEqual(0, (await ShellAsync(Commands()[1])).Code);
        Assert.Equal(0, (await ShellAsync(Commands()[2])).Code);   // the page was left alone
    }

    [Fact]
    public async Task A_swapped_list_of_items_is_rejected()
    {
        var files = new AReport(failed: 1).Sign(_signer);
        files[ReportFileNames.Items] = new AReport().Items;
        Unpack(files);
        Assert.NotEqual(0, (await ShellAsync(Commands().Single(command => command.Contains("sha512sum", StringComparison.Ordinal)))).Code);
    }

    [Fact]
    public async Task A_forgers_certificate_inside_the_signature_does_not_help()
    {
        using var forger = new ASigner(AReport.Now.AddDays(-1), AReport.Now.AddYears(3));
        var files = new AReport().Sign(forger);
        files[ReportFileNames.Signer] = Encoding.ASCII.GetBytes(_signer.CertificatePem);
        Unpack(files);
        Assert.NotEqual(0, (await ShellAsync(Commands()[1])).Code);
        Assert.NotEqual(0, (await ShellAsync(Commands()[2])).Code);
    }

    [Fact]
    public async Task The_script_draws_what_was_checked()
    {
        Needs.Tool("python3");
        Unpack(new AReport().Sign(_signer));
        string draw = Commands().Single(command => command.StartsWith("python3", StringComparison.Ordinal));
        var (code, output) = await ShellAsync($"{draw} | while read place; do sed -n \"$((place + 1))p\" population.txt; done | sort > drawn.txt; grep '\"drawn\":true' items.jsonl | sed 's/.*\"object\":\"//; s/\".*//' | sort | diff - drawn.txt");
        Assert.True(code == 0, output);
    }

    private List<string> Commands() =>
        [.. File.ReadAllLines(Path.Combine(_folder.Path, ReportFileNames.Verify)).Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim())];

    private void Unpack(Dictionary<string, byte[]> files)
    {
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(_folder.Path, name), bytes);
        }
    }

    private Task<(int Code, string Output)> ShellAsync(string command) => Shell.RunAsync(_folder.Path, command);
}
