using DocIngest.Backup.Checks;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>What the real restic finds, we find; what it misses, it misses before our eyes.</summary>
public sealed class When_restic_checks_the_same_repository : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_it_backed_up_is_sound_to_both()
    {
        var folder = await BackedUpAsync();
        Assert.Equal((true, true), await JudgeAsync(folder));
    }

    /// <summary>Not a missing pack: restic 0.14 tries for a minute and a half before it believes that.</summary>
    [Theory]
    [InlineData("data", false)]
    [InlineData("index", false)]
    [InlineData("snapshots", false)]
    [InlineData("index", true)]
    public async Task Damage_is_damage_to_both(string place, bool isRemoved)
    {
        var folder = await BackedUpAsync();
        foreach (string path in folder.Files(place).Take(1))
        {
            if (isRemoved)
                folder.Delete(path);
            else
                folder.Flip(path);
        }

        Assert.Equal((false, false), await JudgeAsync(folder));
    }

    [Fact]
    public async Task A_truncated_pack_is_damage_to_both()
    {
        var folder = await BackedUpAsync();
        string path = folder.Files("data")[0];
        folder.Write(path, folder.Read(path)[..^1]);
        Assert.Equal((false, false), await JudgeAsync(folder));
    }

    [Fact]
    public async Task A_wrong_size_is_noticed_by_us_alone()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        await world.SaveAsync(world.Tree(RepositoryBuilder.File("f", 7, world.Data("123456"))));
        Assert.Equal((true, false), await JudgeAsync(world.Folder));
    }

    [Fact]
    public async Task A_wrong_length_in_header_and_index_is_noticed_by_us_alone()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        world.Header = world.Index = blobs => [.. blobs.Select(blob => blob.Type is BlobType.Data ? blob with { UncompressedLength = 501 } : blob)];
        await world.SaveAsync(world.Tree(RepositoryBuilder.File("f", 501, world.Data(new byte[500], compress: true))));
        Assert.Equal((true, false), await JudgeAsync(world.Folder));
    }

    [Fact]
    public async Task A_name_that_leaves_the_target_is_noticed_by_us_alone()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        const string Times = "\"mtime\":\"2023-11-14T22:13:20Z\",\"atime\":\"2023-11-14T22:13:20Z\",\"ctime\":\"2023-11-14T22:13:20Z\"";
        await world.SaveAsync(world.JsonTree($$"""{"name":"../evil","type":"file","mode":420,{{Times}},"uid":0,"gid":0,"content":[]}"""));
        Assert.Equal((true, false), await JudgeAsync(world.Folder));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_is_odd_and_harmless_is_so_to_both(bool isMixed, bool isTwice)
    {
        using var world = await RepositoryBuilder.CreateAsync();
        world.IsMixed = isMixed;
        var root = world.Tree(RepositoryBuilder.File("f", 6, world.Data("123456")));
        await world.SavePacksAsync();
        if (isTwice)
            await world.SaveIndexAsync(keep: true);
        await world.SaveIndexAsync();
        await world.SnapshotAsync(root);
        Assert.Equal((true, true), await JudgeAsync(world.Folder));
    }

    [Fact]
    public async Task Gaps_are_damage_to_both()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        world.Gap = [0];
        await world.SaveAsync(world.Tree(RepositoryBuilder.File("f", 6, world.Data("123456"))));
        Assert.Equal((false, false), await JudgeAsync(world.Folder));
    }

    public void Dispose() => _temp.Dispose();

    /// <summary>A repository of restic's, copied into memory under our password.</summary>
    private async Task<MemoryFolder> BackedUpAsync()
    {
        Needs.Tool("restic");
        byte[] noise = new byte[2_000_000];
        Random.Shared.NextBytes(noise);
        _temp.Folder("source/inner");
        await File.WriteAllBytesAsync(_temp["source/noise"], noise, Cancellation);
        _temp.File("source/inner/text", new string('x', 10_000));
        var folder = RepositoryWorld.NewFolder();
        (await RepositoryWorld.InitAsync(folder)).Dispose();
        string repository = Export(folder);
        await new ResticProgram(repository, Password).RunAsync("backup", _temp["source"]);
        return Import(repository);
    }

    private static string Password { get; } = System.Text.Encoding.UTF8.GetString(RepositoryWorld.Password.Span);

    /// <summary>Whether restic finds it sound, and whether we do.</summary>
    private async Task<(bool Restic, bool We)> JudgeAsync(MemoryFolder folder)
    {
        Needs.Tool("restic");
        var (code, output) = await new ResticProgram(Export(folder), Password).TryAsync("check", "--read-data");
        Assert.True(code is 0 or 1, output);
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var result = await repository.CheckAsync();
        return (code == 0, result.Verdict is not CheckVerdict.Errors);
    }

    private string Export(MemoryFolder folder)
    {
        string target = _temp.Folder($"repository-{Guid.NewGuid():N}");
        foreach (string place in new[] { "data", "index", "keys", "locks", "snapshots" })
            Directory.CreateDirectory(Path.Combine(target, place));
        foreach (string path in folder.Files(""))
        {
            string file = Path.Combine(target, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file) ?? target);
            using var written = new FileStream(file, FileMode.CreateNew);
            written.Write(folder.Read(path));
        }

        return target;
    }

    private static MemoryFolder Import(string repository)
    {
        var folder = RepositoryWorld.NewFolder();
        foreach (string file in Directory.EnumerateFiles(repository, "*", SearchOption.AllDirectories))
            folder.Write(Path.GetRelativePath(repository, file).Replace('\\', '/'), File.ReadAllBytes(file));
        return folder;
    }
}
