using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

/// <summary>An object with two versions is damaged in every way, and put right from a copy; at every operation the power goes, or the disk fails.</summary>
public sealed class When_a_damaged_object_is_mended
{
    private const int Seeds = 4;
    private const string CopyPath = "restored/object";
    private const string Work = "verification/mend";
    private const string Evidence = "damaged/one";

    private static readonly VersionPlan[] Held =
    [
        Some.Version(1, Some.ObjectId, ("original.pdf", "first"), ("record.json", "about it")),
        Some.Version(2, Some.ObjectId, ("original.pdf", "first"), ("record.json", "more about it"), ("text.json", "words")),
    ];

    private static readonly string[] Files =
    [
        "0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512", "v1/inventory.json", "v1/inventory.json.sha512", "v1/content/original.pdf", "v1/content/record.json",
        "v2/inventory.json", "v2/inventory.json.sha512", "v2/content/record.json", "v2/content/text.json",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> EachFile => [.. Files];

    [Theory]
    [MemberData(nameof(EachFile))]
    public async Task Any_file_that_is_altered_cut_or_lost_has_its_bytes_again(string file)
    {
        foreach (byte[]? damage in new byte[]?[] { "altered"u8.ToArray(), [], null })
        {
            var world = await HeldWorldAsync();
            var sound = world.Snapshot();
            Damage(world, file, damage);

            var report = await MendAsync(world, CopyOf(await HeldWorldAsync()));

            Assert.Equal(sound, world.Snapshot());
            Assert.Empty(report.Lacking);
            var mended = Assert.Single(report.Files);
            Assert.Equal((file, damage?.Length), (mended.Path, mended.Damage?.Bytes));
            Assert.Equal(damage is null ? null : Sha512Digest.Of(damage), mended.Damage?.Digest);
            Assert.Equal(damage, world.Folder.TryReadWhole($"{Evidence}/{file}", int.MaxValue));
        }
    }

    [Fact]
    public async Task One_that_is_lost_altogether_is_there_again()
    {
        var world = await HeldWorldAsync();
        var sound = world.Snapshot();
        world.Folder.DeleteTree(world.Read(Some.ObjectId).Path);

        Assert.Equal(Files.Length, (await MendAsync(world, CopyOf(await HeldWorldAsync()))).Files.Count);
        Assert.Equal(sound, world.Snapshot());
    }

    [Fact]
    public async Task How_it_was_damaged_is_told()
    {
        var world = await HeldWorldAsync();
        Damage(world, "v1/content/record.json", "abXut iY and more"u8.ToArray());

        var damage = Assert.Single((await MendAsync(world, CopyOf(await HeldWorldAsync()))).Files).Damage;

        Assert.Equal((17, 2, 1 + 1 + 9), (damage?.Bytes, damage?.FirstDifference, damage?.DifferingBytes));
    }

    [Fact]
    public async Task A_copy_that_lies_changes_nothing()
    {
        var world = await HeldWorldAsync();
        Damage(world, "v1/content/original.pdf", "altered"u8.ToArray());
        var before = world.Snapshot();
        var liar = CopyOf(await HeldWorldAsync(), ("v1/content/original.pdf", "what somebody would like to be there"u8.ToArray()));

        var report = await MendAsync(world, liar);

        Assert.Equal((0, "v1/content/original.pdf"), (report.Files.Count, Assert.Single(report.Lacking)));
        Assert.Equal(before, world.Snapshot());
        Assert.Empty((await MendAsync(world, liar, CopyOf(await HeldWorldAsync()))).Lacking);   // another copy has it
        world.AssertValid();
    }

    [Fact]
    public async Task An_inventory_that_agrees_with_itself_and_not_with_what_was_noted_is_not_believed()
    {
        var world = await HeldWorldAsync();
        var other = await ArchiveWorld.CreateAsync();
        await other.ArchiveAsync(Some.Version(1, Some.ObjectId, ("original.pdf", "forged")));
        var noted = world.Read(Some.ObjectId).InventoryDigest;
        string path = world.Read(Some.ObjectId).Path;
        var sound = world.Snapshot();
        foreach (string file in new[] { "inventory.json", "inventory.json.sha512", "v2/inventory.json", "v2/inventory.json.sha512" })
        {
            Damage(world, file, other.Folder.TryReadWhole($"{path}/{file.Replace("v2", "v1", StringComparison.Ordinal)}", int.MaxValue));
        }

        Assert.Equal(["inventory.json"], (await world.Root.MendAsync(Some.ObjectId, noted, [], Work, Keep, Cancellation)).Lacking);
        Assert.Empty((await world.Root.MendAsync(Some.ObjectId, noted, [CopyOf(other), CopyOf(await HeldWorldAsync())], Work, Keep, Cancellation)).Lacking);
        Assert.Equal(sound, world.Snapshot());
    }

    [Fact]
    public async Task From_a_copy_of_an_earlier_version_comes_what_it_has()
    {
        var world = await HeldWorldAsync();
        var earlier = await ArchiveWorld.CreateAsync();
        await earlier.ArchiveAsync(Held[0]);
        Damage(world, "v1/content/original.pdf", null);
        Damage(world, "v1/inventory.json", "{}"u8.ToArray());
        Damage(world, "v2/content/text.json", null);

        var report = await MendAsync(world, CopyOf(earlier));

        Assert.Equal(["v1/content/original.pdf", "v1/inventory.json"], report.Files.Select(file => file.Path));
        Assert.Equal(["v2/content/text.json"], report.Lacking);
    }

    [Fact]
    public async Task A_version_that_was_made_since_is_never_taken_back()
    {
        var world = await HeldWorldAsync();
        var noted = world.Read(Some.ObjectId).InventoryDigest;
        var copy = CopyOf(world);
        await world.ArchiveAsync(Some.Version(3, Some.ObjectId, ("original.pdf", "third")));
        Damage(world, "v1/content/original.pdf", "altered"u8.ToArray());
        var before = world.Snapshot();

        var report = await world.Root.MendAsync(Some.ObjectId, noted, [copy], Work, Keep, Cancellation);

        Assert.Equal((0, "inventory.json"), (report.Files.Count, Assert.Single(report.Lacking)));
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task Where_nobody_noted_a_digest_no_inventory_of_a_copy_is_believed()
    {
        var world = await HeldWorldAsync();
        var sound = world.Snapshot();
        var copy = CopyOf(world);
        Damage(world, "v1/content/original.pdf", null);
        Assert.Empty((await world.Root.MendAsync(Some.ObjectId, null, [copy], Work, Keep, Cancellation)).Lacking);   // its own says what it must be
        Assert.Equal(sound, world.Snapshot());

        world.Folder.DeleteTree(world.Read(Some.ObjectId).Path);   // a copy may be older than what was lost
        Assert.Equal(["inventory.json"], (await world.Root.MendAsync(Some.ObjectId, null, [copy], Work, Keep, Cancellation)).Lacking);
    }

    [Fact]
    public async Task What_is_sound_needs_no_copy_and_is_left_alone()
    {
        var world = await HeldWorldAsync();
        var before = world.Snapshot();

        var report = await MendAsync(world);

        Assert.Equal((0, 0), (report.Files.Count, report.Lacking.Count));
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task At_any_operation_the_power_may_go_and_a_second_attempt_succeeds()
    {
        var sound = (await HeldWorldAsync()).Snapshot();
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            bool isCut = true;
            for (int n = 1; isCut; n++, cuts++)
            {
                var world = await DamagedWorldAsync();
                var cut = await world.RestartAsync(new FaultPlan(n, FaultKind.PowerCut));
                isCut = await FailsAsync<PowerCutException>(cut);
                world.Volume.PowerCut(choice);
                var next = await world.RestartAsync();
                next.Folder.DeleteTree("verification");
                AssertNotLost(next, $"cut at {n}, {choice}");

                Assert.Empty((await MendAsync(next, CopyOf(await HeldWorldAsync()))).Lacking);
                Assert.True(sound.SequenceEqual(next.Snapshot()), $"cut at {n}, {choice}");
            }
        }

        Assert.True(cuts > 15 * Seeds, $"Only {cuts} cuts: mending is not what it was.");
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task At_any_operation_the_disk_may_fail_and_a_second_attempt_succeeds(FaultKind kind)
    {
        var sound = (await HeldWorldAsync()).Snapshot();
        bool fails = true;
        for (int n = 1; fails; n++)
        {
            var world = await DamagedWorldAsync();
            fails = await FailsAsync<StorageException>(await world.RestartAsync(new FaultPlan(n, kind)));
            var next = await world.RestartAsync();

            Assert.Empty((await MendAsync(next, CopyOf(await HeldWorldAsync()))).Lacking);
            Assert.True(sound.SequenceEqual(next.Snapshot()), $"{kind} at {n}");
        }
    }

    // The damaged bytes may be all that there ever is of a file: they are in their place, or kept, whole.
    private static void AssertNotLost(ArchiveWorld world, string when)
    {
        byte[]? inPlace = world.Folder.TryReadWhole($"{world.Root.PathOf(Some.ObjectId)}/v1/content/original.pdf", int.MaxValue);
        byte[]? kept = world.Folder.TryReadWhole($"{Evidence}/v1/content/original.pdf", int.MaxValue);
        Assert.True("altered"u8.SequenceEqual(inPlace) || "altered"u8.SequenceEqual(kept), when);
    }

    private static async Task<ArchiveWorld> HeldWorldAsync()
    {
        var world = await ArchiveWorld.CreateAsync();
        foreach (var version in Held)
        {
            await world.ArchiveAsync(version);
        }

        return world;
    }

    private static async Task<ArchiveWorld> DamagedWorldAsync()
    {
        var world = await HeldWorldAsync();
        Damage(world, "v1/content/original.pdf", "altered"u8.ToArray());
        Damage(world, "v2/content/text.json", null);
        Damage(world, "inventory.json", []);
        await world.Folder.FlushAsync(Cancellation);
        return world;
    }

    private static void Damage(ArchiveWorld world, string file, byte[]? content)
    {
        string path = $"{world.Root.PathOf(Some.ObjectId)}/{file}";
        if (content is null)
        {
            world.Folder.Delete(path);
        }
        else
        {
            world.Overwrite(path, content);
        }
    }

    private static ObjectCopy CopyOf(ArchiveWorld world, params (string File, byte[] Content)[] changed)
    {
        var folder = new MemoryVolume().FolderAt("copies");
        string root = world.Root.PathOf(Some.ObjectId);
        foreach (string file in Files)
        {
            byte[]? content = changed.Where(one => one.File == file).Select(one => one.Content).FirstOrDefault() ?? world.Folder.TryReadWhole($"{root}/{file}", int.MaxValue);
            if (content is not null)
            {
                folder.CreateFolder($"{CopyPath}/{file}"[..$"{CopyPath}/{file}".LastIndexOf('/')]);
                folder.WriteWhole($"{CopyPath}/{file}", content);
            }
        }

        return new ObjectCopy(folder, CopyPath);
    }

    private static string Keep(string file) => $"{Evidence}/{file}";

    private static async Task<MendReport> MendAsync(ArchiveWorld world, params ObjectCopy[] copies) =>
        await world.Root.MendAsync(Some.ObjectId, (await HeldWorldAsync()).Read(Some.ObjectId).InventoryDigest, copies, Work, Keep, Cancellation);

    private static async Task<bool> FailsAsync<T>(ArchiveWorld world)
        where T : Exception
    {
        try
        {
            await MendAsync(world, CopyOf(await HeldWorldAsync()));
            return false;
        }
        catch (T)
        {
            return true;
        }
    }
}
