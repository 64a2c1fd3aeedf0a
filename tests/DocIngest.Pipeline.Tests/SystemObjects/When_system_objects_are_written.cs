using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.SystemObjects;

/// <summary>The archive's own objects: whole before and after any power cut, and never two histories of one.</summary>
public class When_system_objects_are_written
{
    private static readonly SystemObjectName Holds = new("holds");

    private protected virtual IngestWorld NewWorld() => new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_change_is_a_version_and_files_not_named_stay()
    {
        using var world = NewWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await ChangeAsync(environment.SystemObjects, ("a.json", "1"), ("b.json", "1"));
            var found = await ChangeAsync(environment.SystemObjects, ("b.json", "2"));
            Assert.Equal(2, found.Head.Value);
            Assert.Equal(("1", "2"), (Text(environment.SystemObjects, found, "a.json"), Text(environment.SystemObjects, found, "b.json")));
            Assert.Null(environment.SystemObjects.Open(found, "c.json"));
        });
    }

    [Fact]
    public async Task Nothing_to_change_makes_no_version()
    {
        using var world = NewWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            Assert.Null(await environment.SystemObjects.ChangeAsync(Holds, _ => null, Cancellation));
            await ChangeAsync(environment.SystemObjects, ("a.json", "1"));
            Assert.Equal(1, (await environment.SystemObjects.ChangeAsync(Holds, found => found is null ? throw new InvalidOperationException() : null, Cancellation))?.Head.Value);
        });
    }

    [Fact]
    public async Task Writers_at_once_see_what_the_others_wrote()
    {
        using var world = NewWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() => environment.SystemObjects.ChangeAsync(
                Holds,
                found => Change(($"count.json", (int.Parse(found is null ? "0" : Text(environment.SystemObjects, found, "count.json")) + 1).ToString())),
                Cancellation))));
            var found = environment.SystemObjects.Find(Holds)!;   // written above
            Assert.Equal((8, "8"), (found.Head.Value, Text(environment.SystemObjects, found, "count.json")));
        });
    }

    [Fact]
    public async Task They_are_no_records_and_a_new_start_leaves_them_in_peace()
    {
        using var world = NewWorld();
        await world.RunWithEnvironmentAsync((environment, _) => ChangeAsync(environment.SystemObjects, ("a.json", "1")));
        world.Put("a.pdf", IngestWorld.Document("words"));
        await world.RunAsync();
        var (live, rebuilt) = await world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
        using (var database = world.OpenDatabase())
        {
            Assert.Equal(1, new DocIngest.Pipeline.Catalog.SqliteCatalog(database).Count());
        }

        await world.RunWithEnvironmentAsync((environment, _) =>
        {
            Assert.Equal("1", Text(environment.SystemObjects, environment.SystemObjects.Find(Holds)!, "a.json"));   // written above
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Power_may_go_at_any_operation()
    {
        foreach (var choice in PowerCutChoice.Samples(seeds: 4))
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                using var world = NewWorld();
                var plan = new FaultPlan(++n, FaultKind.PowerCut);
                int confirmed = await WriteUntilPowerCutAsync(world, plan);
                fired = plan.Fired;
                world.Volume.PowerCut(choice);
                await world.RunWithEnvironmentAsync(async (environment, _) =>
                {
                    await environment.SystemObjects.RecoverLeftAsync(Cancellation);
                    await DemandWholeAsync(environment, confirmed, $"power cut at operation {n}, {choice}");
                });
            }

            Assert.True(n > 20, $"only {n} operations were tried");
        }
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Any_operation_may_fail(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = NewWorld();
            var plan = new FaultPlan(++n, kind);
            int confirmed = await WriteUntilPowerCutAsync(world, plan);
            fired = plan.Fired;
            await world.RunWithEnvironmentAsync(async (environment, _) =>
            {
                Assert.Empty(await environment.SystemObjects.RecoverLeftAsync(Cancellation));
                await DemandWholeAsync(environment, confirmed, $"{kind} at operation {n}");
            });
        }

        Assert.True(n > 3, $"only {n} operations were tried");
    }

    [Fact]
    public async Task A_damaged_object_gets_no_version()
    {
        using var world = NewWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var found = await ChangeAsync(environment.SystemObjects, ("a.json", "1"));
            string path = found.FindFile(found.Head, "a.json")!.ContentPath;   // written above
            environment.Data.Delete(path);
            using (var file = environment.Data.Create(path))
            {
                file.Write("2"u8);
            }

            await Assert.ThrowsAsync<DamagedObjectException>(() => ChangeAsync(environment.SystemObjects, ("b.json", "1")));
            Assert.Equal(1, environment.SystemObjects.Find(Holds)?.Head.Value);
        });
    }

    [Theory]
    [InlineData("Holds")]
    [InlineData("holds\n")]
    [InlineData("")]
    [InlineData("a::b")]
    [InlineData("a.b")]
    public void A_name_says_nothing_but_plain_words(string name) => Assert.Throws<ArgumentException>(() => new SystemObjectName(name));

    [Fact]
    public void A_staging_entry_of_any_name_is_no_reason_not_to_start() =>
        Assert.All(new[] { "system." + new string('a', 90), "system.", "system.A", "x" }, name => Assert.Null(SystemObjectName.OfStaging(name)));

    // Three versions; how many were confirmed.
    private static async Task<int> WriteUntilPowerCutAsync(IngestWorld world, FaultPlan plan)
    {
        int confirmed = 0;
        try
        {
            await world.RunWithEnvironmentAsync(
                async (environment, _) =>
                {
                    for (int version = 1; version <= 3; version++)
                    {
                        await ChangeAsync(environment.SystemObjects, ("a.json", $"{version}"), ($"only-{version}.json", "x"));
                        confirmed = version;
                    }
                },
                plan);
        }
        catch (Exception error) when (error is PowerCutException or StorageException)
        {
            // The process is gone, or said so; the test goes on with what the disk kept.
        }

        return confirmed;
    }

    private static async Task DemandWholeAsync(IngestEnvironment environment, int confirmed, string after)
    {
        var store = environment.SystemObjects;
        var found = store.Find(Holds);
        int head = found?.Head.Value ?? 0;
        Assert.True(head == confirmed || head == confirmed + 1, $"{after}: {confirmed} confirmed, {head} there");
        if (found is not null)
        {
            Assert.True(environment.Archive.Verify(found.Id, found.Head, Cancellation).IsSound, after);
            Assert.Equal($"{head}", Text(store, found, "a.json"));
        }

        Assert.Empty(environment.Data.List(DataFolder.Staging).Select(entry => SystemObjectName.OfStaging(entry.Name)).OfType<SystemObjectName>());
        Assert.Equal(head + 1, (await ChangeAsync(store, ("a.json", "after"))).Head.Value);   // and it can be written on
    }

    private static async Task<OcflObject> ChangeAsync(SystemObjectStore store, params (string Path, string Content)[] files) =>
        await store.ChangeAsync(Holds, _ => Change(files), Cancellation) ?? throw new InvalidOperationException("It was written.");

    private static SystemObjectChange Change(params (string Path, string Content)[] files) =>
        new("test", files.ToDictionary(file => file.Path, file => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(file.Content)));

    private static string Text(SystemObjectStore store, OcflObject found, string path)
    {
        using var reader = new StreamReader(store.Open(found, path) ?? throw new InvalidOperationException("It was written."));
        return reader.ReadToEnd();
    }
}

/// <summary>The same where the archive is a blob store.</summary>
public sealed class When_system_objects_are_written_in_blobs : When_system_objects_are_written
{
    private protected override IngestWorld NewWorld() => new() { IsInBlobs = true };
}
