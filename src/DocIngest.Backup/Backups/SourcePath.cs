using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>Where in a source something is, as a chain: a path in words is needed only when something is wrong with it.</summary>
/// <param name="Parent">The folder it is in; null for the top itself.</param>
/// <param name="Name">Its name there.</param>
internal sealed record SourcePath(SourcePath? Parent, FileName Name)
{
    /// <summary>The folder whose entries are those of the root tree.</summary>
    internal static SourcePath Top { get; } = new(null, default);

    /// <summary>An entry of this folder.</summary>
    internal SourcePath Of(FileName name) => new(this, name);

    /// <summary>Fit for people: <c>/archive/inventory.json</c>.</summary>
    public override string ToString()
    {
        var names = new Stack<string>();
        for (var at = this; at.Parent is not null; at = at.Parent)
            names.Push(at.Name.ToString());
        return "/" + string.Join('/', names);
    }
}
