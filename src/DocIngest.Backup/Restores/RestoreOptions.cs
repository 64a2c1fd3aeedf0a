namespace DocIngest.Backup.Restores;

/// <summary>What is restored of a snapshot, and what may happen to what stands there already.</summary>
public sealed record RestoreOptions
{
    /// <summary>Patterns of what is restored, with all below it (see <see cref="PathPattern"/>). Default none: everything.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of what is left out, with all below it, also where <see cref="Include"/> takes it. Default none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The folder of the snapshot that comes to the target, by the names that lead to it; patterns begin there too. Default: its root.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>Directories that are left out with all below them, by their paths from <see cref="From"/> on, a slash before each name. Any number: a million costs no more than one. Default none.</summary>
    public IReadOnlySet<string> LeftOut { get; init; } = new HashSet<string>();

    /// <summary>Whether files, links, FIFOs and devices that differ are replaced. Default false: each is a conflict, and stays as it is.</summary>
    /// <remarks>
    /// Never replaced, whatever is said here: a directory by something else, and something else by a directory. A link that stands where
    /// a directory belongs would lead out of the target; a directory may hold what nobody else has.
    /// </remarks>
    public bool ReplacesDifferent { get; init; }

    /// <summary>Whether only to look: the target is read and stays as it is, content of the repository is not. Default false.</summary>
    public bool IsDryRun { get; init; }
}
