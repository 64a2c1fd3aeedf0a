using System.CommandLine;
using System.Globalization;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>How far a prune goes.</summary>
internal sealed class PruneLimitOptions
{
    private readonly Option<double?> _maxUnused = new("--max-unused")
    {
        Description = "How much of what stays may be unused, in percent of what is used, or 'unlimited' (default 5%).",
        HelpName = "PERCENT",
    };
    private readonly Option<long?> _maxRepackSize = new("--max-repack-size")
    {
        Description = "Rewrite at most so many bytes; K, M, G and T may follow.",
        HelpName = "SIZE",
    };
    private readonly Option<TimeSpan?> _grace = new("--grace")
    {
        Description = "How long packs that no index names are left alone: another host may be writing them (default 24h).",
        HelpName = "SPAN",
    };
    private readonly Option<string[]> _repackContaining = new("--repack-containing")
    {
        Description = "What must really leave, such as a destroyed record: the place in a snapshot that held it, which may be forgotten by the same command. May be repeated.",
        HelpName = "SNAPSHOT:PATH",
    };

    public PruneLimitOptions()
    {
        _maxUnused.CustomParser = result => TypedValue.Parse(result, text => text == "unlimited" ? double.MaxValue : Percent(text), "a percentage, or 'unlimited'");
        _maxRepackSize.CustomParser = result => TypedValue.Parse(result, SizeText.Parse, "a number of bytes, as 500M");
        _grace.CustomParser = result => TypedValue.Parse(result, Hours, "a span of days and hours, as 1d12h");
    }

    public IEnumerable<Option> All => [_maxUnused, _maxRepackSize, _grace, _repackContaining];

    /// <summary>Whether any of them was given.</summary>
    public bool IsGiven(CommandContext context) =>
        context.Get(_maxUnused) is not null || context.Get(_maxRepackSize) is not null || context.Get(_grace) is not null || context.Get(_repackContaining) is { Length: > 0 };

    /// <summary>
    /// The options, with the places found in the repository, and with what is remembered of its packs. After records were destroyed every pack with
    /// waste in it is rewritten, whatever was asked for.
    /// </summary>
    /// <exception cref="CommandException">A place is not written as it must be; exit 2.</exception>
    public async Task<PruneOptions> OfAsync(CommandContext context, RepositoryAccess access, Repository repository, bool mayRemoveEverything)
    {
        var defaults = new PruneOptions();
        return defaults with
        {
            MostUnusedPercent = context.Get(_maxUnused) ?? defaults.MostUnusedPercent,
            MostRepackBytes = context.Get(_maxRepackSize),
            RepacksAllUnused = DestructionFolder.DestructionsAreOutstanding(access.DataPath),
            Grace = context.Get(_grace) ?? defaults.Grace,
            RepackContaining = await PlacesAsync(context, repository),
            Verification = access.VerificationLogOf(repository),
            MayRemoveEverything = mayRemoveEverything,
        };
    }

    private async Task<IReadOnlyList<SnapshotPath>> PlacesAsync(CommandContext context, Repository repository)
    {
        var places = new List<SnapshotPath>();
        foreach (string place in context.Get(_repackContaining) ?? [])
        {
            int colon = place.IndexOf(":/", StringComparison.Ordinal);
            if (colon <= 0)
            {
                throw new CommandException(ExitCode.Usage, $"{_repackContaining.Name} takes SNAPSHOT:PATH, as 1a2b3c4d:/srv/data/archive/0de, with the path as 'restore' lays it out.");
            }

            var snapshot = await repository.FindSnapshotAsync(place[..colon], SnapshotFilter.All, context.Cancellation);
            places.Add(new SnapshotPath(snapshot, place[(colon + 1)..]));
        }

        return places;
    }

    private static double? Percent(string text) =>
        double.TryParse(text.EndsWith('%') ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && double.IsFinite(percent)
            ? percent
            : null;

    private static TimeSpan? Hours(string text) =>
        CalendarSpan.TryParse(text, out var span) && span is { Years: 0, Months: 0 } && text.Length > 0 ? TimeSpan.FromHours((24L * span.Days) + span.Hours) : null;
}
