namespace DocIngest.Backup.Trees;

/// <summary>Bytes that are no tree: restic cannot read them either. Nothing of it is used.</summary>
public sealed class MalformedTreeException(string message, Exception? inner = null) : BackupException(message, inner);
