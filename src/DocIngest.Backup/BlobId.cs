namespace DocIngest.Backup;

/// <summary>Names a blob: the SHA-256 of its plaintext. With its <see cref="BlobType"/> it is the blob's identity.</summary>
public readonly record struct BlobId(Sha256Digest Digest) : IComparable<BlobId>
{
    /// <summary>The id of plaintext.</summary>
    public static BlobId Of(ReadOnlySpan<byte> content) => new(Sha256Digest.Of(content));

    /// <summary>Reads 64 hexadecimal digits of either case.</summary>
    public static bool TryParse(string? hex, out BlobId id)
    {
        bool isId = Sha256Digest.TryParse(hex, out var digest);
        id = new BlobId(digest);
        return isId;
    }

    /// <inheritdoc />
    public int CompareTo(BlobId other) => Digest.CompareTo(other.Digest);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Digest.ToString();
}
