using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Trees;

/// <summary>Writes the canonical bytes of a tree blob, node by node: the same nodes always give restic's own bytes (restic-format 9.1).</summary>
/// <remarks>For one thread. <see cref="Clear"/> makes it ready for the next directory and keeps the memory.</remarks>
internal sealed class TreeWriter
{
    private readonly GoJson _json = new(capacity: 4096);
    private FileName _last;
    private bool _isFinished;

    internal TreeWriter() => Begin();

    /// <summary>How many nodes are in.</summary>
    internal int Count { get; private set; }

    /// <summary>The canonical bytes of a directory.</summary>
    internal static byte[] Write(IEnumerable<Node> nodes)
    {
        var tree = new TreeWriter();
        foreach (var node in nodes)
            tree.Add(node);
        return tree.Finish().ToArray();
    }

    /// <exception cref="ArgumentException">The name is unsafe or does not come after the last, or the node is incomplete. Nothing was added.</exception>
    internal void Add(Node node)
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        Demand(node.Name.IsSafe, "A node's name is no name.");
        Demand(Count == 0 || _last.CompareTo(node.Name) < 0, "A node's name does not come after the one before it.");
        Demand(node.Type is not NodeType.Unknown, "A node is of an unknown type.");
        Demand(node.Type is NodeType.File == node.Content is not null, "Files have a list of content, and only they.");
        Demand(node.Type is NodeType.Directory == node.Subtree is not null, "Directories have a tree, and only they.");
        _last = node.Name;
        Count++;
        WriteNode(node);
    }

    /// <summary>The whole blob. Valid until <see cref="Clear"/>.</summary>
    internal ReadOnlyMemory<byte> Finish()
    {
        if (!_isFinished)
        {
            _json.EndArray();
            _json.EndObject();
            _json.LineFeed();
            _isFinished = true;
        }

        return _json.Written;
    }

    /// <summary>An empty directory again.</summary>
    internal void Clear()
    {
        _json.Clear();
        _isFinished = false;
        _last = default;
        Count = 0;
        Begin();
    }

    private void Begin()
    {
        _json.BeginObject();
        _json.Name("nodes"u8);
        _json.BeginArray();
    }

    /// <summary>The fields in restic's order; a change here changes the id of every tree.</summary>
    private void WriteNode(Node node)
    {
        _json.BeginObject();
        _json.Name("name"u8);
        _json.String(GoQuote.Quote(node.Name.Bytes));
        _json.Name("type"u8);
        _json.String(node.Type.Word());
        NonZero("mode"u8, node.Mode.Value);
        _json.Name("mtime"u8);
        _json.Time(node.Modified);
        _json.Name("atime"u8);
        _json.Time(node.Accessed);
        _json.Name("ctime"u8);
        _json.Time(node.Changed);
        _json.Name("uid"u8);
        _json.Number((ulong)node.UserId);
        _json.Name("gid"u8);
        _json.Number((ulong)node.GroupId);
        NonEmpty("user"u8, node.User);
        NonEmpty("group"u8, node.Group);
        NonZero("inode"u8, node.Inode);
        NonZero("device_id"u8, node.DeviceId);
        NonZero("size"u8, node.SizeBytes);
        NonZero("links"u8, node.LinkCount);
        WriteLinkTarget(node.LinkTarget.Span);
        WriteExtendedAttributes(node.ExtendedAttributes);
        WriteGenericAttributes(node.GenericAttributes);
        NonZero("device"u8, node.Device);
        WriteContent(node.Content);
        if (node.Subtree is { } subtree)
        {
            _json.Name("subtree"u8);
            _json.Digest(subtree.Digest);
        }

        NonEmpty("error"u8, node.Error);
        _json.EndObject();
    }

    private void WriteLinkTarget(ReadOnlySpan<byte> target)
    {
        if (target.IsEmpty)
            return;
        _json.Name("linktarget"u8);
        _json.String(target);
        if (System.Text.Unicode.Utf8.IsValid(target))
            return;
        _json.Name("linktarget_raw"u8);
        _json.Base64(target);
    }

    private void WriteExtendedAttributes(IReadOnlyList<ExtendedAttribute> attributes)
    {
        if (attributes.Count == 0)
            return;
        _json.Name("extended_attributes"u8);
        _json.BeginArray();
        foreach (var (name, value) in attributes)
        {
            _json.BeginObject();
            _json.Name("name"u8);
            _json.String(name);
            _json.Name("value"u8);
            if (value is { } bytes)
                _json.Base64(bytes.Span);
            else
                _json.Null();
            _json.EndObject();
        }

        _json.EndArray();
    }

    private void WriteGenericAttributes(IReadOnlyList<GenericAttribute> attributes)
    {
        if (attributes.Count == 0)
            return;
        _json.Name("generic_attributes"u8);
        _json.BeginObject();

        // Go sorts the keys of a map by their bytes.
        foreach (var (name, json) in attributes.OrderBy(attribute => FileName.FromUtf16(attribute.Name)))
        {
            _json.Key(name);
            _json.Compacted(json.Span);
        }

        _json.EndObject();
    }

    private void WriteContent(IReadOnlyList<BlobId>? content)
    {
        _json.Name("content"u8);
        if (content is null)
        {
            _json.Null();
            return;
        }

        _json.BeginArray();
        for (int i = 0; i < content.Count; i++)
            _json.Digest(content[i].Digest);
        _json.EndArray();
    }

    private void NonZero(ReadOnlySpan<byte> name, ulong value)
    {
        if (value == 0)
            return;
        _json.Name(name);
        _json.Number(value);
    }

    private void NonEmpty(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length == 0)
            return;
        _json.Name(name);
        _json.String(value);
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new ArgumentException(otherwise, "node");
    }
}
