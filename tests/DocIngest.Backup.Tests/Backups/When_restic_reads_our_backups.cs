using DocIngest.Backup.Backups;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Sources;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Backups;

/// <summary>The real restic on repositories that this program fills, and the other way round.</summary>
public sealed class When_restic_reads_our_backups : IDisposable
{
    private const string Odd =
        """
        mkdir -p tree/deep/er tree/none && cd tree && head -c 3000000 /dev/urandom > deep/random && head -c 5000000 /dev/zero > zeros && : > empty
        printf 'a name' > $'bad\xff\xfename' && printf 'x' > 'q"uote & <b>' && printf 'y' > $'new\nline' && printf 'z' > 'ünïcode 💯'
        ln -s deep/random link && ln -s /nowhere dangling && ln deep/random deep/hard && mkfifo fifo
        chmod 4755 empty && chmod 1777 none && touch -d '2001-02-03 04:05:06.789012345' deep/random && truncate -s 20M sparse
        """;

    private readonly Restic _restic = new();
    private readonly TestFolder _source = new();
    private readonly LocalVolumes _volumes = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public When_restic_reads_our_backups()
    {
        _source.Shell(Odd);
        _source.TryShell("""python3 -c "import os; os.setxattr('tree/empty', 'user.note', b'hello')" """, out _);   // not every file system takes it
    }

    public void Dispose()
    {
        _volumes.Dispose();
        _source.Dispose();
        _restic.Dispose();
    }

    [Fact]
    public async Task It_finds_no_fault_and_restores_the_same()
    {
        var result = await BackUpAsync();
        Assert.Empty(result.Problems);
        _restic.Run("check", "--read-data");
        _restic.Run("restore", "latest", "--target", _source["back"], "--verify");
        Assert.Equal(Content("."), Content($"back{_source.Path}"));
        Assert.Equal(Metadata("."), Metadata($"back{_source.Path}"));
    }

    [Fact]
    public async Task It_backs_up_on_top_without_reading_a_file_again()
    {
        await BackUpAsync();
        var summary = Summary(_restic.Run("--json", "backup", "--host", "test-host", _source["tree"]));
        Assert.Equal((0, 0), (summary.FilesNew, summary.FilesChanged));
        Assert.Equal(0, summary.DataBlobs);
        _restic.Run("check", "--read-data");
    }

    [Fact]
    public async Task We_back_up_on_top_of_it_without_reading_a_file_again()
    {
        _restic.Run("backup", "--host", "test-host", _source["tree"]);
        var result = await BackUpAsync();
        Assert.NotNull(result.Parent);
        Assert.Equal((0ul, 0ul, 0L), (result.Summary.FilesNew, result.Summary.FilesChanged, result.Summary.DataBlobs));
        _restic.Run("check", "--read-data");
    }

    [Fact]
    public async Task It_forgets_prunes_and_indexes_anew_what_we_made()
    {
        await BackUpAsync();
        _source.Shell("rm tree/deep/random && head -c 2000000 /dev/urandom > tree/new");
        await BackUpAsync();
        _restic.Run("rebuild-index", "--read-all-packs");
        _restic.Run("forget", "--keep-last", "1", "--prune");
        _restic.Run("check", "--read-data");
        _restic.Run("restore", "latest", "--target", _source["back"], "--verify");

        _source.Shell("head -c 1000000 /dev/urandom > tree/newer");
        var result = await BackUpAsync();
        Assert.Equal((1ul, 0ul), (result.Summary.FilesNew, result.Summary.FilesChanged));
        _restic.Run("check", "--read-data");
    }

    [Fact]
    public async Task Trees_of_equal_folders_are_the_same_blobs()
    {
        var result = await BackUpAsync();
        _restic.Run("backup", "--force", "--host", "elsewhere", _source["tree"]);
        string theirs = _restic.Json("snapshots", "--host", "elsewhere")[0].GetProperty("id").GetString()!;
        Assert.Equal(Tree(theirs), Tree($"{result.Snapshot}"));
    }

    private async Task<BackupResult> BackUpAsync()
    {
        var folder = _volumes.Open(_restic.Repository, EntryPermissions.Sealed);
        using var repository = await Repository.OpenAsync(new FolderStore(folder), "test"u8.ToArray(), Cancellation);
        return await BackupRun.RunAsync(
            repository, new LocalFolderSource([_source["tree"]]), BackupWorld.Options, BackupWorld.Terms(TimeProvider.System), null, Cancellation);
    }

    private string Content(string below) => _source.Shell($"cd '{below}' && find tree -type f -print0 | sort -z | xargs -0 sha256sum -z");

    /// <summary>Type, mode, owner, size, times and links of all entries, and their attributes.</summary>
    private string Metadata(string below) => _source.Shell(
        $"cd '{below}' && find tree -mindepth 1 -printf '%y %m %U %G %T@ %l %n %p\\0' | sort -z; python3 -c \"import os; print(os.listxattr('tree/empty'))\" ");

    /// <summary>The id of the tree of the folder that was backed up.</summary>
    private string Tree(string snapshot)
    {
        string tree = _restic.Json("cat", "snapshot", snapshot).GetProperty("tree").GetString()!;
        foreach (string name in _source["tree"].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = System.Text.Json.JsonDocument.Parse(_restic.Blob(tree));
            tree = json.RootElement.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("name").GetString() == name).GetProperty("subtree").GetString()!;
        }

        return tree;
    }

    private static (int FilesNew, int FilesChanged, int DataBlobs) Summary(byte[] output)
    {
        string last = System.Text.Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        using var json = System.Text.Json.JsonDocument.Parse(last);
        return (json.RootElement.GetProperty("files_new").GetInt32(), json.RootElement.GetProperty("files_changed").GetInt32(), json.RootElement.GetProperty("data_blobs").GetInt32());
    }
}
