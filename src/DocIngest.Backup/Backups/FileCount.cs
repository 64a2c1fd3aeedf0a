namespace DocIngest.Backup.Backups;

/// <summary>How many files there are somewhere, and of how many bytes.</summary>
internal readonly record struct FileCount(ulong Files, ulong Bytes)
{
    public static FileCount operator +(FileCount one, FileCount other) => new(one.Files + other.Files, one.Bytes + other.Bytes);

    /// <inheritdoc />
    public override string ToString() => $"{Files} files of {Bytes} bytes";
}
