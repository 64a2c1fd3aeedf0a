using System.Text;

namespace DocIngest.Archive.Tests;

public sealed class When_an_object_gets_a_next_version
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Earlier_versions_stay_as_they_were()
    {
        var world = await ArchiveWorld.CreateAsync();
        var first = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan"), ("record.json", "{}")]));
        var before = world.Snapshot($"{first.Path}/v1");

        var second = await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "better scan"), ("record.json", "{}")]));

        Assert.Equal(new VersionNumber(2), second.Head);
        Assert.Equal("scan", world.ReadText(Some.ObjectId, 1, "original.pdf"));
        Assert.Equal("better scan", world.ReadText(Some.ObjectId, 2, "original.pdf"));
        Assert.Equal(["filed", "amended"], second.Versions.Select(version => version.Message));
        Assert.Equal(before, world.Snapshot($"{first.Path}/v1"));
        world.AssertValid();
    }

    [Fact]
    public async Task It_begins_with_the_files_of_the_head()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan"), ("record.json", "{}")]));

        var staged = world.Root.StageNextVersion(world.Read(Some.ObjectId), "scan-8");
        staged.AddContent("record.json", "{\"corrected\":true}"u8);
        staged.Seal(Some.Info(2));
        await world.Root.CommitGroupAsync([staged], Cancellation);

        Assert.Equal("scan", world.ReadText(Some.ObjectId, 2, "original.pdf"));
        Assert.Equal("{\"corrected\":true}", world.ReadText(Some.ObjectId, 2, "record.json"));
        world.AssertValid();
    }

    [Fact]
    public async Task Content_it_already_holds_is_not_stored_again_and_leaves_no_empty_folder()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan"), ("pages/0001.tif", "page")]));

        var archived = await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "scan"), ("pages/0002.tif", "page")]));

        Assert.Equal(["v2/inventory.json", "v2/inventory.json.sha512"], world.Snapshot($"{archived.Path}/v2").Keys.Select(path => path[(archived.Path.Length + 1)..]));
        Assert.Equal("page", world.ReadText(Some.ObjectId, 2, "pages/0002.tif"));
        world.AssertValid();
    }

    [Fact]
    public async Task Content_that_a_version_dropped_can_be_brought_back()
    {
        var world = await ArchiveWorld.CreateAsync();
        var first = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan"), ("rendition.pdf", "searchable")]));
        var second = await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "scan")]));
        var dropped = first.FindFile(VersionNumber.First, "rendition.pdf")?.Digest ?? default;

        var staged = world.Root.StageNextVersion(second, "scan-8");
        staged.ReferenceContent("rendition.pdf", dropped);
        staged.Seal(Some.Info(3));
        await world.Root.CommitGroupAsync([staged], Cancellation);

        Assert.Null(world.Read(Some.ObjectId).FindFile(new VersionNumber(2), "rendition.pdf"));
        Assert.Equal("searchable", world.ReadText(Some.ObjectId, 3, "rendition.pdf"));
        Assert.Throws<ArgumentException>(() => world.Root.StageNextVersion(second, "scan-9").ReferenceContent("x", Sha512Digest.Of("never held"u8)));
        world.AssertValid();
    }

    [Fact]
    public async Task A_private_copy_that_was_meant_for_a_new_object_is_adopted_by_a_rename()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        string copies = world.Root.ContentFolderFor("scan-8");
        world.Folder.CreateFolder(copies);
        world.Overwrite($"{copies}/original.pdf", Encoding.UTF8.GetBytes("late bytes"));

        var staged = world.Root.StageNextVersion(world.Read(Some.ObjectId), "scan-8");
        staged.AdoptContent("original.pdf", $"{copies}/original.pdf", Sha512Digest.Of("late bytes"u8), sizeBytes: 10);
        staged.Seal(Some.Info(2));
        await world.Root.CommitGroupAsync([staged], Cancellation);
        world.Root.Discard("scan-8");

        Assert.Equal("late bytes", world.ReadText(Some.ObjectId, 2, "original.pdf"));
        Assert.Empty(world.Folder.List(ArchiveWorld.StagingPath));
        world.AssertValid();
    }

    [Fact]
    public async Task Only_files_in_staging_are_adopted()
    {
        var world = await ArchiveWorld.CreateAsync();
        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-8");

        Assert.Throws<ArgumentException>(() => staged.AdoptContent("original.pdf", "drop/scan.pdf", Sha512Digest.Of(""u8), sizeBytes: 0));
    }

    [Fact]
    public async Task A_second_version_built_on_the_same_head_is_refused_and_the_first_stands()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        var winner = (Some.Version(2, files: [("original.pdf", "winner")]) with { StagingName = "winner" }).Stage(world.Root);
        var loser = (Some.Version(2, files: [("original.pdf", "loser")]) with { StagingName = "loser" }).Stage(world.Root);

        var results = await world.Root.CommitGroupAsync([winner, loser], Cancellation);

        Assert.IsType<CommitResult.Committed>(results[0]);
        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(results[1]).Reason);
        Assert.Equal("winner", world.ReadText(Some.ObjectId, 2, "original.pdf"));
        Assert.IsType<RecoveryOutcome.Absent>(await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "loser", Cancellation));
        Assert.IsType<RecoveryOutcome.Committed>(await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "winner", Cancellation));
        world.AssertValid();
    }

    // OCFL/spec#517: another writer rolls back and builds another history of the same length.
    [Fact]
    public async Task A_version_built_on_a_history_that_was_replaced_is_taken_back()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        var staged = Some.Version(2, files: [("original.pdf", "second")]).Stage(world.Root);
        var other = await ArchiveWorld.CreateAsync();
        await other.ArchiveAsync(Some.Version(1, files: [("original.pdf", "another history")]));
        world.Folder.DeleteTree(world.Read(Some.ObjectId).Path);
        CopyObject(other, world);
        var before = world.Snapshot();

        var result = Assert.Single(await world.Root.CommitGroupAsync([staged], Cancellation));

        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(result).Reason);
        Assert.Equal(before, world.Snapshot());
        world.AssertValid();
    }

    [Fact]
    public async Task An_object_that_vanished_refuses_it_and_the_others_of_the_group_go_in()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        var staged = Some.Version(2, files: [("original.pdf", "second")]).Stage(world.Root);
        var neighbour = Some.Version(1, "urn:uuid:0190c6f0-0000-7000-8000-000000000002", ("original.pdf", "other")).Stage(world.Root);
        world.Folder.DeleteTree(world.Read(Some.ObjectId).Path);

        var results = await world.Root.CommitGroupAsync([staged, neighbour], Cancellation);

        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(results[0]).Reason);
        Assert.IsType<CommitResult.Committed>(results[1]);
    }

    [Fact]
    public async Task Readers_without_a_lock_meet_the_old_head_or_the_new()
    {
        const int Last = 60;
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "1")]));
        var reading = Task.Run(ReadUntilLast, Cancellation);

        for (int version = 2; version <= Last; version++)
        {
            await world.ArchiveAsync(Some.Version(version, files: [("original.pdf", $"{version}")]));
        }

        Assert.True(await reading > 1);

        int ReadUntilLast()
        {
            int heads = 0;
            for (var head = VersionNumber.First; head.Value < Last; heads++)
            {
                var found = world.Read(Some.ObjectId);
                Assert.True(found.Head.CompareTo(head) >= 0);
                head = found.Head;
            }

            return heads;
        }
    }

    [Fact]
    public async Task Blocks_that_another_program_wrote_are_carried_on()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("scan"u8));
        string foreign = Encoding.UTF8.GetString(archived.File.Bytes).TrimEnd()[..^1] + $$$""","fixity":{"sha256":{"{{{sha256}}}":["v1/content/original.pdf"]}}""" + "}";
        Rewrite(world, archived.Path, foreign);

        var next = await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "second")]));

        Assert.Equal(["v1/content/original.pdf"], next.File.Inventory.Fixity?["sha256"][sha256]);
        world.AssertValid();
    }

    private static void Rewrite(ArchiveWorld world, string path, string inventory)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(inventory);
        foreach (string folder in new[] { path, $"{path}/v1" })
        {
            world.Overwrite($"{folder}/inventory.json", bytes);
            world.Overwrite($"{folder}/inventory.json.sha512", Sidecar.Write(Sha512Digest.Of(bytes)));
        }
    }

    private static void CopyObject(ArchiveWorld from, ArchiveWorld to)
    {
        foreach (var (path, content) in from.Snapshot(from.Read(Some.ObjectId).Path))
        {
            to.Folder.CreateFolder(ArchivePlaces.ParentOf(path));
            if (content.Length > 0)
            {
                to.Overwrite(path, Convert.FromBase64String(content));
            }
        }
    }
}
