using System.Text;

namespace DocIngest.Archive.Validation;

/// <summary>Where a layout puts an object.</summary>
internal abstract record StorageLayout
{
    /// <summary>The layouts that a storage root may follow without saying so: those that need no parameters, with their defaults.</summary>
    public static IReadOnlyList<StorageLayout> Undeclared { get; } =
        [new FlatDirectLayout(), new HashAndIdLayout("sha256", 3, 3), new HashedTuplesLayout(HashedNTupleLayout.Default)];

    /// <summary>The object root's path below the storage root; null where the layout gives the id none.</summary>
    public abstract string? PathOf(string objectId);

    protected static string DigestOf(string objectId, string algorithm) =>
        DigestAlgorithm.Named(algorithm)?.Of(Encoding.UTF8.GetBytes(objectId)) ?? throw new InvalidOperationException("The layout's parameters were not checked.");

    protected static string Tuples(string text, int size, int count)
    {
        var path = new StringBuilder();
        for (int tuple = 0; tuple < count; tuple++)
        {
            path.Append(text, tuple * size, size).Append('/');
        }

        return path.ToString();
    }

    /// <summary>What follows the last delimiter; null where nothing does.</summary>
    protected static string? WithoutPrefix(string objectId, string delimiter)
    {
        int at = objectId.LastIndexOf(delimiter, StringComparison.OrdinalIgnoreCase);
        string rest = at < 0 ? objectId : objectId[(at + delimiter.Length)..];
        return rest.Length > 0 ? rest : null;
    }
}

/// <summary>Extension 0002: the id is the directory.</summary>
internal sealed record FlatDirectLayout : StorageLayout
{
    public const string ExtensionName = "0002-flat-direct-storage-layout";

    public override string PathOf(string objectId) => objectId;
}

/// <summary>Extension 0003: tuples of the digest, then the id, percent-encoded and shortened.</summary>
internal sealed record HashAndIdLayout(string DigestName, int TupleSize, int NumberOfTuples) : StorageLayout
{
    public const string ExtensionName = "0003-hash-and-id-n-tuple-storage-layout";

    private const int LongestName = 100;

    public override string PathOf(string objectId)
    {
        string digest = DigestOf(objectId, DigestName);
        string name = Encode(objectId);
        return Tuples(digest, TupleSize, NumberOfTuples) + (name.Length <= LongestName ? name : $"{name[..LongestName]}-{digest}");
    }

    private static string Encode(string objectId)
    {
        var name = new StringBuilder();
        foreach (byte each in Encoding.UTF8.GetBytes(objectId))
        {
            _ = char.IsAsciiLetterOrDigit((char)each) || each is (byte)'-' or (byte)'_' ? name.Append((char)each) : name.Append($"%{each:x2}");
        }

        return name.ToString();
    }
}

/// <summary>Extension 0004: tuples of the digest, then the digest.</summary>
internal sealed record HashedTuplesLayout(HashedNTupleLayout Parameters) : StorageLayout
{
    public override string PathOf(string objectId)
    {
        string digest = DigestOf(objectId, Parameters.DigestAlgorithm);
        string tuples = Tuples(digest, Parameters.TupleSize, Parameters.NumberOfTuples);
        return tuples + (Parameters.ShortObjectRoot ? digest[(Parameters.TupleSize * Parameters.NumberOfTuples)..] : digest);
    }
}

/// <summary>Extension 0006: what follows the last delimiter is the directory.</summary>
internal sealed record FlatOmitPrefixLayout(string Delimiter) : StorageLayout
{
    public const string ExtensionName = "0006-flat-omit-prefix-storage-layout";

    public override string? PathOf(string objectId) => WithoutPrefix(objectId, Delimiter);
}

/// <summary>Extension 0007: tuples of what follows the last delimiter, padded and perhaps reversed, then that.</summary>
internal sealed record NTupleOmitPrefixLayout(string Delimiter, int TupleSize, int NumberOfTuples, bool PadsRight, bool Reverses) : StorageLayout
{
    public const string ExtensionName = "0007-n-tuple-omit-prefix-storage-layout";

    public override string? PathOf(string objectId)
    {
        if (WithoutPrefix(objectId, Delimiter) is not { } name)
        {
            return null;
        }

        int length = TupleSize * NumberOfTuples;
        string padded = PadsRight ? name.PadRight(length, '0') : name.PadLeft(length, '0');
        return Tuples(Reverses ? new string([.. padded.Reverse()]) : padded, TupleSize, NumberOfTuples) + name;
    }
}
