using DocIngest.Backup.Checks;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Checks;

public sealed class FileVerificationLogTests
{
    private const string Path = "verified.jsonl";
    private const int Seeds = 6;

    private static readonly DateTimeOffset Time = new(2026, 11, 24, 12, 0, 0, TimeSpan.FromHours(1));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_recorded_is_loaded_by_the_next_process()
    {
        var folder = RepositoryWorld.NewFolder();
        PackVerification[] some = [Of(1), Of(2, days: 3), Of(3, isSound: false)];
        await new FileVerificationLog(folder, Path).RecordAsync(some, Cancellation);
        var loaded = await new FileVerificationLog(folder, Path).LoadAsync(Cancellation);
        Assert.Equal(some.OrderBy(one => one.Pack), loaded.Values.OrderBy(one => one.Pack));
    }

    [Fact]
    public async Task Of_several_verifications_the_last_counts()
    {
        var log = new FileVerificationLog(RepositoryWorld.NewFolder(), Path);
        foreach (bool isSound in new[] { true, false, true, false })
        {
            await log.RecordAsync([Of(1, isSound: isSound)], Cancellation);
            Assert.Equal(isSound, (await log.LoadAsync(Cancellation)).Values.Single().IsSound);
        }
    }

    [Fact]
    public async Task It_is_a_file_of_JSON_lines()
    {
        var folder = RepositoryWorld.NewFolder();
        await new FileVerificationLog(folder, Path).RecordAsync([Of(1), Of(2, isSound: false)], Cancellation);
        Assert.Equal(
            $$"""{"time":"2026-11-24T11:00:00+00:00","sound":["{{Pack(1)}}"],"damaged":["{{Pack(2)}}"]}""" + "\n",
            System.Text.Encoding.UTF8.GetString(folder.Read(Path)));
    }

    [Fact]
    public async Task Nothing_recorded_is_nothing_loaded()
    {
        var folder = RepositoryWorld.NewFolder();
        var log = new FileVerificationLog(folder, Path);
        await log.RecordAsync([], Cancellation);
        await log.KeepOnlyAsync(new HashSet<FileId>(), Cancellation);
        Assert.Empty(await log.LoadAsync(Cancellation));
        Assert.Empty(folder.Files(""));
    }

    [Fact]
    public async Task Packs_that_are_gone_are_forgotten_when_they_are_many()
    {
        var folder = RepositoryWorld.NewFolder();
        var log = new FileVerificationLog(folder, Path);
        await log.RecordAsync([.. Enumerable.Range(0, 3000).Select(i => Of(i))], Cancellation);
        long full = folder.Read(Path).Length;
        await log.KeepOnlyAsync(Enumerable.Range(0, 2900).Select(Pack).ToHashSet(), Cancellation);
        Assert.Equal(full, folder.Read(Path).Length);   // a hundred are not worth it
        await log.KeepOnlyAsync(Enumerable.Range(0, 5).Select(Pack).ToHashSet(), Cancellation);
        Assert.Equal(Enumerable.Range(0, 5).Select(Pack).Order(), (await log.LoadAsync(Cancellation)).Keys.Order());
        Assert.Equal([Path], folder.Files(""));
        Assert.InRange(folder.Read(Path).Length, 1, 1000);
    }

    [Fact]
    public async Task A_torn_line_is_left_out_and_does_not_swallow_the_next()
    {
        var folder = RepositoryWorld.NewFolder();
        var log = new FileVerificationLog(folder, Path);
        await log.RecordAsync([Of(1)], Cancellation);
        await log.RecordAsync([Of(2)], Cancellation);
        byte[] whole = folder.Read(Path);
        for (int length = 0; length < whole.Length; length++)
        {
            folder.Write(Path, whole[..length]);
            var before = (await log.LoadAsync(Cancellation)).Keys.ToList();
            Assert.Equal(length >= whole.Length / 2 ? [Pack(1)] : [], before);
            await log.RecordAsync([Of(3)], Cancellation);
            var after = (await log.LoadAsync(Cancellation)).Keys;
            Assert.Contains(Pack(3), after);
            Assert.All(before, pack => Assert.Contains(pack, after));
        }
    }

    [Fact]
    public async Task What_was_recorded_survives_a_power_cut_at_any_moment()
    {
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            for (int n = 1; ; n++)
            {
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                var folder = new MemoryVolume().FolderAt("data");
                int done = await RecordUntilCutAsync(new FileVerificationLog(new FaultyFolder(folder, plan), Path));
                folder.Volume.PowerCut(choice);
                var log = new FileVerificationLog(folder, Path);
                var loaded = await log.LoadAsync(Cancellation);
                for (int i = 0; i < done; i++)
                    Assert.Contains(Pack(i), loaded.Keys);
                await log.RecordAsync([Of(99)], Cancellation);
                Assert.Contains(Pack(99), (await log.LoadAsync(Cancellation)).Keys);
                await log.KeepOnlyAsync(new HashSet<FileId> { Pack(99) }, Cancellation);
                Assert.Contains(Pack(99), (await log.LoadAsync(Cancellation)).Keys);
                if (!plan.Fired)
                    break;
                cuts++;
            }
        }

        Assert.True(cuts > 10 * (Seeds + 7));
    }

    /// <summary>How many of the first packs are recorded, whatever comes.</summary>
    private static async Task<int> RecordUntilCutAsync(FileVerificationLog log)
    {
        int done = 0;
        try
        {
            await log.RecordAsync([Of(0)], Cancellation);
            done = 1;
            await log.RecordAsync([Of(1), .. Enumerable.Range(1000, 1500).Select(i => Of(i))], Cancellation);
            done = 2;
            await log.KeepOnlyAsync(new HashSet<FileId> { Pack(0), Pack(1) }, Cancellation);
            await log.RecordAsync([Of(2)], Cancellation);
            done = 3;
        }
        catch (PowerCutException)
        {
            // The moment this test is about.
        }

        return done;
    }

    private static FileId Pack(int number) => FileId.Of(BitConverter.GetBytes(number));

    private static PackVerification Of(int number, int days = 0, bool isSound = true) => new(Pack(number), Time.AddDays(days), isSound);
}
