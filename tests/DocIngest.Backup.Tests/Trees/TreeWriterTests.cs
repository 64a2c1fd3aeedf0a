using DocIngest.Backup.Encoding;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

public sealed class TreeWriterTests
{
    private static readonly ZonedTime Time = new(new UnixTime(1_700_000_000, 0));

    [Fact]
    public void An_empty_directory_has_the_id_that_restic_gives_it() =>
        Assert.Equal("ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8", BlobId.Of(TreeWriter.Write([])).ToString());

    [Fact]
    public void The_vector_of_the_format_notes_is_reproduced()
    {
        var exact = new ZonedTime(new UnixTime(1_700_000_000, 120_000_000));
        Assert.True(BlobId.TryParse("08d9e9a09c1aef5dcc1e4a1bf1a1d6b2f0e1a2b3c4d5e6f708192a3b4c5d6e7f", out var subtree));
        byte[] tree = TreeWriter.Write(
        [
            new Node
            {
                Name = FileName.FromRaw("a&b.txt"), Type = NodeType.File, Mode = GoFileMode.FromStat(0x81a4), Modified = exact, Accessed = exact,
                Changed = Time, User = "root", SizeBytes = 5, LinkCount = 1, Content = [BlobId.Of("hello"u8)],
            },
            new Node
            {
                Name = FileName.FromRaw("q\"uote\u00a0x"), Type = NodeType.Directory, Mode = GoFileMode.FromStat(0x41ed), Modified = Time,
                Accessed = Time, Changed = Time, UserId = 1000, GroupId = 100, Subtree = subtree,
            },
        ]);
        Assert.Equal(
            """{"nodes":[{"name":"a\u0026b.txt","type":"file","mode":420,"mtime":"2023-11-14T22:13:20.12Z","atime":"2023-11-14T22:13:20.12Z","ctime":"2023-11-14T22:13:20Z","uid":0,"gid":0,"user":"root","size":5,"links":1,"content":["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"]},{"name":"q\\\"uote\\u00a0x","type":"dir","mode":2147484141,"mtime":"2023-11-14T22:13:20Z","atime":"2023-11-14T22:13:20Z","ctime":"2023-11-14T22:13:20Z","uid":1000,"gid":100,"content":null,"subtree":"08d9e9a09c1aef5dcc1e4a1bf1a1d6b2f0e1a2b3c4d5e6f708192a3b4c5d6e7f"}]}"""
            + "\n",
            System.Text.Encoding.UTF8.GetString(tree));
        Assert.Equal("594b5b4e4727ccfa3baa7efcb2689f69ca5d1b5d212026da1cd546349da71aa1", BlobId.Of(tree).ToString());
    }

    [Fact]
    public void Every_field_has_its_place()
    {
        var node = new Node
        {
            Name = FileName.FromRaw("n"), Type = NodeType.File, Mode = new GoFileMode(1), Modified = Time, Accessed = Time, Changed = Time,
            UserId = 2, GroupId = 3, User = "u<", Group = "g", Inode = ulong.MaxValue, DeviceId = 5, SizeBytes = 6, LinkCount = 7,
            LinkTarget = new byte[] { (byte)'t', 0xff },
            ExtendedAttributes = [new ExtendedAttribute("user.b", "x"u8.ToArray()), new ExtendedAttribute("user.a", null), new ExtendedAttribute("e", Array.Empty<byte>())],
            GenericAttributes = [new GenericAttribute("windows.b", "{ \"x\" : \"<\" }"u8.ToArray()), new GenericAttribute("windows.a", "1"u8.ToArray())],
            Device = 8, Content = [], Error = "e",
        };
        const string T = "\"2023-11-14T22:13:20Z\"";
        Assert.Equal(
            $$$"""{"nodes":[{"name":"n","type":"file","mode":1,"mtime":{{{T}}},"atime":{{{T}}},"ctime":{{{T}}},"uid":2,"gid":3,"user":"u\u003c","group":"g","inode":18446744073709551615,"device_id":5,"size":6,"links":7,"linktarget":"t\ufffd","linktarget_raw":"dP8=","extended_attributes":[{"name":"user.b","value":"eA=="},{"name":"user.a","value":null},{"name":"e","value":""}],"generic_attributes":{"windows.a":1,"windows.b":{"x":"\u003c"}},"device":8,"content":[],"error":"e"}]}"""
            + "\n",
            System.Text.Encoding.UTF8.GetString(TreeWriter.Write([node])));
    }

    [Fact]
    public void Names_are_ordered_by_bytes_not_by_UTF_16()
    {
        var tree = new TreeWriter();
        tree.Add(Some.File("\uffee"));   // EF BF AE, but 0xFFEE is behind the surrogates of the next
        tree.Add(Some.File("\U0001F4AF"));   // F0 9F 92 AF
        Assert.Throws<ArgumentException>(() => tree.Add(Some.File("\uffee")));
    }

    public static TheoryData<string, Node> Refused() => new()
    {
        { "a path", Some.File("a/b") },
        { "nothing", Some.File("") },
        { "itself", Some.File(".") },
        { "its parent", Some.File("..") },
        { "NUL", Some.File("a\0") },
        { "the same again", Some.File("m") },
        { "one before", Some.File("a") },
        { "an unknown type", Some.File("x") with { Type = NodeType.Unknown } },
        { "a file without content", Some.File("x") with { Content = null } },
        { "a directory with content", Some.Node(NodeType.Directory, FileName.FromRaw("x")) with { Content = [] } },
        { "a directory without a tree", Some.Node(NodeType.Directory, FileName.FromRaw("x")) with { Subtree = null } },
        { "a file with a tree", Some.File("x") with { Subtree = Some.Blob } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_restic_would_stumble_over_is_not_written(string what, Node node)
    {
        var tree = new TreeWriter();
        tree.Add(Some.File("m"));
        int before = tree.Count;
        Assert.Throws<ArgumentException>(() => tree.Add(node));
        Assert.Equal(before, tree.Count);
        Assert.True(tree.Finish().Span.SequenceEqual(TreeWriter.Write([Some.File("m")])), what);
    }

    [Fact]
    public void A_cleared_writer_writes_the_next_directory()
    {
        var tree = new TreeWriter();
        tree.Add(Some.File("z"));
        _ = tree.Finish();
        Assert.Throws<ObjectDisposedException>(() => tree.Add(Some.File("zz")));
        tree.Clear();
        tree.Add(Some.File("a"));
        Assert.True(tree.Finish().Span.SequenceEqual(TreeWriter.Write([Some.File("a")])));
    }
}
