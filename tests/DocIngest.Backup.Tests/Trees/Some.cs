using CsCheck;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

/// <summary>Nodes for tests.</summary>
internal static class Some
{
    public static readonly BlobId Blob = BlobId.Of("hello"u8);

    private static readonly Gen<ZonedTime> Time = Gen.Select(Gen.Long[-2_000_000_000, 4_000_000_000], Gen.Int[0, 999_999_999], Gen.Int[-12, 14])
        .Select((seconds, nanoseconds, hours) => new ZonedTime(new UnixTime(seconds, nanoseconds), hours * 60));

    private static readonly Gen<BlobId> Id = Gen.Byte.Array[32].Select(bytes => new BlobId(new Sha256Digest(bytes)));

    private static readonly Gen<string> Word = Gen.OneOf(Gen.Const(""), Gen.String.Where(text => !text.Any(char.IsSurrogate)));

    private static readonly Gen<FileName> Name = Gen.Byte.Array[1, 40].Select(bytes => new FileName(bytes)).Where(name => name.IsSafe);

    private static readonly Gen<Node> AnyNode = Gen.Select(Name, Gen.Int[1, 7], Time, Gen.ULong, Word, Gen.Byte.Array[0, 20], Id.Array[0, 3]).Select(
        (name, type, time, number, word, bytes, ids) => Node((NodeType)type, name) with
        {
            Mode = new GoFileMode(((NodeType)type).ModeKind() | ((uint)number & 0x1ff)),
            Modified = time,
            Accessed = time,
            Changed = new ZonedTime(new UnixTime(time.Instant.Seconds, bytes.Length)),
            UserId = (uint)number,
            GroupId = (uint)(number >> 32),
            User = word,
            Group = word.ToUpperInvariant(),
            Inode = number,
            DeviceId = number >> 7,
            LinkCount = number & 3,
            LinkTarget = (NodeType)type is NodeType.Symlink ? bytes : default,
            ExtendedAttributes = [.. ids.Select(id => new ExtendedAttribute($"user.{word}", bytes)).Append(new ExtendedAttribute("user.none", null)).Skip(1)],
            GenericAttributes = [.. ids.Select((_, i) => new GenericAttribute($"windows.{word}{i}", "{\"a\":[1,\"b\"]}"u8.ToArray()))],
            Device = (NodeType)type is NodeType.Device ? number : 0,
            Content = (NodeType)type is NodeType.File ? ids : null,
            SizeBytes = ids.Length > 0 && (NodeType)type is NodeType.File ? number : 0,
            Error = word,
        });

    /// <summary>Any nodes that can stand in one directory.</summary>
    public static readonly Gen<Node[]> Directory = AnyNode.Array[0, 12]
        .Select(nodes => nodes.DistinctBy(node => node.Name).OrderBy(node => node.Name).ToArray());

    /// <summary>The least that a node of this type needs.</summary>
    public static Node Node(NodeType type, FileName name) => new()
    {
        Name = name,
        Type = type,
        Mode = new GoFileMode(type.ModeKind() | 0x1ed),
        Content = type is NodeType.File ? [Blob] : null,
        Subtree = type is NodeType.Directory ? Blob : null,
    };

    public static Node File(string name) => Node(NodeType.File, FileName.FromRaw(name));
}
