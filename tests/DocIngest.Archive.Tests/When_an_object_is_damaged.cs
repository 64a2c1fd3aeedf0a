using System.Text;

namespace DocIngest.Archive.Tests;

/// <summary>Inventories and files as accidents, other programs and attackers leave them. None is followed, all are named.</summary>
public sealed class When_an_object_is_damaged
{
    private const string Digest = "DIGEST";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("E099", "v1/content/original.pdf", "v1/content/../../../../../../../keys/signing.pem")]
    [InlineData("E099", "v1/content/original.pdf", @"v1/content/..\\..\\keys\\signing.pem")]
    [InlineData("E099", "v1/content/original.pdf", "v1/content/original.pdf:stream")]
    [InlineData("E099", "v1/content/original.pdf", "v1/content//original.pdf")]
    [InlineData("E099", "v1/content/original.pdf", "v1/content/./original.pdf")]
    [InlineData("E099", "v1/content/original.pdf", @"v1/content/\u0000")]
    [InlineData("E100", "v1/content/original.pdf", "/etc/passwd")]
    [InlineData("E042", "v1/content/original.pdf", "inventory.json")]
    [InlineData("E042", "v1/content/original.pdf", "v2/content/original.pdf")]
    [InlineData("E042", "v1/content/original.pdf", "v1/elsewhere/original.pdf")]
    [InlineData("E101", "[\"v1/content/original.pdf\"]", "[\"v1/content/a\",\"v1/content/a\"]")]
    [InlineData("E101", "[\"v1/content/original.pdf\"]", "[\"v1/content/a\",\"v1/content/a/b\"]")]
    [InlineData("E052", "[\"original.pdf\"]", "[\"../original.pdf\"]")]
    [InlineData("E053", "[\"original.pdf\"]", "[\"/original.pdf\"]")]
    [InlineData("E095", "[\"original.pdf\"]", "[\"a\",\"a\"]")]
    [InlineData("E095", "[\"original.pdf\"]", "[\"a\",\"a/b\"]")]
    [InlineData("E033", "{\"id\":", "{\"id\":\"urn:x:1\",\"id\":")]
    [InlineData("E033", "\"head\":\"v1\"", "\"head\":\"v1\",\"head\":\"v1\"")]
    [InlineData("E033", "{\"id\":", "[{\"id\":")]
    [InlineData("E033", "\"filed\"", @"""\ud800""")]
    [InlineData("E102", "\"head\":\"v1\"", "\"head\":\"v1\",\"x-docingest\":1")]
    [InlineData("E102", "\"message\":", "\"remark\":\"x\",\"message\":")]
    [InlineData("E102", "\"user\":{", "\"user\":{\"phone\":\"x\",")]
    [InlineData("E036", "\"head\":\"v1\",", "")]
    [InlineData("E036", "\"type\":\"https://ocfl.io/1.1/spec/#inventory\",", "")]
    [InlineData("E038", "1.1/spec", "1.0/spec")]
    [InlineData("E025", "\"sha512\"", "\"md5\"")]
    [InlineData("W004", "\"sha512\"", "\"sha256\"")]
    [InlineData("E040", "\"head\":\"v1\"", "\"head\":\"v2\"")]
    [InlineData("E017", "\"head\":\"v1\"", "\"head\":\"v1\",\"contentDirectory\":\"a/b\"")]
    [InlineData("E018", "\"head\":\"v1\"", "\"head\":\"v1\",\"contentDirectory\":\"..\"")]
    [InlineData("E041", "\"manifest\":", "\"fixity\":")]
    [InlineData("E111", "\"head\":\"v1\"", "\"head\":\"v1\",\"fixity\":null")]
    [InlineData("E093", "\"head\":\"v1\"", "\"head\":\"v1\",\"fixity\":{\"md5\":{\"0\":[\"../x\"]}}")]
    [InlineData("E043", "\"versions\":", "\"fixity\":")]
    [InlineData("W001", "\"v1\":", "\"v01\":")]
    [InlineData("E046", "\"v1\":", "\"1\":")]
    [InlineData("E010", "\"v1\":", "\"v2\":", "\"head\":\"v1\"", "\"head\":\"v2\"")]
    [InlineData("E048", "\"state\":{\"DIGEST\":[\"original.pdf\"]},", "")]
    [InlineData("E048", "\"created\":\"2026-03-04T05:06:01.789Z\",", "")]
    [InlineData("E049", "2026-03-04T05:06:01.789Z", "2026-03-04T05:06:01")]
    [InlineData("E049", "2026-03-04T05:06:01.789Z", "2026-03-04T05:06Z")]
    [InlineData("E049", "2026-03-04T05:06:01.789Z", "2026-02-30T05:06:01Z")]
    [InlineData("E054", "\"name\":\"DocIngest\",", "")]
    [InlineData("E094", "\"filed\"", "null")]
    [InlineData("E096", "\"manifest\":{", "\"manifest\":{\"DIGEST-UPPER\":[\"v1/content/b\"],")]
    [InlineData("E106", "\"manifest\":{\"DIGEST\"", "\"manifest\":{\"abc\"")]
    [InlineData("E050", "\"state\":{\"DIGEST\"", "\"state\":{\"DIGEST-UPPER\"")]
    [InlineData("E107", "\"state\":{\"DIGEST\":[\"original.pdf\"]}", "\"state\":{}")]
    public async Task An_inventory_that_breaks_a_rule_is_refused_with_its_code(string code, params string[] replacements)
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        string inventory = Encoding.UTF8.GetString(archived.File.Bytes);
        string digest = Sha512Digest.Of("scan"u8).Hex;
        foreach (string[] pair in replacements.Select(text => Expand(text, digest)).Chunk(2))
        {
            Assert.Contains(pair[0], inventory, StringComparison.Ordinal);
            int at = inventory.IndexOf(pair[0], StringComparison.Ordinal);
            inventory = inventory[..at] + pair[1] + inventory[(at + pair[0].Length)..];
        }

        WritePair(world, archived.Path, Encoding.UTF8.GetBytes(inventory));

        Assert.Equal(code, Assert.Throws<DamagedObjectException>(() => world.Root.Find(Some.ObjectId)).Finding.Code);
    }

    [Fact]
    public async Task A_byte_order_mark_is_refused()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        WritePair(world, archived.Path, [0xEF, 0xBB, 0xBF, .. archived.File.Bytes]);

        AssertDamaged(world, "E033");
    }

    [Fact]
    public async Task An_inventory_with_upper_case_digests_of_another_program_is_read()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        string digest = Sha512Digest.Of("scan"u8).Hex;

        WritePair(world, archived.Path, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(archived.File.Bytes).Replace(digest, digest.ToUpperInvariant(), StringComparison.Ordinal)));

        Assert.Equal("scan", world.ReadText(Some.ObjectId, 1, "original.pdf"));
    }

    [Theory]
    [InlineData("E060", "0123  inventory.json", true)]
    [InlineData("E061", "  inventory.json", true)]
    [InlineData("E061", "  inventory.jso", false)]
    [InlineData("E061", "inventory.json", false)]
    [InlineData("E061", "", false)]
    public async Task A_bad_sidecar_is_refused(string code, string content, bool isPadded)
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        string hex = code == "E060" ? new string('0', 124) : isPadded ? new string('g', 128) : archived.InventoryDigest.Hex;

        world.Overwrite($"{archived.Path}/inventory.json.sha512", Encoding.ASCII.GetBytes(content.Length == 0 ? "" : hex + content));

        AssertDamaged(world, code);
    }

    [Theory]
    [InlineData("\t")]
    [InlineData(" ")]
    [InlineData("  \t ")]
    public async Task A_sidecar_with_any_run_of_blanks_is_read(string blanks)
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        world.Overwrite($"{archived.Path}/inventory.json.sha512", Encoding.ASCII.GetBytes($"{archived.InventoryDigest.Hex.ToUpperInvariant()}{blanks}inventory.json\r\n"));

        Assert.NotNull(world.Root.Find(Some.ObjectId));
    }

    [Theory]
    [InlineData("E003", "0=ocfl_object_1.1")]
    [InlineData("E063", "inventory.json")]
    [InlineData("E058", "inventory.json.sha512")]
    public async Task A_missing_file_is_named(string code, string file)
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        world.Folder.Delete($"{archived.Path}/{file}");

        AssertDamaged(world, code);
        Assert.Equal(code, Assert.IsType<ObjectListing.Unreadable>(Assert.Single(world.Root.EnumerateObjects())).Damage.Finding.Code);
        Assert.Equal(code, Assert.Single(world.Root.Verify(Some.ObjectId, VersionNumber.First, Cancellation).Findings).Code);
        Assert.IsType<RecoveryOutcome.Damaged>(await world.Root.RecoverAsync(Some.ObjectId, VersionNumber.First, "scan", Cancellation));
    }

    [Fact]
    public async Task A_declaration_with_a_windows_line_end_is_named()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        world.Overwrite($"{archived.Path}/0=ocfl_object_1.1", "ocfl_object_1.1\r\n"u8.ToArray());

        AssertDamaged(world, "E007");
    }

    [Fact]
    public async Task An_object_in_the_place_of_another_is_not_taken_for_it()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        string other = "urn:uuid:0190c6f0-0000-7000-8000-000000000002";
        string path = new ArchivePlaces(world.Folder, ArchiveWorld.RootPath, ArchiveWorld.StagingPath).ObjectPath(other);
        world.Folder.CreateFolder(ArchivePlaces.ParentOf(path));
        world.Folder.Move(archived.Path, path);

        Assert.Equal("E083", Assert.Throws<DamagedObjectException>(() => world.Root.Find(other)).Finding.Code);
        Assert.Contains(world.Root.EnumerateObjects(), listing => listing is ObjectListing.Unreadable { Damage.Finding.Code: "E083" });
    }

    [Fact]
    public async Task Content_that_changed_is_noticed_at_its_end_and_by_verification()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan"), ("record.json", "{}")]));
        world.Overwrite($"{archived.Path}/v1/content/original.pdf", "scam"u8.ToArray());

        var error = Assert.Throws<FixityException>(() => world.ReadText(Some.ObjectId, 1, "original.pdf"));
        var verification = world.Root.Verify(Some.ObjectId, VersionNumber.First, Cancellation);

        Assert.Equal($"{archived.Path}/v1/content/original.pdf", error.Path);
        Assert.Equal("E092", Assert.Single(verification.Findings).Code);
        Assert.Equal((2, 6L), (verification.FilesChecked, verification.BytesChecked));
        Assert.False(verification.IsSound);
    }

    [Fact]
    public async Task Content_that_was_cut_short_is_noticed_however_it_is_read()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        world.Overwrite($"{archived.Path}/v1/content/original.pdf", []);

        await using var content = world.Root.OpenContent(archived, VersionNumber.First, "original.pdf");
        byte[] buffer = new byte[16];

        await Assert.ThrowsAsync<FixityException>(async () => await content.ReadExactlyAsync(buffer, Cancellation));
        Assert.Throws<FixityException>(() => content.ReadExactly(buffer));
    }

    [Fact]
    public async Task Content_that_is_gone_is_named()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        world.Folder.Delete($"{archived.Path}/v1/content/original.pdf");

        Assert.Equal("E092", Assert.Throws<DamagedObjectException>(() => world.Root.OpenContent(archived, VersionNumber.First, "original.pdf")).Finding.Code);
        Assert.Equal("E092", Assert.Single(world.Root.Verify(Some.ObjectId, VersionNumber.First, Cancellation).Findings).Code);
    }

    [Fact]
    public async Task What_is_not_there_is_no_proof()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));

        Assert.Equal(FindingCodes.ObjectMissing, Assert.Single(world.Root.Verify("urn:x:none", VersionNumber.First, Cancellation).Findings).Code);
        Assert.Equal(FindingCodes.VersionMissing, Assert.Single(world.Root.Verify(Some.ObjectId, new VersionNumber(2), Cancellation).Findings).Code);
        Assert.Null(world.Root.Find("urn:x:none"));
        Assert.Throws<ArgumentException>(() => world.Root.OpenContent(world.Read(Some.ObjectId), VersionNumber.First, "none"));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Read(Some.ObjectId).ListVersion(new VersionNumber(2)));
    }

    [Fact]
    public async Task A_placed_version_that_is_not_sound_is_rolled_back()
    {
        var world = await ArchiveWorld.CreateAsync();
        var first = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        Some.Version(2, files: [("original.pdf", "second")]).Stage(world.Root);
        string staging = $"{ArchiveWorld.StagingPath}/scan-0001-2";
        world.Folder.Move($"{staging}/v2", $"{first.Path}/v2");   // a crash between placing and publishing
        world.Overwrite($"{first.Path}/v2/content/original.pdf", "sec\0\0\0"u8.ToArray());

        var outcome = await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "scan-0001-2", Cancellation);

        Assert.Equal("E092", Assert.IsType<RecoveryOutcome.RolledBack>(outcome).Reason.Code);
        Assert.NotNull(world.Folder.Find($"{staging}/v2/content/original.pdf"));
        world.AssertValid();
    }

    [Fact]
    public async Task A_root_inventory_that_no_crash_explains_is_left_alone()
    {
        var world = await ArchiveWorld.CreateAsync();
        var archived = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "second")]));
        world.Overwrite($"{archived.Path}/inventory.json", [.. archived.File.Bytes, .. " "u8]);
        var before = world.Snapshot();

        var outcome = await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "scan-0001-2", Cancellation);

        Assert.Equal("E060", Assert.IsType<RecoveryOutcome.Damaged>(outcome).Finding.Code);
        Assert.Equal(before, world.Snapshot());
    }

    private static string Expand(string text, string digest) =>
        text.Replace($"{Digest}-UPPER", digest.ToUpperInvariant(), StringComparison.Ordinal).Replace(Digest, digest, StringComparison.Ordinal);

    private static void WritePair(ArchiveWorld world, string path, byte[] inventory)
    {
        world.Overwrite($"{path}/inventory.json", inventory);
        world.Overwrite($"{path}/inventory.json.sha512", Sidecar.Write(Sha512Digest.Of(inventory)));
    }

    private static void AssertDamaged(ArchiveWorld world, string code) =>
        Assert.Equal(code, Assert.Throws<DamagedObjectException>(() => world.Root.Find(Some.ObjectId)).Finding.Code);
}
