using System.Diagnostics;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Sources;

/// <summary>A folder filled by shell commands, and looked at through a source.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly TempFolder _temp = new();

    public string Path => _temp.Path;

    public string this[string relative] => _temp[relative];

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    /// <summary>Runs a command in the folder; what it prints, without the last line feed.</summary>
    public string Shell(string command) =>
        TryShell(command, out string output) ? output : throw new InvalidOperationException($"Failed: {command}");

    public bool TryShell(string command, out string output)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = Path, RedirectStandardOutput = true, UseShellExecute = false };
        using var shell = Process.Start(start) ?? throw new InvalidOperationException("No shell.");
        output = shell.StandardOutput.ReadToEnd().TrimEnd('\n');
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }

    /// <summary>Opens this folder as a source does, through all folders above it.</summary>
    public async Task<ISourceFolder> OpenAsync(params string[] leftOut) =>
        await DescendAsync(new LocalFolderSource([Path], [.. leftOut.Select(relative => this[relative])]), Path);

    public static async Task<ISourceFolder> DescendAsync(IBackupSource source, string path)
    {
        var folder = await source.OpenAsync(Cancellation);
        foreach (string element in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var entries = await folder.ListAsync(Cancellation).ToListAsync(Cancellation);
            var entry = entries.Single(entry => entry.Name == FileName.FromRaw(element));
            Assert.NotNull(entry.Node);
            var inner = await folder.OpenFolderAsync(entry.Node, Cancellation);
            folder.Dispose();
            folder = inner;
        }

        return folder;
    }

    public async Task<List<SourceEntry>> ListAsync(params string[] leftOut)
    {
        using var folder = await OpenAsync(leftOut);
        return await folder.ListAsync(Cancellation).ToListAsync(Cancellation);
    }

    public async Task<Node> NodeAsync(string name)
    {
        var entry = (await ListAsync()).Single(entry => entry.Name == FileName.FromRaw(name));
        Assert.Null(entry.Problem);
        Assert.NotNull(entry.Node);
        return entry.Node;
    }

    /// <summary>Every path below the top of a source, with what is wrong with it.</summary>
    public static async Task<SortedDictionary<string, string>> WalkAsync(IBackupSource source)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var top = await source.OpenAsync(Cancellation);
        await WalkAsync(top, "", found);
        return found;
    }

    private static async Task WalkAsync(ISourceFolder folder, string path, SortedDictionary<string, string> found)
    {
        await foreach (var entry in folder.ListAsync(Cancellation))
        {
            string inner = $"{path}/{entry.Name.ToRaw()}";
            found.Add(inner, entry.Problem is { } problem ? $"{entry.Node?.Type} {problem.Kind}".Trim() : $"{entry.Node?.Type}");
            if (entry.Node is { Type: NodeType.Directory } node)
            {
                using var next = await folder.OpenFolderAsync(node, Cancellation);
                await WalkAsync(next, inner, found);
            }
        }
    }
}
