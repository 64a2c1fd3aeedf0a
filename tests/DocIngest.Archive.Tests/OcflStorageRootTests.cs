using System.Text;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

public sealed class OcflStorageRootTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_root_says_what_it_is_and_how_to_read_it()
    {
        var world = await ArchiveWorld.CreateAsync();

        var files = world.Snapshot();

        Assert.Equal(
            ["archive/0=ocfl_1.1", "archive/README.txt", "archive/extensions", "archive/extensions/0004-hashed-n-tuple-storage-layout",
                "archive/extensions/0004-hashed-n-tuple-storage-layout/config.json", "archive/ocfl_layout.json"],
            files.Keys);
        Assert.DoesNotContain("\r", Encoding.UTF8.GetString(Convert.FromBase64String(files["archive/README.txt"])), StringComparison.Ordinal);
        world.AssertValid();
    }

    [Fact]
    public async Task Opening_again_changes_nothing()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        var before = world.Snapshot();

        await world.RestartAsync();

        Assert.Equal(before, world.Snapshot());
        Assert.Equal(0, world.Volume.UnflushedChanges);
    }

    [Fact]
    public async Task A_deleted_readme_is_written_again_beside_the_objects()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        world.Folder.Delete("archive/README.txt");

        await world.RestartAsync();

        Assert.NotNull(world.Folder.Find("archive/README.txt"));
        world.AssertValid();
    }

    [Theory]
    [InlineData("E076", "0=ocfl_1.0", "ocfl_1.0\n")]
    [InlineData("E069", "holiday.jpg", "bytes")]
    [InlineData("E069", "ocfl_layout.json", "{\"extension\":\"0003-hash-and-id-n-tuple-storage-layout\",\"description\":\"\"}")]
    public async Task A_folder_with_something_else_in_it_is_refused_and_left_as_it_was(string code, string name, string content)
    {
        var folder = new MemoryVolume().FolderAt("data");
        folder.CreateFolder("archive");
        folder.WriteWhole($"archive/{name}", Encoding.UTF8.GetBytes(content));

        var refusal = await Assert.ThrowsAsync<StorageRootRefusedException>(
            async () => await OcflStorageRoot.OpenOrCreateAsync(folder, "archive", "staging", Cancellation));

        Assert.Equal(code, refusal.Finding.Code);
        Assert.Equal(name, Assert.Single(folder.List("archive")).Name);
    }

    [Theory]
    [InlineData("E080", "0=ocfl_1.1", "ocfl_1.1\r\n")]
    [InlineData("E071", "ocfl_layout.json", "{\"extension\":\"0003-hash-and-id-n-tuple-storage-layout\",\"description\":\"\"}")]
    [InlineData("E071", "ocfl_layout.json", "")]
    [InlineData("E071", "extensions/0004-hashed-n-tuple-storage-layout/config.json", "{\"extensionName\":\"0004-hashed-n-tuple-storage-layout\",\"tupleSize\":2}")]
    [InlineData("E071", "extensions/0004-hashed-n-tuple-storage-layout/config.json", "{\"extensionName\":\"0004-hashed-n-tuple-storage-layout\",\"digestAlgorithm\":\"md5\"}")]
    public async Task A_root_of_another_form_is_refused(string code, string name, string content)
    {
        var world = await ArchiveWorld.CreateAsync();
        world.Overwrite($"archive/{name}", Encoding.UTF8.GetBytes(content));

        Assert.Equal(code, (await Assert.ThrowsAsync<StorageRootRefusedException>(() => world.RestartAsync())).Finding.Code);
        Assert.Equal(code, Assert.Throws<StorageRootRefusedException>(() => OcflStorageRoot.Open(world.Folder, "archive", "staging")).Finding.Code);
    }

    [Fact]
    public async Task A_layout_whose_parameters_are_left_to_their_defaults_is_ours()
    {
        var world = await ArchiveWorld.CreateAsync();
        world.Overwrite($"archive/{StorageRootFiles.ConfigPath}", "{\"extensionName\":\"0004-hashed-n-tuple-storage-layout\"}"u8.ToArray());

        await world.RestartAsync();
    }

    [Fact]
    public void Opening_what_is_not_there_creates_nothing()
    {
        var folder = new MemoryVolume().FolderAt("data");

        Assert.Throws<StorageRootRefusedException>(() => OcflStorageRoot.Open(folder, "archive", "staging"));

        Assert.Empty(folder.List(""));
    }

    [Fact]
    public async Task Staging_inside_the_root_is_refused()
    {
        var folder = new MemoryVolume().FolderAt("data");

        await Assert.ThrowsAsync<ArgumentException>(async () => await OcflStorageRoot.OpenOrCreateAsync(folder, "archive", "archive/staging", Cancellation));
    }

    [Fact]
    public async Task Enumeration_finds_every_object_and_what_should_be_one()
    {
        var world = await ArchiveWorld.CreateAsync();
        string[] ids = [.. Enumerable.Range(0, 50).Select(number => $"urn:uuid:0190c6f0-0000-7000-8000-{number:000000000000}")];
        foreach (string id in ids)
        {
            await world.ArchiveAsync(Some.Version(1, id, ("original.pdf", id)));
        }

        world.Folder.CreateFolder("archive/extensions/0001-digest-algorithms/abc/def/012/not-an-object");
        world.Folder.CreateFolder("archive/abc/def/012/lost-its-declaration");
        world.Folder.CreateFolder("archive/thumbnails");

        var found = world.Root.EnumerateObjects().ToList();

        Assert.Equal(ids.Order(), found.OfType<ObjectListing.Readable>().Select(listing => listing.Object.Id).Order());
        Assert.Equal(["E003", "E088"], found.OfType<ObjectListing.Unreadable>().Select(listing => listing.Damage.Finding.Code).Order());
    }

    [Fact]
    public async Task On_a_real_disk_an_archive_is_valid_for_other_tools()
    {
        var directory = Directory.CreateTempSubdirectory("docingest-archive-");
        try
        {
            using var volumes = new LocalVolumes();
            var root = await OcflStorageRoot.OpenOrCreateAsync(volumes.OpenOrCreate(directory.FullName), "archive", "staging", Cancellation);
            VersionPlan[] plans = [Some.Version(1, files: [("original.pdf", "scan")]), Some.Version(2, files: [("original.pdf", "second"), ("pages/0001.tif", "scan")])];
            foreach (var plan in plans)
            {
                Assert.IsType<CommitResult.Committed>(Assert.Single(await root.CommitGroupAsync([plan.Stage(root)], Cancellation)));
                Assert.IsType<RecoveryOutcome.Committed>(await root.RecoverAsync(plan.ObjectId, new VersionNumber(plan.Version), plan.StagingName, Cancellation));
                root.Discard(plan.StagingName);
                Assert.True(root.Verify(plan.ObjectId, new VersionNumber(plan.Version), Cancellation).IsSound);
            }

            Assert.Empty(OcflCheck.Validate(Path.Combine(directory.FullName, "archive")));
            Assert.Single(root.EnumerateObjects());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(directory.FullName, "staging")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
