using DocIngest.Backup.Chunking;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Repositories;

/// <summary>What holds for a whole repository (restic-format 4).</summary>
/// <param name="Version">1 or 2. Compression came with 2.</param>
/// <param name="Id">Tells repositories apart; 64 hexadecimal digits.</param>
/// <param name="ChunkerPolynomial">Where files are cut.</param>
public sealed record RepositoryConfig(int Version, string Id, Polynomial ChunkerPolynomial)
{
    /// <summary>The version of new repositories.</summary>
    public const int NewestVersion = 2;

    private const int IdBytes = 32;

    /// <summary>For a new repository, like no other.</summary>
    internal static RepositoryConfig Draw() =>
        new(NewestVersion, System.Security.Cryptography.RandomNumberGenerator.GetHexString(2 * IdBytes, lowercase: true), Polynomial.Draw());

    /// <exception cref="InvalidDataException">No config.</exception>
    /// <exception cref="UnsupportedRepositoryException">Of a version that does not exist yet.</exception>
    internal static RepositoryConfig Read(ReadOnlyMemory<byte> json) => JsonFields.Read(json, fields =>
    {
        long version = fields.Integer("version") ?? 0;
        if (version is < 1 or > NewestVersion)
            throw new UnsupportedRepositoryException($"The repository has format version {version}; 1 and 2 are known.");
        return Polynomial.TryParse(fields.Text("chunker_polynomial"), out var polynomial) && polynomial.IsUsable
            ? new RepositoryConfig((int)version, fields.Text("id") ?? "", polynomial)
            : throw new InvalidDataException("The chunker polynomial cannot be used.");
    });

    internal ReadOnlyMemory<byte> Write()
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("version"u8);
        json.Number((long)Version);
        json.Name("id"u8);
        json.String(Id);
        json.Name("chunker_polynomial"u8);
        json.String($"{ChunkerPolynomial}");
        json.EndObject();
        return json.Written;
    }
}
