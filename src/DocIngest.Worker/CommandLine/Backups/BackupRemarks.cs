using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What must be said although nobody asked. On standard error.</summary>
internal static class BackupRemarks
{
    /// <summary>On every backup into the data folder. Not to be silenced: who reads only errors must read it too.</summary>
    public static void OnSameDisk(CommandOutput output, RepositoryAccess access)
    {
        if (access.IsInDataFolder)
        {
            output.Error(
                $"warning: {access.Location} lies in the data folder. A copy on the same disk is no backup:"
                + " name another place in the configuration (backup.repository) or with --repo.");
        }
    }

    /// <summary>On every backup of a data folder whose archive is elsewhere. Not to be silenced, likewise.</summary>
    public static void OnArchiveElsewhere(CommandOutput output, RepositoryAccess access)
    {
        if (access.ArchiveElsewhere is { } archive)
        {
            output.Error(
                $"warning: the archive is at {archive}, and is NOT in this backup: its records have no copy but those that the storage account keeps."
                + " Keep one with 'docingest archive copy --to FOLDER', and back up that folder (backup.paths).");
        }
    }

    /// <summary>On a repository that was just made.</summary>
    public static void OnNewRepository(CommandOutput output, RepositoryAccess access)
    {
        if (access.IsEmbedded)
        {
            OnDrawnPassword(output, access);
        }
        else
        {
            output.Remark("Who loses its password loses the backups: see 'docingest backup key escrow --help'.");
        }
    }

    /// <summary>On a password that this program drew.</summary>
    public static void OnDrawnPassword(CommandOutput output, RepositoryAccess access) => output.Remark(
        $"Its password was drawn and is in {access.GeneratedPasswordFile}. Who loses that file loses the backups:"
        + " take a copy off this machine, or see 'docingest backup key escrow --help'.");
}
