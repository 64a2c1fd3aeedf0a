namespace DocIngest.Backup.Restores;

/// <summary>One entry cannot be restored; the others can. Nothing of it is there under its name.</summary>
/// <param name="kind">What the result says of it.</param>
/// <param name="message">What is wrong. Names no file.</param>
internal sealed class EntryNotRestoredException(RestoreProblemKind kind, string message) : Exception(message)
{
    internal RestoreProblemKind Kind { get; } = kind;
}
