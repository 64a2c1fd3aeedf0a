using System.CommandLine;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Which snapshots a command is about; named as restic names them.</summary>
internal sealed class FilterOptions
{
    private readonly Option<string[]> _host = new("--host") { Description = "Only snapshots of this host. May be repeated.", HelpName = "NAME" };
    private readonly Option<string[]> _path = new("--path")
    {
        Description = "Only snapshots of this absolute path. Repeated: of all of them.",
        HelpName = "PATH",
    };
    private readonly Option<string[]> _tag = new("--tag")
    {
        Description = "Only snapshots with all these tags, comma-separated. Repeated: with one of the lists.",
        HelpName = "TAG[,TAG…]",
    };

    public IEnumerable<Symbol> All => [_host, _path, _tag];

    public SnapshotFilter Of(CommandContext context) => new()
    {
        Hosts = context.Get(_host) ?? [],
        Paths = context.Get(_path) ?? [],
        Tags = TagLists(context.Get(_tag)),
    };

    /// <summary>Lists of tags as restic reads them.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> TagLists(string[]? lists) =>
        [.. (lists ?? []).Select(list => list.Split(',', StringSplitOptions.TrimEntries))];
}
