using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources;

/// <summary>An open folder of this machine. What differs from system to system lies behind it.</summary>
internal abstract class LocalFolder : ISourceFolder
{
    public IAsyncEnumerable<SourceEntry> ListAsync(CancellationToken cancellation) => List(cancellation).ToAsyncEnumerable();

    public ValueTask<ISourceFolder> OpenFolderAsync(Node folder, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ISourceFolder>(OpenFolder(folder.Name));
    }

    public ValueTask<SourceFile> OpenFileAsync(Node file, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(OpenFile(file));
    }

    public abstract void Dispose();

    /// <inheritdoc cref="ISourceFolder.ListAsync" />
    internal abstract IEnumerable<SourceEntry> List(CancellationToken cancellation);

    /// <summary>Looks at one entry; null where there is none of that name.</summary>
    internal abstract SourceEntry? Describe(FileName name);

    /// <summary>Looks at a folder above what was asked for, through a link if it is one.</summary>
    internal abstract SourceEntry DescribePassage(FileName name);

    /// <summary>Opens a folder to list it; never through a link.</summary>
    internal abstract LocalFolder OpenFolder(FileName name);

    /// <summary>Opens a folder above what was asked for, only to go on from it: it need not be readable, and may be a link.</summary>
    internal abstract LocalFolder OpenPassage(FileName name);

    /// <inheritdoc cref="ISourceFolder.OpenFileAsync" />
    internal abstract SourceFile OpenFile(Node file);
}
