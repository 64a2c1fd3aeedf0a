using CsCheck;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

public sealed class TreeReaderTests
{
    private const string Id = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private const string Times = "\"mtime\":\"2023-11-14T22:13:20Z\",\"atime\":\"2023-11-14T22:13:20Z\",\"ctime\":\"2023-11-14T22:13:20Z\"";

    [Fact]
    public void Any_directory_comes_back_and_is_written_again_byte_for_byte() => Some.Directory.Sample(nodes =>
    {
        byte[] tree = TreeWriter.Write(nodes);
        var read = TreeReader.ReadAll(tree);
        return nodes.Zip(read).All(pair => AreSame(pair.First, pair.Second)) && nodes.Length == read.Count && TreeWriter.Write(read).AsSpan().SequenceEqual(tree);
    });

    [Fact]
    public void Cut_anywhere_a_tree_is_malformed_and_never_shorter() => Some.Directory.Where(nodes => nodes.Length is > 0 and < 4).Sample(
        nodes =>
        {
            byte[] tree = TreeWriter.Write(nodes);
            for (int length = 0; length < tree.Length - 1; length++)   // the last byte is the line feed, which nobody needs
                Assert.Throws<MalformedTreeException>(() => TreeReader.ReadAll(tree.AsMemory(0, length)));
        },
        iter: 20);

    [Fact]
    public void Any_changed_byte_is_read_or_refused() => Gen.Select(Some.Directory, Gen.Int, Gen.Byte).Sample((nodes, at, value) =>
    {
        byte[] tree = TreeWriter.Write(nodes);
        tree[(int)((uint)at % (uint)tree.Length)] = value;
        try
        {
            _ = TreeReader.ReadAll(tree);
        }
        catch (MalformedTreeException)
        {
            // The other of the two fates.
        }
    });

    [Theory]
    [InlineData("""{"nodes":[]}""")]
    [InlineData("""{"nodes":null}""")]
    [InlineData(""" { "nodes" : [ ] } """ + "\n\n")]
    [InlineData("""{"a":{"nodes":[1]},"nodes":[],"z":[1,[2]]}""")]
    [InlineData("""{"n\u006fdes":[]}""")]
    public void All_forms_of_an_empty_directory_are_read(string tree) => Assert.Empty(TreeReader.ReadAll(Bytes(tree)));

    [Fact]
    public void Fields_in_any_order_and_unknown_ones_are_read()
    {
        var node = Assert.Single(TreeReader.ReadAll(Bytes(
            $$"""
            { "extra": {"name": [1]},
              "nodes": [ { "content": ["{{Id.ToUpperInvariant()}}"], "subtree": null, "new": {"type":"dir"}, "uid": 7, "n\u0061me": "a\u0026b",
                {{Times}}, "type": "file", "size": 5, "mode": null, "user": "u", "user": "v" } ] }
            """)));
        Assert.Equal("a&b", node.Name.ToRaw());
        Assert.Equal([BlobId.Of("hello"u8)], node.Content);
        Assert.Equal((NodeType.File, 7u, 5ul, 0u, "v"), (node.Type, node.UserId, node.SizeBytes, node.Mode.Value, node.User));
    }

    [Fact]
    public void The_raw_target_of_a_link_overrides_the_readable_one()
    {
        var node = Assert.Single(TreeReader.ReadAll(Nodes($$"""{"name":"l","type":"symlink",{{Times}},"linktarget_raw":"dP8=","linktarget":"t\ufffd"}""")));
        Assert.Equal<byte>([(byte)'t', 0xff], node.LinkTarget.ToArray());
    }

    [Fact]
    public void Missing_times_are_those_of_Go()
    {
        var node = Assert.Single(TreeReader.ReadAll(Nodes("""{"name":"f","type":"fifo"}""")));
        Assert.Equal("0001-01-01T00:00:00Z", node.Modified.ToString());
    }

