using System.Text;
using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Hosting;

/// <summary>Who may read what the program writes: catalog, archive and quarantine hold personal data.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FilePermissionsTests : IDisposable
{
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly IntakeSite _site = new();

    [Fact]
    public async Task Nothing_in_an_open_data_folder_is_open_to_other_accounts()
    {
        Needs.Linux();
        Directory.CreateDirectory(_site.Data, (UnixFileMode)0x1ed);   // octal 755, as mkdir makes it
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        _site.Put("list.txt", Encoding.UTF8.GetBytes("eggs\n"));
        _site.Profile["feedbackFolder"] = "feedback";
        Directory.CreateDirectory(Path.Combine(_site.Data, "feedback"));
        (await RunAsync("umask 022", "ingest", _site.Drop)).Demand(3);

        string[] written = [.. Written()];
        Assert.Contains(written, file => file.EndsWith(".db", StringComparison.Ordinal));
        Assert.Contains(written, file => file.EndsWith("STATUS.txt", StringComparison.Ordinal));
        Assert.All(written, file => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & (ForOthers | UnixFileMode.GroupWrite)));
        Assert.All(written, file => Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.GroupRead), file));
    }

    [Fact]
    public async Task What_the_administrator_closed_further_stays_closed()
    {
        Needs.Linux();
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        (await RunAsync("umask 077", "ingest", _site.Drop)).Demand(0);
        Assert.All(Written(), file => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & (ForOthers | UnixFileMode.GroupRead)));
    }

    public void Dispose() => _site.Dispose();

    private async Task<EndedProgram> RunAsync(string first, params string[] arguments)
    {
        using var running = TheProgram.StartAny("/bin/sh", ["-c", first + "; exec \"$0\" \"$@\"", TheProgram.Executable, .. _site.Arguments(arguments)]);
        running.CloseInput();
        return await running.EndAsync();
    }

    private IEnumerable<string> Written() => Directory
        .EnumerateFileSystemEntries(_site.Data, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Where(path => path != Path.Combine(_site.Data, "feedback"));
}
