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
                $"warning: {access.Place} lies in the data folder. A copy on the same disk is no backup: name another place in the configuration (backup.repository) or with --repo.");
        }
    }

    public static void OnNewRepository(CommandOutput output, RepositoryAccess access)
    {
        OnSameDisk(output, access);
        output.Remark(access.IsEmbedded
            ? $"Its password was drawn and is in {access.GeneratedPasswordFile}. Who loses that file and this disk loses the backups: see 'docingest backup key escrow --help'."
            : "Who loses its password loses the backups: see 'docingest backup key escrow --help'.");
    }
}
