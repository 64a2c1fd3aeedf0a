using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Reads the small files of a repository, and makes findings of those that cannot be read.</summary>
internal sealed class FileFaults(Repository repository, FindingList findings)
{
    /// <summary>Tells why a file could not be used: its bytes, or what is in them.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its name.</param>
    /// <param name="unreadable">The rule for bytes that are what the name says, and of no use.</param>
    /// <param name="error">What happened.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False where the file is gone: that is no fault.</returns>
    internal async Task<bool> TellAsync(FileKind kind, FileId id, FindingRule unreadable, Exception error, CancellationToken cancellation)
    {
        if (error is EntryNotFoundException)
            return false;
        bool? isAsNamed = error is StorageException ? null : await IsAsNamedAsync(kind, id, cancellation);
        var rule = isAsNamed switch
        {
            null => FindingRules.NotGiven,
            true => unreadable,
            false => FindingRules.NotAsNamed,
        };
        findings.Add(new CheckFinding(rule, error.Message) { Kind = kind, File = id });
        return true;
    }

    private async Task<bool?> IsAsNamedAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        try
        {
            await repository.Store.ReadVerifiedAsync(kind, id, UnpackedCodec.MaxBytes, cancellation);
            return true;
        }
        catch (DamagedRepositoryException)
        {
            return false;
        }
        catch (StorageException)
        {
            return null;
        }
    }
}
