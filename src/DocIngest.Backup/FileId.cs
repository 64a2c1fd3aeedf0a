namespace DocIngest.Backup;

/// <summary>Names a file of a repository: the SHA-256 of the bytes stored in it (only <c>config</c> has none).</summary>
public readonly record struct FileId(Sha256Digest Digest) : IComparable<FileId>
{
    /// <summary>The id of stored bytes.</summary>
    public static FileId Of(ReadOnlySpan<byte> content) => new(Sha256Digest.Of(content));

    /// <summary>Reads 64 hexadecimal digits of either case.</summary>
    public static bool TryParse(string? hex, out FileId id)
    {
        bool isId = Sha256Digest.TryParse(hex, out var digest);
        id = new FileId(digest);
        return isId;
    }

    /// <inheritdoc />
    public int CompareTo(FileId other) => Digest.CompareTo(other.Digest);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Digest.ToString();
}
