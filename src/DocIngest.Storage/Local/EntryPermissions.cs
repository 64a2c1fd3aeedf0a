namespace DocIngest.Storage;

/// <summary>Who may use the files and folders that are made in a local folder.</summary>
public enum EntryPermissions
{
    /// <summary>Whoever the process's umask leaves, or the parent folder on Windows.</summary>
    Default,

    /// <summary>
    /// The owner alone: folders 0700, and files 0400, which are written once, by who creates them. As <see cref="Default"/> on Windows.
    /// </summary>
    Sealed,

    /// <summary>The owner alone: folders 0700, and files 0600, which may be written again. As <see cref="Default"/> on Windows.</summary>
    Private,
}
