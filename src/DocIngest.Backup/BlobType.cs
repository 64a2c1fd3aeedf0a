namespace DocIngest.Backup;

/// <summary>What a blob holds; a part of its identity (restic design, "Blobs").</summary>
public enum BlobType
{
    /// <summary>A piece of a file's content.</summary>
    Data,

    /// <summary>One directory as JSON.</summary>
    Tree,
}
