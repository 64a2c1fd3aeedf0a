using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources;

/// <summary>What a backup reads: a tree of folders, files and links, from wherever.</summary>
public interface IBackupSource
{
    /// <summary>What the snapshot says was backed up. Snapshots of equal paths are compared with each other and counted together.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Which of the paths is the top itself, and no entry below it; null where none is.</summary>
    string? Top => null;

    /// <summary>Opens the top: the folder whose entries are those of the snapshot's root tree.</summary>
    /// <exception cref="Storage.StorageException">It cannot be opened. Nothing was read.</exception>
    ValueTask<ISourceFolder> OpenAsync(CancellationToken cancellation);
}

/// <summary>One open folder of a source. Everything is read relative to it, so a folder moved meanwhile stays the one it was.</summary>
/// <remarks>For any number of threads, until it is disposed; what was opened from it lives on.</remarks>
public interface ISourceFolder : IDisposable
{
    /// <summary>What is in the folder, ascending by the bytes of the names. Each entry is looked at when it is asked for.</summary>
    /// <remarks>Sockets are left out: who listens on one makes it anew. So is what vanishes between listing and look.</remarks>
    /// <exception cref="Storage.StorageException">The folder cannot be listed, or not to its end. Entries before the error are true.</exception>
    IAsyncEnumerable<SourceEntry> ListAsync(CancellationToken cancellation);

    /// <summary>Opens a folder in this one.</summary>
    /// <param name="folder">As <see cref="ListAsync"/> gave it.</param>
    /// <exception cref="Storage.EntryNotFoundException">It has vanished.</exception>
    /// <exception cref="Storage.RefusedEntryException">It is no folder any more.</exception>
    /// <exception cref="Storage.StorageException">It cannot be opened.</exception>
    ValueTask<ISourceFolder> OpenFolderAsync(Node folder, CancellationToken cancellation);

    /// <summary>Opens a regular file in this folder, and nothing that has taken its place: no link, device or FIFO.</summary>
    /// <param name="file">As <see cref="ListAsync"/> gave it.</param>
    /// <exception cref="Storage.EntryNotFoundException">It has vanished.</exception>
    /// <exception cref="Storage.RefusedEntryException">It is no regular file any more.</exception>
    /// <exception cref="Storage.StorageException">It cannot be opened.</exception>
    ValueTask<SourceFile> OpenFileAsync(Node file, CancellationToken cancellation);
}

/// <summary>An entry of a folder, or what keeps it from being backed up.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Node">What it is, without content or tree; null where that cannot be told.</param>
/// <param name="Problem">What cannot be backed up of it: to be listed, and the backup is then a partial one. Null where all is well.</param>
/// <param name="AskedFor">Which of the source's paths it is itself; null where it is only above or below one.</param>
public sealed record SourceEntry(FileName Name, Node? Node, SourceProblem? Problem = null, string? AskedFor = null);

/// <summary>Why something is missing in a backup.</summary>
/// <param name="Kind">What kind of problem.</param>
/// <param name="Message">What failed, for an operator. Names no file.</param>
public sealed record SourceProblem(SourceProblemKind Kind, string Message);

/// <summary>The kinds of problems with an entry.</summary>
public enum SourceProblemKind
{
    /// <summary>It cannot be looked at.</summary>
    Unreadable,

    /// <summary>Its content will be there, but not all that is known of it (owner's name, extended attributes).</summary>
    IncompleteMetadata,

    /// <summary>What was asked to be backed up is not there at all.</summary>
    Missing,

    /// <summary>What was asked to be backed up is a link; only the link is stored, not what it leads to.</summary>
    SourceIsLink,

    /// <summary>It is of a kind that no snapshot can hold.</summary>
    Unsupported,
}

/// <summary>An open file of a source.</summary>
/// <param name="node">What was opened, looked at after opening: other times and another inode than listed where it was replaced meanwhile.</param>
/// <param name="content">From the first byte on. Reading to the end tells the size; the file may grow and shrink meanwhile.</param>
public sealed class SourceFile(Node node, Stream content) : IAsyncDisposable, IDisposable
{
    /// <summary>The file that was opened.</summary>
    public Node Node { get; } = node;

    /// <summary>What is in it. Errors are storage errors.</summary>
    public Stream Content { get; } = content;

    /// <inheritdoc />
    public void Dispose() => Content.Dispose();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
