using DocIngest.Backup;
using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>Whether the backups could be opened if this machine were lost, as far as it can be told without a password.</summary>
/// <param name="Repository">Where.</param>
/// <param name="Exists">Whether there is a repository; null where that cannot be told.</param>
/// <param name="Keys">How many passwords it has.</param>
/// <param name="Escrows">Escrows of its master key that were made from this data folder; null where this account may not know.</param>
/// <param name="Problem">Why something cannot be told.</param>
internal sealed record KeySafety(string Repository, bool? Exists, int Keys, int? Escrows, string? Problem)
{
    /// <summary>Whether the one password, as far as anybody knows, is on this machine alone.</summary>
    public bool OnlyKeyIsHere => Exists is true && Keys <= 1 && Escrows is 0;

    /// <summary>Whether that may be so, and this account may not know.</summary>
    public bool OnlyKeyMayBeHere => Exists is true && Keys <= 1 && Escrows is null;

    /// <summary>Looks.</summary>
    /// <remarks>Nothing thrown by a repository leaves here: the rest of the screen must be seen.</remarks>
    public static async Task<KeySafety> LookAsync(RepositoryAccess access, CancellationToken cancellation)
    {
        try
        {
            if (await access.ReadConfigAsync(cancellation) is not { } config)
            {
                return None(access);
            }

            int keys = await access.Store.ListAsync(FileKind.Key, cancellation).CountAsync(cancellation);
            return CountEscrows(access, EscrowRecords.NameOf(config), keys);
        }
        catch (Exception error) when (error is StorageException or BackupException)
        {
            return Unknown(access, error.Message);
        }
    }

    /// <summary>Where a repository did not answer.</summary>
    public static KeySafety Unknown(RepositoryAccess access, string problem) => new(access.Location.DisplayName, null, 0, null, problem);

    private static KeySafety None(RepositoryAccess access) => new(access.Location.DisplayName, false, 0, 0, null);

    private static KeySafety CountEscrows(RepositoryAccess access, string repository, int keys)
    {
        try
        {
            int escrows = EscrowRecords.Read(access.Volumes, access.DataPath).Count(record => record.Repository == repository);
            return new KeySafety(access.Location.DisplayName, true, keys, escrows, null);
        }
        catch (StorageException)
        {
            return new KeySafety(access.Location.DisplayName, true, keys, null, "This account may not see which escrows were made.");
        }
    }
}
