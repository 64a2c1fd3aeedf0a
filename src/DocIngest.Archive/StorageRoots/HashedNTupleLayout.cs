using System.Security.Cryptography;
using System.Text;

namespace DocIngest.Archive;

/// <summary>Where objects lie below the storage root: extension 0004-hashed-n-tuple-storage-layout.</summary>
/// <remarks>
/// We write the extension's defaults: sha256, three tuples of three digits, then the whole digest. 4,096 folders a level
/// keep every folder small up to hundreds of millions of objects, and hexadecimal names are legal everywhere.
/// </remarks>
internal sealed record HashedNTupleLayout(string DigestAlgorithm, int TupleSize, int NumberOfTuples, bool ShortObjectRoot)
{
    public const string ExtensionName = "0004-hashed-n-tuple-storage-layout";

    public static HashedNTupleLayout Default { get; } = new("sha256", TupleSize: 3, NumberOfTuples: 3, ShortObjectRoot: false);

    /// <summary>The object root's path below the storage root.</summary>
    public string PathOf(string objectId)
    {
        string digest = DigestOf(objectId);
        var path = new StringBuilder(digest.Length + TupleSize * NumberOfTuples + NumberOfTuples);
        for (int tuple = 0; tuple < NumberOfTuples; tuple++)
        {
            path.Append(digest, tuple * TupleSize, TupleSize).Append('/');
        }

        return path.Append(ShortObjectRoot ? digest[(TupleSize * NumberOfTuples)..] : digest).ToString();
    }

    /// <summary>Whether a folder <paramref name="depth"/> levels below the storage root (0 directly inside it) may bear this name.</summary>
    public bool IsTuple(string name, int depth) =>
        depth < NumberOfTuples && name.Length == TupleSize && name.All(char.IsAsciiHexDigitLower);

    private string DigestOf(string objectId)
    {
        var algorithm = new HashAlgorithmName(DigestAlgorithm.ToUpperInvariant());
        return Convert.ToHexStringLower(CryptographicOperations.HashData(algorithm, Encoding.UTF8.GetBytes(objectId)));
    }
}
