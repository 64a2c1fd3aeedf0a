using System.Diagnostics;
using DocIngest.Backup.Copies;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Tests.Pruning;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Copies;

public sealed class CopiesOfObjectsTests
{
    private readonly MemorySource _source = new() { Paths = ["/data"] };
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_snapshot_says_what_it_holds()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        Declare("data/archive");
        Write("data/archive", 1, 2);
        var both = await BackUpAsync(folder);
        _source.Remove($"data/archive/{Object(1)}");
        var one = await BackUpAsync(folder);
        _source.Remove($"data/archive/{Object(2)}");
        var none = await BackUpAsync(folder);

        var found = await FindAsync(folder, Object(1), Object(2), Object(3));
        Assert.Equal([both, one, none], found.Snapshots.Select(snapshot => snapshot.Snapshot));
        Assert.Equal([[0, 1], [1], []], found.Snapshots.Select(snapshot => snapshot.Objects));
        Assert.Equal([both, one], found.Holding.Select(snapshot => snapshot.Snapshot));
        Assert.Empty(found.Unclear);

        PruneWorld.Forget(folder, both);
        PruneWorld.Forget(folder, one);
        await PruneWorld.PruneAsync(folder);
        Assert.Empty((await FindAsync(folder, Object(1), Object(2))).Holding);
    }

    [Theory]
    [InlineData("data/archive", true)]
    [InlineData("old/place/of/the/data/archive", true)]   // moved since
    [InlineData("archive", true)]
    [InlineData("srv/copy of the archive", true)]   // says what it is
    [InlineData("data/archive", false)]   // a part without the declaration, by its name
    [InlineData("home/archive/archive", false)]
    [InlineData("archive/old/archive", true)]
    public async Task It_is_found_wherever_the_archive_lay(string root, bool isDeclared)
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        if (isDeclared)
            Declare(root);
        Write(root, 1);
        await BackUpAsync(folder);
        Assert.Equal([0], Assert.Single((await FindAsync(folder, Object(1), Object(2))).Holding).Objects);
    }

    [Fact]
    public async Task The_same_names_elsewhere_are_no_copies()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        Write("data/other", 1);
        Declare("data/archive");
        _source.Write($"data/archive/extra/{Object(1)}/scan", [1]);
        await BackUpAsync(folder);
        Assert.Empty((await FindAsync(folder, Object(1))).Holding);
    }

    [Fact]
    public async Task Where_something_cannot_be_read_nobody_is_told_that_it_is_clean()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        Declare("data/archive");
        Write("data/archive", 1);
        var sound = await BackUpAsync(folder);
        Write("data/archive", 2);
        _source.Write($"data/archive/{Object(1)[..3]}/new", [1]);   // on the way to the first
        var damaged = await BackUpAsync(folder);
        var unreadable = await BackUpAsync(folder);
        folder.Flip($"snapshots/{unreadable}");
        await LoseTreeAsync(folder, damaged, $"data/archive/{Object(1)[..3]}");

        var found = await FindAsync(folder, Object(1), Object(2));
        Assert.Equal([0], found.Snapshots.Single(snapshot => snapshot.Snapshot == sound).Objects);
        Assert.Equal([1], found.Snapshots.Single(snapshot => snapshot.Snapshot == damaged).Objects);
        Assert.Equal(new[] { damaged, unreadable }.Order(), found.Unclear.Select(snapshot => snapshot.Snapshot).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/949/ad3")]
    [InlineData("949/../ad3")]
    public async Task A_path_that_is_none_below_the_root_is_refused(string path)
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => FindAsync(folder, path));
    }

    [Fact]
    public async Task A_thousand_records_are_looked_for_in_a_hundred_snapshots_within_seconds()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        Declare("data/archive");
        for (int day = 0; day < 100; day++)
        {
            Write("data/archive", [.. Enumerable.Range(day * 20, 20)]);
            await BackUpAsync(folder);
        }

        long start = Stopwatch.GetTimestamp();
        var found = await FindAsync(folder, [.. Enumerable.Range(0, 1000).Select(Object)]);
        var elapsed = Stopwatch.GetElapsedTime(start);
        Assert.Equal(Enumerable.Range(1, 100).Select(day => Math.Min(day * 20, 1000)), found.Snapshots.Select(snapshot => snapshot.Objects.Count));
        Assert.True(elapsed < TimeSpan.FromSeconds(10), $"{elapsed}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{elapsed}");
    }

    /// <summary>Makes the index anew without a folder of a snapshot.</summary>
    private static async Task LoseTreeAsync(MemoryFolder folder, FileId snapshot, string path)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        FileName[] names = [.. path.Split('/').Select(FileName.FromRaw)];
        var root = (await repository.LoadSnapshotAsync(snapshot, Cancellation)).Tree;
        var lost = await TreeLookup.FindFolderAsync(repository, index, root, names, Cancellation);
        var without = new IndexFileWriter();
        foreach (var pack in Enumerable.Range(0, index.Count).Select(number => index[number]).GroupBy(entry => entry.Pack))
            without.Add(pack.Key, [.. pack.Select(entry => entry.Blob).Where(blob => blob.Id != lost)]);
        foreach (string file in folder.Files("index").ToList())
            folder.Delete(file);
        await repository.SaveUnpackedAsync(FileKind.Index, without.Finish(), Cancellation);
    }

    private static string Object(int number)
    {
        string digits = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));
        return $"{digits[..3]}/{digits[3..6]}/{digits[6..9]}/{digits}";
    }

    private void Declare(string root) => _source.Write($"{root}/0=ocfl_1.1", "ocfl_1.1\n"u8.ToArray());

    private void Write(string root, params int[] objects)
    {
        foreach (int number in objects)
        {
            _source.Write($"{root}/{Object(number)}/0=ocfl_object_1.1", "ocfl_object_1.1\n"u8.ToArray());
            _source.Write($"{root}/{Object(number)}/v1/content/original", BitConverter.GetBytes(number));
        }
    }

    private async Task<FileId> BackUpAsync(MemoryFolder folder)
    {
        _clock.Advance(TimeSpan.FromDays(1));
        return (await BackupWorld.BackUpAsync(folder, _source, _clock)).Snapshot!.Value;
    }

    private static async Task<CopiesFound> FindAsync(MemoryFolder folder, params string[] objects)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var clock = new FakeTimeProvider();
        return await BackupWorld.HurryAsync(clock, CopiesOfObjects.FindAsync(repository, objects, "archive", BackupWorld.Terms(clock), Cancellation));
    }
}
