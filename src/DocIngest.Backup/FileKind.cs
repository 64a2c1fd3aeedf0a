namespace DocIngest.Backup;

/// <summary>The kinds of files a repository consists of.</summary>
public enum FileKind
{
    /// <summary>The one file <c>config</c>.</summary>
    Config,

    /// <summary>The master key wrapped by a password.</summary>
    Key,

    /// <summary>A root tree with its time and origin.</summary>
    Snapshot,

    /// <summary>Where blobs lie in packs.</summary>
    Index,

    /// <summary>Who works in the repository just now.</summary>
    Lock,

    /// <summary>Sealed blobs end to end.</summary>
    Pack,
}
