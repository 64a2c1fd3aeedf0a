using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Keys;

/// <summary>Key files and the master key as JSON. Key files are the only ones that are neither sealed nor compressed (restic-format 3.3).</summary>
internal static class KeyFileCodec
{
    private const string KnownDerivation = "scrypt";

    /// <exception cref="InvalidDataException">No key file, or one that restic would not use.</exception>
    /// <exception cref="UnsupportedRepositoryException">Another way from password to key.</exception>
    internal static KeyFile Read(ReadOnlyMemory<byte> content) => JsonFields.Read(content, fields =>
    {
        if (fields.Text("kdf") != KnownDerivation)
            throw new UnsupportedRepositoryException("A key file uses another key derivation than scrypt.");
        var parameters = new ScryptParameters(fields.Integer("N") ?? 0, fields.Integer("r") ?? 0, fields.Integer("p") ?? 0);
        byte[] salt = fields.Bytes("salt") ?? [];
        Demand(parameters.AreAllowed, "The parameters of the key derivation are not allowed.");
        Demand(salt.Length == Scrypt.SaltBytes, $"The salt has {salt.Length} bytes, not {Scrypt.SaltBytes}.");
        return new KeyFile
        {
            Created = fields.Time("created"),
            UserName = fields.Text("username") ?? "",
            HostName = fields.Text("hostname") ?? "",
            Parameters = parameters,
            Salt = salt,
            SealedKey = fields.Bytes("data") ?? [],
        };
    });

    internal static byte[] Write(KeyFile file)
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("created"u8);
        json.Time(file.Created ?? default);
        json.Name("username"u8);
        json.String(file.UserName);
        json.Name("hostname"u8);
        json.String(file.HostName);
        json.Name("kdf"u8);
        json.String(KnownDerivation);
        json.Name("N"u8);
        json.Number(file.Parameters.N);
        json.Name("r"u8);
        json.Number(file.Parameters.R);
        json.Name("p"u8);
        json.Number(file.Parameters.P);
        json.Name("salt"u8);
        json.Base64(file.Salt);
        json.Name("data"u8);
        json.Base64(file.SealedKey);
        json.EndObject();
        return json.Written.ToArray();
    }

    /// <summary>The plaintext of <see cref="KeyFile.SealedKey"/>.</summary>
    /// <exception cref="InvalidDataException">Not the three parts of a key, or one of them is all zeros.</exception>
    internal static MasterKey ReadMasterKey(ReadOnlyMemory<byte> content) => JsonFields.Read(content, fields =>
    {
        var mac = fields.Object("mac");
        byte[] key = [.. fields.Bytes("encrypt") ?? [], .. mac?.Bytes("k") ?? [], .. mac?.Bytes("r") ?? []];
        Demand(key.Length == MasterKey.SizeBytes && MasterKey.IsValid(key), "The master key is incomplete.");
        return new MasterKey(key);
    });

    internal static byte[] WriteMasterKey(MasterKey masterKey)
    {
        Span<byte> key = stackalloc byte[MasterKey.SizeBytes];
        masterKey.Export(key);
        var json = new GoJson();
        json.BeginObject();
        json.Name("mac"u8);
        json.BeginObject();
        json.Name("k"u8);
        json.Base64(key.Slice(32, 16));
        json.Name("r"u8);
        json.Base64(key.Slice(48, 16));
        json.EndObject();
        json.Name("encrypt"u8);
        json.Base64(key[..32]);
        json.EndObject();
        key.Clear();
        return json.Written.ToArray();
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
