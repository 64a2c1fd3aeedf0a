using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Trees;

/// <summary>Reads nodes from JSON, one after the other.</summary>
internal sealed class NodeParser
{
    /// <summary>What a time is in Go until somebody sets it: 0001-01-01T00:00:00Z.</summary>
    private static readonly ZonedTime Unset = new(new UnixTime(-62_135_596_800, 0));

    private readonly List<BlobId> _ids = [];
    private readonly RepeatedText _users = new();
    private readonly RepeatedText _groups = new();

    /// <param name="json">At the first token of the node; left at the last.</param>
    /// <exception cref="MalformedTreeException">No node, or a value that no node can have.</exception>
    /// <exception cref="JsonException">No JSON.</exception>
    internal Node Parse(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartObject, "A node is no JSON object.");
        var found = new Fields();
        while (Next(ref json) is JsonTokenType.PropertyName)
        {
            var field = json.ValueIsEscaped ? GoJsonText.Unescape(json.ValueSpan) : json.ValueSpan;
            Next(ref json);

            // As in Go, null leaves a field as if it were not there.
            if (json.TokenType is JsonTokenType.Null)
                continue;
            if (!Common(field, ref json, ref found) && !Rare(field, ref json, ref found))
                json.Skip();
        }

        return found.ToNode();
    }

    /// <summary>What nearly every node has.</summary>
    private bool Common(ReadOnlySpan<byte> field, ref Utf8JsonReader json, ref Fields found)
    {
        if (field.SequenceEqual("name"u8))
            found.Name = Name(ref json);
        else if (field.SequenceEqual("type"u8))
            found.Type = NodeTypes.FromWord(Text(ref json));
        else if (field.SequenceEqual("mode"u8))
            found.Mode = new GoFileMode(Number32(ref json));
        else if (field.SequenceEqual("mtime"u8))
            found.Modified = Time(ref json);
        else if (field.SequenceEqual("atime"u8))
            found.Accessed = Time(ref json);
        else if (field.SequenceEqual("ctime"u8))
            found.Changed = Time(ref json);
        else if (field.SequenceEqual("uid"u8))
            found.UserId = Number32(ref json);
        else if (field.SequenceEqual("gid"u8))
            found.GroupId = Number32(ref json);
        else if (field.SequenceEqual("user"u8))
            found.User = _users.Of(Text(ref json));
        else if (field.SequenceEqual("group"u8))
            found.Group = _groups.Of(Text(ref json));
        else if (field.SequenceEqual("inode"u8))
            found.Inode = Number(ref json);
        else if (field.SequenceEqual("device_id"u8))
            found.DeviceId = Number(ref json);
        else if (field.SequenceEqual("size"u8))
            found.SizeBytes = Number(ref json);
        else if (field.SequenceEqual("links"u8))
            found.LinkCount = Number(ref json);
        else if (field.SequenceEqual("content"u8))
            found.Content = Ids(ref json);
        else if (field.SequenceEqual("subtree"u8))
            found.Subtree = Id(ref json);
        else
            return false;
        return true;
    }

    private static bool Rare(ReadOnlySpan<byte> field, ref Utf8JsonReader json, ref Fields found)
    {
        if (field.SequenceEqual("linktarget"u8))
            found.LinkTarget = Text(ref json).ToArray();
        else if (field.SequenceEqual("linktarget_raw"u8))
            found.RawLinkTarget = Bytes(ref json);
        else if (field.SequenceEqual("extended_attributes"u8))
            found.ExtendedAttributes = ExtendedAttributes(ref json);
        else if (field.SequenceEqual("generic_attributes"u8))
            found.GenericAttributes = GenericAttributes(ref json);
        else if (field.SequenceEqual("device"u8))
            found.Device = Number(ref json);
        else if (field.SequenceEqual("error"u8))
            found.Error = System.Text.Encoding.UTF8.GetString(Text(ref json));
        else
            return false;
        return true;
    }

    private static FileName Name(ref Utf8JsonReader json)
    {
        Demand(GoQuote.TryUnquote(Text(ref json), out byte[]? name), "A node's name has a malformed escape.");
        return FileName.Owning(name ?? []);   // never null where the demand holds
    }

    private static ZonedTime Time(ref Utf8JsonReader json)
    {
        Demand(ZonedTime.TryParse(Text(ref json), out var time), "A node's time is not RFC 3339 with a zone.");
        return time;
    }

    private static ulong Number(ref Utf8JsonReader json)
    {
        ulong number = 0;
        Demand(json.TokenType is JsonTokenType.Number && json.TryGetUInt64(out number), "A number of a node is none, or too large.");
        return number;
    }

    private static uint Number32(ref Utf8JsonReader json)
    {
        ulong number = Number(ref json);
        Demand(number <= uint.MaxValue, "A number of a node is too large.");
        return (uint)number;
    }

    private BlobId[] Ids(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartArray, "A node's content is no list.");
        _ids.Clear();
        while (Next(ref json) is not JsonTokenType.EndArray)
            _ids.Add(Id(ref json));
        return [.. _ids];
    }

    private static BlobId Id(ref Utf8JsonReader json)
    {
        Span<byte> hash = stackalloc byte[Sha256Digest.SizeBytes];
        var hex = Text(ref json);
        Demand(
            hex.Length == Sha256Digest.HexLength && Convert.FromHexString(hex, hash, out _, out _) is OperationStatus.Done,
            "A blob id is not 64 hexadecimal digits.");
        return new BlobId(new Sha256Digest(hash));
    }

    private static byte[] Bytes(ref Utf8JsonReader json)
    {
        var text = Text(ref json);
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        Demand(Base64.DecodeFromUtf8(text, bytes, out _, out int length) is OperationStatus.Done, "Bytes of a node are not in base64.");
        return bytes.AsSpan(0, length).ToArray();
    }

    private static List<ExtendedAttribute> ExtendedAttributes(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartArray, "A node's extended attributes are no list.");
        var attributes = new List<ExtendedAttribute>();
        while (Next(ref json) is not JsonTokenType.EndArray)
        {
            Demand(json.TokenType is JsonTokenType.StartObject, "An extended attribute is no JSON object.");
            string name = "";
            ReadOnlyMemory<byte>? value = null;
            while (Next(ref json) is JsonTokenType.PropertyName)
            {
                bool isName = json.ValueTextEquals("name"u8);
                bool isValue = json.ValueTextEquals("value"u8);
                Next(ref json);
                if (json.TokenType is JsonTokenType.Null)
                    continue;
                if (isName)
                    name = System.Text.Encoding.UTF8.GetString(Text(ref json));
                else if (isValue)
                    value = Bytes(ref json);
                else
                    json.Skip();
            }

            attributes.Add(new ExtendedAttribute(name, value));
        }

        return attributes;
    }

    private static List<GenericAttribute> GenericAttributes(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartObject, "A node's generic attributes are no JSON object.");
        var attributes = new List<GenericAttribute>();
        while (Next(ref json) is JsonTokenType.PropertyName)
        {
            string name = System.Text.Encoding.UTF8.GetString(GoJsonText.Unescape(json.ValueSpan));
            Next(ref json);
            using var value = JsonDocument.ParseValue(ref json);
            attributes.RemoveAll(attribute => attribute.Name == name);
            attributes.Add(new GenericAttribute(name, JsonMarshal.GetRawUtf8Value(value.RootElement).ToArray()));
        }

        return attributes;
    }

    private static ReadOnlySpan<byte> Text(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.String, "A text of a node is none.");
        return GoJsonText.Unescape(json.ValueSpan);
    }

    private static JsonTokenType Next(ref Utf8JsonReader json)
    {
        Demand(json.Read(), "The tree ends within a node.");
        return json.TokenType;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new MalformedTreeException(otherwise);
    }

    /// <summary>A node in the making.</summary>
    private struct Fields()
    {
        internal FileName Name;
        internal NodeType Type;
        internal GoFileMode Mode;
        internal ZonedTime Modified = Unset;
        internal ZonedTime Accessed = Unset;
        internal ZonedTime Changed = Unset;
        internal uint UserId;
        internal uint GroupId;
        internal string User = "";
        internal string Group = "";
        internal ulong Inode;
        internal ulong DeviceId;
        internal ulong SizeBytes;
        internal ulong LinkCount;
        internal byte[]? LinkTarget;
        internal byte[]? RawLinkTarget;
        internal List<ExtendedAttribute>? ExtendedAttributes;
        internal List<GenericAttribute>? GenericAttributes;
        internal ulong Device;
        internal BlobId[]? Content;
        internal BlobId? Subtree;
        internal string Error = "";

        internal readonly Node ToNode() => new()
        {
            Name = Name,
            Type = Type,
            Mode = Mode,
            Modified = Modified,
            Accessed = Accessed,
            Changed = Changed,
            UserId = UserId,
            GroupId = GroupId,
            User = User,
            Group = Group,
            Inode = Inode,
            DeviceId = DeviceId,
            SizeBytes = SizeBytes,
            LinkCount = LinkCount,
            LinkTarget = RawLinkTarget ?? LinkTarget,
            ExtendedAttributes = ExtendedAttributes ?? [],
            GenericAttributes = GenericAttributes ?? [],
            Device = Device,
            Content = Content,
            Subtree = Subtree,
            Error = Error,
        };
    }

    /// <summary>Text that mostly is the same again: the owner of a directory's files.</summary>
    private sealed class RepeatedText
    {
        private byte[] _lastBytes = [];
        private string _last = "";

        internal string Of(ReadOnlySpan<byte> utf8)
        {
            if (!utf8.SequenceEqual(_lastBytes))
            {
                _lastBytes = utf8.ToArray();
                _last = System.Text.Encoding.UTF8.GetString(utf8);
            }

            return _last;
        }
    }
}
