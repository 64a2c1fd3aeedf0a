namespace DocIngest.Backup.Restores;

/// <summary>Something of a snapshot that is not in the target as the snapshot has it.</summary>
/// <param name="Path">Where in the snapshot: names from the root on after a slash each, as <see cref="Storage.RawName"/> carries them. For people, by its <see cref="Storage.RawName.ToDisplay"/>.</param>
/// <param name="Kind">What kind of problem.</param>
/// <param name="Message">What is wrong, for an operator. Names no file.</param>
public sealed record RestoreProblem(string Path, RestoreProblemKind Kind, string Message);

/// <summary>The kinds of problems of a restore.</summary>
public enum RestoreProblemKind
{
    /// <summary>The name is none that may be used here: it would lead elsewhere. Nothing of it, and of what is below, was restored.</summary>
    UnsafeName,

    /// <summary>Its directory has had this name already. The first was restored.</summary>
    DuplicateName,

    /// <summary>Something else stands there, and stays. Nothing of the entry, and of what is below, was restored.</summary>
    Conflict,

    /// <summary>The repository does not give the content, or not as much as the entry says. It is not there under its name.</summary>
    Damaged,

    /// <summary>An entry of a kind that cannot be made here.</summary>
    Unsupported,

    /// <summary>The system refused to make it. It is not there under its name.</summary>
    NotWritten,

    /// <summary>It is there with its content, but something of its metadata could not be set.</summary>
    IncompleteMetadata,
}
