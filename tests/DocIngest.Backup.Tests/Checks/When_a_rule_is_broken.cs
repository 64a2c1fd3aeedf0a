using DocIngest.Backup.Checks;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>A sound repository with one rule broken: the mutation matrix of restic-format 17, and what it does not have.</summary>
public sealed class When_a_rule_is_broken : IAsyncLifetime
{
    private const string Times = "\"mtime\":\"2023-11-14T22:13:20Z\",\"atime\":\"2023-11-14T22:13:20Z\",\"ctime\":\"2023-11-14T22:13:20Z\"";

    private RepositoryBuilder _world = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await RepositoryBuilder.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task No_rule()
    {
        await _world.SaveAsync(Scans());
        await ExpectAsync();
    }

    [Theory]
    [InlineData("size", 5)]
    [InlineData("size", 7)]
    public async Task A_size_that_is_not_the_sum_of_the_content(string name, long size)
    {
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File(name, size, _world.Data("123456"))));
        await ExpectAsync("B080");
    }

    /// <summary>What restic is silent about, or says in other words.</summary>
    [Theory]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":6,"content":["DATA"]}""")]
    [InlineData("""{"content":["DATA"],"size":6,"mode":420,"type":"file","unknown":[{}],TIMES,"name":"f"}""")]
    [InlineData("""{"name":"f","type":"file","mode":420,"mtime":"2023-11-14T22:13:20.1234567+00:00","size":6,"content":["DATA"]}""")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"content":null}""", "B075")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES}""", "B075")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":6}""", "B075", "B080")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":6,"content":[]}""", "B080")]
    [InlineData("""{"name":"f","type":"file","mode":33188,TIMES,"size":6,"content":["DATA"]}""", "B074")]
    [InlineData("""{"name":"../evil","type":"file","mode":420,TIMES,"size":6,"content":["DATA"]}""", "B072")]
    [InlineData("""{"name":"","type":"file","mode":420,TIMES,"size":6,"content":["DATA"]}""", "B072")]
    [InlineData("""{"name":"a\\q","type":"file","mode":420,TIMES,"size":6,"content":["DATA"]}""", "B062")]
    [InlineData("""{"name":"f","type":"file","mode":420,"mtime":"2023-11-14T22:13:20","size":6,"content":["DATA"]}""", "B062")]
    [InlineData("""{"name":"f","type":"irregular","mode":420,TIMES,"content":null}""", "B073")]
    [InlineData("""{"name":"f","type":"fifo","mode":33554852,TIMES,"content":["DATA"]}""", "B076")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":6,"content":["NULL"]}""", "B077")]
    [InlineData("""{"name":"f","type":"dir","mode":2147484141,TIMES,"content":null}""", "B078")]
    [InlineData("""{"name":"f","type":"dir","mode":2147484141,TIMES,"content":null,"subtree":"NULL"}""", "B077")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"content":[],"subtree":"DATA"}""", "B079")]
    [InlineData("""{"name":"f","type":"dir","mode":2147484141,TIMES,"content":null,"subtree":"DATA"}""", "B060")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":6,"content":["GONE"]}""", "B063")]
    [InlineData("""{"name":"f","type":"file","mode":420,TIMES,"size":18,"content":["GONE","DATA","GONE"]}""", "B063")]
    public async Task A_node(string node, params string[] codes)
    {
        var data = _world.Data("123456");
        await _world.SaveAsync(_world.JsonTree(
            node.Replace("TIMES", Times).Replace("DATA", $"{data}").Replace("NULL", new string('0', 64)).Replace("GONE", $"{BlobId.Of("gone"u8)}")));
        await ExpectAsync(codes);
    }

    [Theory]
    [InlineData("b,a", "B070")]
    [InlineData("a,a", "B070", "B071")]
    public async Task The_order_of_names(string names, params string[] codes)
    {
        await _world.SaveAsync(_world.JsonTree(names.Split(',').Select(name => $$"""{"name":"{{name}}","type":"fifo","mode":33554852,{{Times}}}""")));
        await ExpectAsync(codes);
    }

    [Theory]
    [InlineData("""{"nodes":[]}""")]
    [InlineData("""{"nodes":null}""")]
    [InlineData("""{"nodes":[],"more":1}""" + "\n")]
    [InlineData("""{"nodes":[""", "B062")]
    [InlineData("", "B062")]
    public async Task The_bytes_of_a_tree(string tree, params string[] codes)
    {
        await _world.SaveAsync(_world.RawTree(System.Text.Encoding.UTF8.GetBytes(tree)));
        await ExpectAsync(codes);
    }

    [Fact]
    public async Task The_faults_of_a_node_are_told_with_their_place()
    {
        var inner = _world.JsonTree($$"""{"name":"secret-name","type":"file","mode":420,{{Times}},"size":1,"content":[]}""");
        var snapshot = await _world.SaveAsync(_world.Tree(RepositoryBuilder.Directory("in", inner)));
        var finding = Assert.Single((await _world.Repository.CheckAsync()).Findings);
        Assert.Equal((snapshot, "/in/secret-name", BlobType.Tree, inner), (finding.Snapshot, finding.Path, finding.BlobType, finding.Blob));
        Assert.NotEmpty(finding.Rule.Advice);
    }

    [Fact]
    public async Task A_gap_between_blobs()
    {
        _world.Gap = [0];
        await _world.SaveAsync(Scans());
        await ExpectAsync("B023", "B023", "B032", "B032");
    }

    [Fact]
    public async Task Data_and_trees_in_one_pack()
    {
        _world.IsMixed = true;
        await _world.SaveAsync(Scans());
        Assert.Equal(CheckVerdict.Sound, (await ExpectAsync("B024")).Verdict);
    }

    [Fact]
    public async Task An_index_without_the_last_blob_of_a_pack()
    {
        _world.Index = blobs => blobs[0].Type is BlobType.Data ? blobs[..^1] : blobs;
        var a = _world.Data("a");
        _world.Data("not needed");
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("a", 1, a)));
        await ExpectAsync("B033");
    }

    [Fact]
    public async Task An_index_without_the_first_blob_of_a_pack()
    {
        _world.Index = blobs => blobs[0].Type is BlobType.Data ? blobs[1..] : blobs;
        _world.Data("not needed");
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("a", 1, _world.Data("a"))));
        await ExpectAsync("B023", "B033");
    }

    [Fact]
    public async Task A_header_in_another_order_than_the_blobs()
    {
        _world.Header = blobs => [.. blobs.Reverse()];
        await _world.SaveAsync(Scans());
        await ExpectAsync("B037", "B037");
    }

    [Fact]
    public async Task A_length_that_is_wrong_in_header_and_index()
    {
        _world.Header = _world.Index = blobs => [.. blobs.Select(blob => blob.IsCompressed ? blob with { UncompressedLength = blob.UncompressedLength + 1 } : blob)];
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 500, _world.Data(new byte[500], compress: true))));

        // The tree's own length is wrong too, which nobody but the blob itself tells.
        await ExpectAsync("B043", "B043", "B080");
        Assert.Equal(["B080"], await _world.Repository.CodesAsync(new PackReading.Nothing()));
    }

    [Fact]
    public async Task A_length_that_is_wrong_in_the_index_alone()
    {
        _world.Index = blobs => [.. blobs.Select(blob => blob.IsCompressed ? blob with { UncompressedLength = blob.UncompressedLength + 1 } : blob)];
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 500, _world.Data(new byte[500], compress: true))));
        await ExpectAsync("B037", "B037", "B080");
    }

    [Fact]
    public async Task A_length_that_is_wrong_in_the_header_alone()
    {
        _world.Header = blobs => [.. blobs.Select(blob => blob.IsCompressed ? blob with { UncompressedLength = blob.UncompressedLength + 1 } : blob)];
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 500, _world.Data(new byte[500], compress: true))));
        await ExpectAsync("B037", "B037");
    }

    [Fact]
    public async Task A_blob_whose_content_is_not_its_id()
    {
        var wrong = Piece.Of(_world.Repository, BlobType.Data, "123456"u8, compress: false) with { Id = BlobId.Of("654321"u8) };
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, _world.Add(wrong))));
        await ExpectAsync("B042", "B064");
    }

    [Fact]
    public async Task A_blob_that_is_sealed_and_no_compressed_data()
    {
        var wrong = Piece.Of(_world.Repository, BlobType.Data, "123456"u8, compress: false) with { UncompressedLength = 6 };
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, _world.Add(wrong))));
        await ExpectAsync("B041", "B064");
    }

    [Fact]
    public async Task A_blob_that_another_key_sealed()
    {
        using var other = await RepositoryBuilder.CreateAsync();
        var foreign = Piece.Of(other.Repository, BlobType.Data, "123456"u8, compress: false);
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, _world.Add(foreign))));
        await ExpectAsync("B040", "B064");
    }

    [Fact]
    public async Task A_blob_that_is_lost_in_one_pack_and_sound_in_another()
    {
        using var other = await RepositoryBuilder.CreateAsync();
        var lost = _world.Add(Piece.Of(other.Repository, BlobType.Data, "123456"u8, compress: false));
        await _world.SavePacksAsync();
        Assert.Equal(lost, _world.Data("123456"));
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, lost)));
        await ExpectAsync("B040");
    }

    [Fact]
    public async Task Two_packs_that_tell_different_lengths()
    {
        var content = new byte[500];
        var wrong = Piece.Of(_world.Repository, BlobType.Data, content, compress: true) with { UncompressedLength = 499 };
        var id = _world.Add(wrong);
        await _world.SavePacksAsync();
        _world.Data(content, compress: true);
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 499, id)));
        await ExpectAsync("B025", "B043");
    }

    [Fact]
    public async Task Blobs_that_overlap()
    {
        _world.Index = blobs => blobs[0].Type is BlobType.Data ? [.. blobs, .. blobs.Select(blob => blob with { Id = BlobId.Of("other"u8), Offset = blob.Offset + 1 })] : blobs;
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, _world.Data("123456"))));
        await ExpectAsync("B023", "B037");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4_000_000_000)]
    public async Task A_blob_that_is_said_to_end_beyond_the_pack(uint length)
    {
        _world.Index = blobs => [.. blobs, blobs[^1] with { Id = BlobId.Of("other"u8), Offset = (uint)blobs[^1].End, Length = length }];
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 6, _world.Data("123456"))));
        await ExpectAsync("B037", "B037");
    }

    [Fact]
    public async Task An_index_as_plain_JSON()
    {
        await _world.SavePacksAsync();
        var root = Scans();
        await _world.SavePacksAsync();
        await _world.SaveIndexAsync();
        foreach (string path in _world.Folder.Files("index"))
        {
            Assert.True(FileId.TryParse(Path.GetFileName(path), out var id));
            using var json = await _world.Repository.LoadUnpackedAsync(FileKind.Index, id, Cancellation);
            byte[] stored = _world.Repository.Sealed(json.Span);
            _world.Folder.Delete(path);
            await _world.Repository.Store.SaveAsync(FileKind.Index, FileId.Of(stored), stored, Cancellation);
        }

        await _world.SnapshotAsync(root);
        await ExpectAsync();
    }

    [Fact]
    public async Task The_same_index_twice()
    {
        var root = Scans();
        await _world.SavePacksAsync();
        await _world.SaveIndexAsync(keep: true);
        await _world.SaveAsync(root);
        Assert.Equal(CheckVerdict.Sound, (await ExpectAsync("B022", "B022")).Verdict);
    }

    [Fact]
    public async Task A_pack_in_two_indexes_with_different_blobs()
    {
        var root = _world.Tree(RepositoryBuilder.File("ab", 2, _world.Data("a"), _world.Data("b")));
        _world.Index = blobs => blobs[0].Type is BlobType.Data ? blobs[..1] : blobs;
        await _world.SavePacksAsync();
        await _world.SaveIndexAsync();
        _world.Index = blobs => blobs[0].Type is BlobType.Data ? blobs[1..] : blobs;
        Assert.Equal(root, _world.Tree(RepositoryBuilder.File("ab", 2, _world.Data("a"), _world.Data("b"))));
        foreach (var pack in await _world.Repository.Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation))
        {
            var blobs = await _world.Repository.LoadPackHeaderAsync(pack, Cancellation);
            if (blobs[0].Type is BlobType.Data)
                _world.Mention(pack.Id, blobs[1..]);
        }

        await _world.SaveIndexAsync();
        await _world.SnapshotAsync(root);
        await ExpectAsync("B021");
    }

    [Fact]
    public async Task An_index_that_knows_more_than_we_do()
    {
        string json = $$$"""{"packs":[],"packs_to_delete":[{"id":"{{{BlobId.Of("x"u8)}}}","blobs":[],"time":"2023-11-14T22:13:20Z","size":1}],"supersedes":["{{{BlobId.Of("y"u8)}}}"]}""";
        await _world.Repository.SaveUnpackedAsync(FileKind.Index, System.Text.Encoding.UTF8.GetBytes(json), Cancellation);
        await _world.SaveAsync(Scans());
        await ExpectAsync();
    }

    [Theory]
    [InlineData("""{"packs":[{"id":"x"}]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task An_index_that_is_none(string json)
    {
        await _world.Repository.SaveUnpackedAsync(FileKind.Index, System.Text.Encoding.UTF8.GetBytes(json), Cancellation);
        await _world.SaveAsync(Scans());
        await ExpectAsync("B020");
    }

    [Fact]
    public async Task An_index_entry_of_a_pack_that_does_not_exist()
    {
        _world.Mention(FileId.Of("nothing"u8), new PackedBlob(BlobType.Data, BlobId.Of("nothing"u8), 0, 40, 0));
        await _world.SaveAsync(Scans());
        await ExpectAsync("B031");
    }

    [Fact]
    public async Task A_needed_pack_that_is_gone()
    {
        var inner = _world.Tree(RepositoryBuilder.File("f", 6, _world.Data("123456")));
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.Directory("d", inner)));
        var result = await RemovePackAsync(BlobType.Data);
        Assert.Equal(["B030", "B064"], result.Codes());
        Assert.Equal("/d/f", Assert.Single(result.Findings, finding => finding.Rule == FindingRules.ContentLost).Path);
        Assert.Equal((1, 1), (result.PackFiles.Damaged, result.PackContents.Damaged));
        Assert.Equal(["B030", "B064"], await _world.Repository.CodesAsync(new PackReading.Nothing()));
    }

    [Fact]
    public async Task A_pack_of_trees_that_is_gone()
    {
        await _world.SaveAsync(Scans());
        Assert.Equal(["B030", "B061"], (await RemovePackAsync(BlobType.Tree)).Codes());
    }

    [Fact]
    public async Task A_pack_in_no_index()
    {
        await _world.SaveAsync(Scans());
        _world.Data("nobody");
        await _world.SavePacksAsync();
        var result = await ExpectAsync("B034");
        Assert.Equal((CheckVerdict.Sound, 1), (result.Verdict, result.OrphanPacks));
    }

    [Fact]
    public async Task A_pack_in_a_folder_that_is_not_its_own()
    {
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 0)));
        string pack = Assert.Single(_world.Folder.Files("data"));
        _world.Folder.CreateFolder("data/zz");
        _world.Folder.Move(pack, $"data/zz/{Path.GetFileName(pack)}");
        await ExpectAsync("B012", "B030", "B061", "B096");
    }

    [Fact]
    public async Task Files_that_do_not_belong_there()
    {
        await _world.SaveAsync(Scans());
        string id = $"{FileId.Of("x"u8)}";
        _world.Folder.Write($"data/{id[..2]}/{id}-tmp-12345", []);
        _world.Folder.Write("config-tmp-12345", []);
        _world.Folder.Write("index/.DS_Store", []);
        _world.Folder.Write($"snapshots/{id.ToUpperInvariant()}", []);
        _world.Folder.Write("data/notes.txt", []);
        _world.Folder.Write("sidecar/anything", []);   // beside the known folders: nobody's business
        Assert.Equal(CheckVerdict.Warnings, (await ExpectAsync("B095", "B095", "B096", "B097", "B097")).Verdict);
    }

    [Fact]
    public async Task Version_1_with_compressed_blobs()
    {
        using var old = await RepositoryBuilder.CreateAsync(version: 1);
        await old.SaveAsync(old.Tree(RepositoryBuilder.File("f", 500, old.Data(new byte[500], compress: true))));
        Assert.Equal(["B044"], await old.Repository.CodesAsync());
    }

    [Fact]
    public async Task Version_1_as_it_should_be()
    {
        using var old = await RepositoryBuilder.CreateAsync(version: 1);
        await old.SaveAsync(old.Tree(RepositoryBuilder.File("f", 6, old.Data("123456"))));
        Assert.Empty(await old.Repository.CodesAsync());
    }

    [Theory]
    [InlineData("""{"time":"2023-11-14T22:13:20","tree":"TREE"}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z"}""")]
    [InlineData("[]")]
    public async Task A_snapshot_that_is_none(string json)
    {
        var root = Scans();
        await _world.SaveAsync(root);
        await _world.Repository.SaveUnpackedAsync(FileKind.Snapshot, System.Text.Encoding.UTF8.GetBytes(json.Replace("TREE", $"{root}")), Cancellation);
        var result = await ExpectAsync("B050");
        Assert.Equal(new Tally(1, 1), result.Snapshots);
    }

    [Fact]
    public async Task A_snapshot_of_a_tree_that_does_not_exist()
    {
        var snapshot = await _world.SaveAsync(BlobId.Of("nothing"u8));
        var result = await ExpectAsync("B060");
        Assert.Equal((snapshot, "/"), (result.Findings[0].Snapshot, result.Findings[0].Path));
    }

    [Theory]
    [InlineData("""{"kdf":"argon2"}""")]
    [InlineData("""{"kdf":"scrypt","N":2,"r":1,"p":1,"salt":"AAAA","data":"AAAA"}""")]
    [InlineData("nothing")]
    public async Task A_key_file_that_nobody_can_use(string json)
    {
        await _world.SaveAsync(Scans());
        byte[] content = System.Text.Encoding.UTF8.GetBytes(json);
        await _world.Repository.Store.SaveAsync(FileKind.Key, FileId.Of(content), content, Cancellation);
        var result = await ExpectAsync("B090");
        Assert.Equal(new Tally(1, 1), result.Keys);
    }

    [Fact]
    public async Task A_key_file_under_a_wrong_name()
    {
        await _world.SaveAsync(Scans());
        string key = Assert.Single(_world.Folder.Files("keys"));
        _world.Folder.Write($"keys/{FileId.Of("other"u8)}", _world.Folder.Read(key));
        await ExpectAsync("B014");
    }

    [Fact]
    public async Task More_keys_than_restic_tries()
    {
        await _world.SaveAsync(Scans());
        byte[] key = _world.Folder.Read(Assert.Single(_world.Folder.Files("keys")));
        for (int i = 0; i < 20; i++)
        {
            key = [.. key, (byte)' '];
            await _world.Repository.Store.SaveAsync(FileKind.Key, FileId.Of(key), key, Cancellation);
        }

        await ExpectAsync("B092");
    }

    [Fact]
    public async Task Locks_of_nobody()
    {
        await _world.SaveAsync(Scans());
        var old = new Backup.Locks.LockFile(new ZonedTime(new UnixTime(1_700_000_000, 0)), false, "elsewhere", "somebody", 1, 0, 0);
        await _world.Repository.SaveUnpackedAsync(FileKind.Lock, old.Write(), Cancellation);
        _world.Folder.Write($"locks/{FileId.Of("empty"u8)}", []);
        Assert.Equal(CheckVerdict.Sound, (await ExpectAsync("B093", "B094")).Verdict);
    }

    [Fact]
    public async Task A_config_of_another_repository()
    {
        await _world.SaveAsync(Scans());
        using var other = await RepositoryBuilder.CreateAsync();
        _world.Folder.Write(RepositoryLayout.Config, other.Folder.Read(RepositoryLayout.Config));
        await ExpectAsync("B013");
        _world.Folder.Delete(RepositoryLayout.Config);
        await ExpectAsync("B013");
    }

    /// <summary>A directory with a file of two pieces, and one inside it.</summary>
    private BlobId Scans()
    {
        var inner = _world.Tree(RepositoryBuilder.File("b", 6, _world.Data("123456")), RepositoryBuilder.File("empty", 0));
        return _world.Tree(
            RepositoryBuilder.File("a", 506, _world.Data("123456"), _world.Data(new byte[500], compress: true)), RepositoryBuilder.Directory("inner", inner));
    }

    private async Task<CheckResult> RemovePackAsync(BlobType type)
    {
        foreach (var pack in await _world.Repository.Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation))
        {
            var header = await _world.Repository.LoadPackHeaderAsync(pack, Cancellation);
            if (header[0].Type == type)
                _world.Folder.Delete(RepositoryLayout.Path(FileKind.Pack, pack.Id));
        }

        return await _world.Repository.CheckAsync();
    }

    private async Task<CheckResult> ExpectAsync(params string[] codes)
    {
        var result = await _world.Repository.CheckAsync();
        Assert.Equal(codes, result.Codes());
        return result;
    }
}
