using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources;

/// <summary>A folder of which not all belongs to the backup: above what was asked for, or with something left out below.</summary>
internal sealed class SelectedFolder : ISourceFolder
{
    private static readonly SourceProblem Missing = new(SourceProblemKind.Missing, "What was to be backed up is not there.");

    private static readonly SourceProblem Link =
        new(SourceProblemKind.SourceIsLink, "What was to be backed up is a link: only the link is stored. Name what it leads to.");

    private readonly LocalFolder _folder;
    private readonly Selection _selection;

    private SelectedFolder(LocalFolder folder, Selection selection)
    {
        _folder = folder;
        _selection = selection;
    }

    /// <param name="folder">Taken over.</param>
    /// <param name="selection">Null for a folder that is wanted with all it holds.</param>
    internal static ISourceFolder Of(LocalFolder folder, Selection? selection) =>
        selection is null or { IsPlain: true } ? folder : new SelectedFolder(folder, selection);

    public IAsyncEnumerable<SourceEntry> ListAsync(CancellationToken cancellation) =>
        (_selection.IsWhole ? All(cancellation) : Wanted(cancellation)).ToAsyncEnumerable();

    public ValueTask<ISourceFolder> OpenFolderAsync(Node folder, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var below = _selection.Below(folder.Name);
        var inner = below is null or { IsWhole: true } ? _folder.OpenFolder(folder.Name) : _folder.OpenPassage(folder.Name);
        return ValueTask.FromResult(Of(inner, below));
    }

    public ValueTask<SourceFile> OpenFileAsync(Node file, CancellationToken cancellation) => _folder.OpenFileAsync(file, cancellation);

    public void Dispose() => _folder.Dispose();

    private IEnumerable<SourceEntry> All(CancellationToken cancellation)
    {
        var missing = _selection.Wanted.ToList();
        foreach (var entry in _folder.List(cancellation))
        {
            var below = _selection.Below(entry.Name);
            if (below is { IsLeftOut: true })
                continue;
            missing.Remove(entry.Name);
            yield return Judged(entry, below);
        }

        foreach (var name in missing)
            yield return new SourceEntry(name, null, Missing);
    }

    private IEnumerable<SourceEntry> Wanted(CancellationToken cancellation)
    {
        foreach (var name in _selection.Wanted)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return _selection.Below(name) is { IsWhole: true } below
                ? Judged(_folder.Describe(name) ?? new SourceEntry(name, null, Missing), below)
                : _folder.DescribePassage(name);
        }
    }

    /// <summary>What somebody named is not to go unnoticed where it is absent, or a link.</summary>
    private static SourceEntry Judged(SourceEntry entry, Selection? said)
    {
        if (said is not { LeadsToAskedFor: true })
            return entry;
        entry = entry with { AskedFor = said.AskedFor };
        if (entry is not { Node: { } node, Problem: null })
            return entry;
        if (said.AskedFor is null && node.Type is not NodeType.Directory)
            return entry with { Problem = Missing };   // it stands in the way of what was asked for
        return node.Type is NodeType.Symlink ? entry with { Problem = Link } : entry;
    }
}
