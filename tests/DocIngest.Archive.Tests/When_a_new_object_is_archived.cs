using System.Text;

namespace DocIngest.Archive.Tests;

public sealed class When_a_new_object_is_archived
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_reads_back_as_it_was_written()
    {
        var world = await ArchiveWorld.CreateAsync();

        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan"), ("record.json", "{}"), ("pages/0001.tif", "page")]));

        Assert.Equal(VersionNumber.First, archived.Head);
        Assert.Equal(["original.pdf", "pages/0001.tif", "record.json"], archived.ListVersion(archived.Head).Select(file => file.LogicalPath));
        Assert.Equal("page", world.ReadText(Some.ObjectId, 1, "pages/0001.tif"));
        var version = Assert.Single(archived.Versions);
        Assert.Equal(new ArchivedVersion(VersionNumber.First, Some.Info().Created, "filed", "DocIngest", "urn:docingest:service:filing"), version);
        world.AssertValid();
    }

    [Fact]
    public async Task Its_files_are_exactly_the_ones_of_the_format_document()
    {
        var world = await ArchiveWorld.CreateAsync();

        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        Assert.Equal(
            ["0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512", "v1", "v1/content", "v1/content/original.pdf", "v1/inventory.json", "v1/inventory.json.sha512"],
            world.Snapshot(archived.Path).Keys.Select(path => path[(archived.Path.Length + 1)..]));
        Assert.Null(world.Folder.Find($"{ArchiveWorld.StagingPath}/scan-0001-1"));
    }

    [Fact]
    public async Task Its_inventory_is_the_golden_one()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan"), ("record.json", "{}")]));

        var archived = await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "scan"), ("record.json", "{\"a\":1}"), ("copy.pdf", "scan")]));

        byte[] golden = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "golden", "inventory.json"), Cancellation);
        Assert.Equal(Encoding.UTF8.GetString(golden), Encoding.UTF8.GetString(archived.File.Bytes));
    }

    [Fact]
    public async Task Equal_files_are_stored_once()
    {
        var world = await ArchiveWorld.CreateAsync();

        var archived = await world.ArchiveAsync(Some.Version(files: [("a.txt", "same"), ("pages/b.txt", "same"), ("pages/deep/c.txt", "same")]));

        Assert.Single(archived.ListVersion(archived.Head).Select(file => file.ContentPath).Distinct());
        Assert.Null(world.Folder.Find($"{archived.Path}/v1/content/pages"));
        world.AssertValid();
    }

    [Fact]
    public async Task A_private_copy_is_adopted_where_it_lies()
    {
        var world = await ArchiveWorld.CreateAsync();
        var digest = WritePrivateCopy(world, "scan-7", "scan");

        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");
        staged.AdoptContent("original.pdf", digest, sizeBytes: 4);
        staged.Seal(Some.Info());
        await world.Root.CommitGroupAsync([staged], Cancellation);

        Assert.Equal("scan", world.ReadText(Some.ObjectId, 1, "original.pdf"));
        world.AssertValid();
    }

    [Fact]
    public async Task A_file_of_another_size_is_not_adopted()
    {
        var world = await ArchiveWorld.CreateAsync();
        var digest = WritePrivateCopy(world, "scan-7", "scan");

        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");

        Assert.Throws<InvalidDataException>(() => staged.AdoptContent("original.pdf", digest, sizeBytes: 5));
        Assert.Throws<InvalidDataException>(() => staged.AdoptContent("rendition.pdf", digest, sizeBytes: 4));
    }

    [Fact]
    public async Task What_an_earlier_attempt_left_in_staging_does_not_come_along()
    {
        var world = await ArchiveWorld.CreateAsync();
        var abandoned = world.Root.StageNewObject(Some.ObjectId, "scan-7");
        abandoned.AddContent("rendition.pdf", "stale"u8);
        abandoned.AddContent("pages/0001.tif", "stale"u8);
        abandoned.Seal(Some.Info());
        world.Folder.CreateFolder($"{ArchiveWorld.StagingPath}/scan-7/work");

        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");
        staged.AddContent("original.pdf", "fresh"u8);
        staged.Seal(Some.Info());
        await world.Root.CommitGroupAsync([staged], Cancellation);

        Assert.Equal("original.pdf", Assert.Single(world.Read(Some.ObjectId).ListVersion(VersionNumber.First)).LogicalPath);
        world.AssertValid();
    }

    [Fact]
    public async Task A_file_whose_writing_was_given_up_is_no_part_of_it()
    {
        var world = await ArchiveWorld.CreateAsync();
        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");

        using (var given = staged.CreateContent("text.json"))
        {
            given.Write("half"u8);
        }

        staged.AddContent("original.pdf", "scan"u8);
        staged.Seal(Some.Info());
        await world.Root.CommitGroupAsync([staged], Cancellation);

        Assert.Single(world.Read(Some.ObjectId).ListVersion(VersionNumber.First));
        world.AssertValid();
    }

    [Fact]
    public async Task It_cannot_be_sealed_while_a_file_is_being_written_nor_twice()
    {
        var world = await ArchiveWorld.CreateAsync();
        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");
        var file = staged.CreateContent("original.pdf");

        Assert.Throws<InvalidOperationException>(() => staged.Seal(Some.Info()));
        file.Write("scan"u8);
        file.Complete();
        staged.Seal(Some.Info());

        Assert.Throws<InvalidOperationException>(() => staged.Seal(Some.Info()));
        Assert.Throws<InvalidOperationException>(() => staged.AddContent("record.json", "{}"u8));
    }

    [Theory]
    [InlineData("SMITH_John_1970-02-03.pdf")]
    [InlineData("Original.pdf")]
    [InlineData("scan 1.pdf")]
    [InlineData("../original.pdf")]
    [InlineData("pages//1.tif")]
    [InlineData("/original.pdf")]
    [InlineData("pages/")]
    [InlineData(".hidden")]
    [InlineData("trailing.")]
    [InlineData("con")]
    [InlineData("aux.txt")]
    [InlineData("com1.log")]
    [InlineData("naïve.txt")]
    [InlineData("")]
    public async Task Names_that_could_tell_of_a_person_or_fail_elsewhere_are_refused(string logicalPath)
    {
        var world = await ArchiveWorld.CreateAsync();
        var staged = world.Root.StageNewObject(Some.ObjectId, "scan-7");

        Assert.Throws<ArgumentException>(() => staged.AddContent(logicalPath, "x"u8));
    }

    [Fact]
    public async Task A_name_that_is_a_folder_of_another_is_refused()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(files: [("a", "file")]));
        var staged = world.Root.StageNextVersion(world.Read(Some.ObjectId), "scan-7");
        staged.AddContent("a/b", "file"u8);

        Assert.Throws<ArgumentException>(() => staged.Seal(Some.Info(2)));
    }

    [Theory]
    [InlineData("MRN 1234567")]
    [InlineData("0190c6f0")]
    public async Task An_id_that_is_no_uri_is_refused(string objectId)
    {
        var world = await ArchiveWorld.CreateAsync();

        Assert.Throws<ArgumentException>(() => world.Root.StageNewObject(objectId, "scan-7"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".root")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task A_staging_name_that_leaves_the_staging_folder_is_refused(string stagingName)
    {
        var world = await ArchiveWorld.CreateAsync();

        Assert.Throws<ArgumentException>(() => world.Root.StageNewObject(Some.ObjectId, stagingName));
        Assert.Throws<ArgumentException>(() => world.Root.Discard(stagingName));
    }

    private static Sha512Digest WritePrivateCopy(ArchiveWorld world, string stagingName, string text)
    {
        string content = world.Root.ContentFolderFor(stagingName);
        world.Folder.CreateFolder(content);
        using var file = world.Folder.Create($"{content}/original.pdf");
        file.Write(Encoding.UTF8.GetBytes(text));
        return Sha512Digest.Of(Encoding.UTF8.GetBytes(text));
    }
}