    [Fact]
    public void Names_hold_any_bytes()
    {
        var node = Assert.Single(TreeReader.ReadAll(Nodes("""{"name":"bad\\xff\\376\\u00a0\\\"","type":"fifo"}""")));
        Assert.Equal<byte>([.. "bad"u8, 0xff, 0xfe, 0xc2, 0xa0, (byte)'"'], node.Name.Bytes.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"nodes":{}}""")]
    [InlineData("""{"nodes":[]""")]
    [InlineData("""{"nodes":[]} x""")]
    [InlineData("""{"nodes":[]}{}""")]
    [InlineData("""{"nodes":[],"nodes":[]}""")]
    [InlineData("""{"nodes":null,"nodes":[]}""")]
    [InlineData("""{"nodes":[1]}""")]
    [InlineData("""{"nodes":[null]}""")]
    [InlineData("""{"nodes":[{"name":"\\q"}]}""")]
    [InlineData("""{"nodes":[{"name":1}]}""")]
    [InlineData("""{"nodes":[{"name":"a","mtime":"2023-11-14T22:13:20"}]}""")]
    [InlineData("""{"nodes":[{"name":"a","mtime":5}]}""")]
    [InlineData("""{"nodes":[{"name":"a","uid":-1}]}""")]
    [InlineData("""{"nodes":[{"name":"a","uid":4294967296}]}""")]
    [InlineData("""{"nodes":[{"name":"a","size":1.5}]}""")]
    [InlineData("""{"nodes":[{"name":"a","size":"1"}]}""")]
    [InlineData("""{"nodes":[{"name":"a","inode":18446744073709551616}]}""")]
    [InlineData("""{"nodes":[{"name":"a","content":"x"}]}""")]
    [InlineData("""{"nodes":[{"name":"a","content":["abc"]}]}""")]
    [InlineData("""{"nodes":[{"name":"a","content":[null]}]}""")]
    [InlineData("""{"nodes":[{"name":"a","content":["zcf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"]}]}""")]
    [InlineData("""{"nodes":[{"name":"a","linktarget_raw":"?"}]}""")]
    [InlineData("""{"nodes":[{"name":"a","extended_attributes":[1]}]}""")]
    [InlineData("""{"nodes":[{"name":"a","generic_attributes":[]}]}""")]
    public void What_is_no_tree_is_refused(string tree) => Assert.Throws<MalformedTreeException>(() => TreeReader.ReadAll(Bytes(tree)));

    [Theory]
    [InlineData("""{"name":"f","type":"file","mode":420,"content":[]}""", NodeFaults.None)]
    [InlineData("""{"name":"d","type":"dir","mode":2147484141,"content":null,"subtree":"ID"}""", NodeFaults.None)]
    [InlineData("""{"name":"","type":"file","mode":420,"content":[]}""", NodeFaults.UnsafeName)]
    [InlineData("""{"name":"../evil","type":"file","mode":420,"content":[]}""", NodeFaults.UnsafeName)]
    [InlineData("""{"name":"..","type":"file","mode":420,"content":[]}""", NodeFaults.UnsafeName)]
    [InlineData("""{"name":"a\\x00b","type":"file","mode":420,"content":[]}""", NodeFaults.UnsafeName)]
    [InlineData("""{"name":"f","type":"irregular","mode":420}""", NodeFaults.UnknownType)]
    [InlineData("""{"name":"f","mode":420}""", NodeFaults.UnknownType)]
    [InlineData("""{"name":"f","type":"file","mode":33188,"content":[]}""", NodeFaults.ModeOfAnotherType)]
    [InlineData("""{"name":"f","type":"file","mode":2147484141,"content":[]}""", NodeFaults.ModeOfAnotherType)]
    [InlineData("""{"name":"d","type":"dir","mode":493,"subtree":"ID"}""", NodeFaults.ModeOfAnotherType)]
    [InlineData("""{"name":"f","type":"file","mode":420,"content":null}""", NodeFaults.NoContent)]
    [InlineData("""{"name":"f","type":"file","mode":420,"size":3}""", NodeFaults.NoContent | NodeFaults.SizeWithoutContent)]
    [InlineData("""{"name":"f","type":"file","mode":420,"content":[],"size":3}""", NodeFaults.SizeWithoutContent)]
    [InlineData("""{"name":"f","type":"file","mode":420,"content":["NULL"]}""", NodeFaults.NullId)]
    [InlineData("""{"name":"d","type":"dir","mode":2147484141,"subtree":"NULL"}""", NodeFaults.NullId)]
    [InlineData("""{"name":"d","type":"dir","mode":2147484141}""", NodeFaults.NoSubtree)]
    [InlineData("""{"name":"d","type":"dir","mode":2147484141,"subtree":"ID","content":["ID"]}""", NodeFaults.StrayContent)]
    [InlineData("""{"name":"f","type":"file","mode":420,"content":[],"subtree":"ID"}""", NodeFaults.StraySubtree)]
    public void Oddities_are_told(string node, object faults)
    {
        var tree = new TreeReader(Nodes(node.Replace("NULL", new string('0', 64)).Replace("ID", Id)));
        Assert.True(tree.Read());
        Assert.Equal(faults, tree.Faults);
        Assert.False(tree.Read());
        Assert.False(tree.Read());
    }

    [Theory]
    [InlineData("abc", "   ")]
    [InlineData("acb", "  o")]
    [InlineData("aab", " B ")]
    [InlineData("cba", " oo")]
    [InlineData("cbac", " ood")]   // the second c is in order, but it is there twice
    [InlineData("bcab", "  od")]
    [InlineData("cbcc", " odB")]
    public void Order_and_repetition_of_names_are_told(string names, string faults)
    {
        var tree = new TreeReader(Nodes(string.Join(',', names.Select(name => $$"""{"name":"{{name}}","type":"fifo","mode":33554852}"""))));
        string found = "";
        while (tree.Read())
        {
            found += tree.Faults switch
            {
                NodeFaults.None => ' ',
                NodeFaults.OutOfOrder => 'o',
                NodeFaults.DuplicateName => 'd',
                NodeFaults.OutOfOrder | NodeFaults.DuplicateName => 'B',
                _ => '?',
            };
        }

        Assert.Equal(faults, found);
    }

    private static bool AreSame(Node a, Node b) =>
        a with { Content = null, LinkTarget = default, ExtendedAttributes = [], GenericAttributes = [] } ==
        b with { Content = null, LinkTarget = default, ExtendedAttributes = [], GenericAttributes = [] }
        && (a.Content ?? []).SequenceEqual(b.Content ?? [])
        && a.LinkTarget.Span.SequenceEqual(b.LinkTarget.Span)
        && a.ExtendedAttributes.Select(Shown).SequenceEqual(b.ExtendedAttributes.Select(Shown))
        && a.GenericAttributes.Count == b.GenericAttributes.Count;

    private static string Shown(ExtendedAttribute attribute) =>
        $"{attribute.Name}={(attribute.Value is { } value ? Convert.ToHexString(value.Span) : "null")}";

    private static ReadOnlyMemory<byte> Nodes(string nodes) => Bytes($"{{\"nodes\":[{nodes}]}}\n");

    private static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
