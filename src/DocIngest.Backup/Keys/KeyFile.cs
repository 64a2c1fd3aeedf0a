using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Keys;

/// <summary>The master key sealed under a password, with what is known of who did it (restic-format 3.3).</summary>
/// <remarks>Nothing but <see cref="SealedKey"/> is authenticated: the rest is for people.</remarks>
public sealed record KeyFile
{
    /// <summary>When it was made; null where the file does not say.</summary>
    public ZonedTime? Created { get; init; }

    /// <summary>Who made it.</summary>
    public string UserName { get; init; } = "";

    /// <summary>Where it was made.</summary>
    public string HostName { get; init; } = "";

    /// <summary>What guessing the password costs.</summary>
    public required ScryptParameters Parameters { get; init; }

    /// <summary>64 bytes.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>The master key as JSON, sealed with the key that the password gives.</summary>
    public required byte[] SealedKey { get; init; }
}
