using DocIngest.Backup.Pruning;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What a prune did, or would do, in JSON and in words.</summary>
/// <param name="Summary">In numbers.</param>
/// <param name="PacksLeft">Packs that could not be deleted; null where nothing was done.</param>
/// <param name="TemporaryFilesRemoved">Files that interrupted writers left.</param>
/// <param name="IsForDestroyed">Whether everything that holds waste was rewritten, because records were destroyed.</param>
internal sealed record PruneReport(PruneSummary Summary, int? PacksLeft, int TemporaryFilesRemoved, bool IsForDestroyed)
{
    /// <summary>Partial where something that should be gone is still there.</summary>
    public int ExitCode => PacksLeft > 0 || WaitsForDestroyed || Summary.MustLeaveBlobsStillUsed + Summary.MustLeaveBlobsWaiting > 0
        ? CommandLine.ExitCode.Partial
        : CommandLine.ExitCode.Done;

    /// <summary>Nobody looks into packs of no index: what lies there may be of destroyed records.</summary>
    private bool WaitsForDestroyed => IsForDestroyed && Summary.ForgottenPacksWaiting > 0;

    public static PruneReport Of(PruneResult result, PruneOptions options) =>
        new(result.Done, result.PacksLeft, result.TemporaryFilesRemoved, options.RepacksAllUnused);

    public static PruneReport Planned(PruneSummary summary, PruneOptions options) => new(summary, null, 0, options.RepacksAllUnused);

    public object AsJson() => new
    {
        Summary.Snapshots,
        Summary.UsedBlobs,
        Summary.UsedBytes,
        Summary.UnusedBytes,
        Summary.UnusedBytesKept,
        Summary.PacksKept,
        Summary.PacksRemoved,
        Summary.BytesRemoved,
        Summary.PacksRepacked,
        Summary.BytesRepacked,
        Summary.BytesRewritten,
        Summary.ForgottenPacksRemoved,
        Summary.ForgottenBytesRemoved,
        Summary.ForgottenPacksWaiting,
        Summary.LostPacksDropped,
        Summary.IndexFilesReplaced,
        Summary.MustLeaveBlobsGone,
        Summary.MustLeaveBlobsStillUsed,
        Summary.MustLeaveBlobsWaiting,
        PacksLeft,
        TemporaryFilesRemoved,
        ForDestroyedRecords = IsForDestroyed,
    };

    public void Write(TextWriter words)
    {
        long freed = Summary.BytesRemoved + Summary.BytesRepacked - Summary.BytesRewritten + Summary.ForgottenBytesRemoved;
        words.WriteLine($"{Summary.Snapshots:N0} snapshots need {Summary.UsedBlobs:N0} blobs of {Summary.UsedBytes:N0} bytes; {Summary.UnusedBytes:N0} bytes are unused.");
        words.WriteLine(
            $"{(PacksLeft is null ? "Would remove" : "Removed")} {Summary.PacksRemoved + Summary.ForgottenPacksRemoved:N0} packs and {(PacksLeft is null ? "rewrite" : "rewrote")}"
            + $" {Summary.PacksRepacked:N0}: {freed:N0} bytes {(PacksLeft is null ? "would be " : "")}freed. {Summary.UnusedBytesKept:N0} unused bytes stay within the limits.");
        if (IsForDestroyed)
        {
            words.WriteLine($"Records were destroyed: every pack with anything unused in it {(PacksLeft is null ? "would be" : "was")} rewritten, whatever the limits, so that nothing of them stays in waste.");
        }

        if (TemporaryFilesRemoved > 0)
        {
            words.WriteLine($"{TemporaryFilesRemoved:N0} files that interrupted writers left are gone.");
        }

        if (Summary.ForgottenPacksWaiting > 0)
        {
            words.WriteLine($"{Summary.ForgottenPacksWaiting:N0} packs that no index names wait: another host may be writing them.");
        }

        if (Summary.MustLeaveBlobsGone + Summary.MustLeaveBlobsStillUsed > 0)
        {
            words.WriteLine($"Of what must leave, {Summary.MustLeaveBlobsGone:N0} blobs {(PacksLeft is null ? "would be" : "are")} gone.");
        }
    }

    /// <summary>What did not go as asked, for standard error.</summary>
    public IEnumerable<string> Faults()
    {
        if (Summary.MustLeaveBlobsWaiting > 0)
            yield return $"{Summary.MustLeaveBlobsWaiting:N0} blobs of what must leave are in packs of no index, which wait for their deletion. Prune again later, or with --grace 0h where nobody else writes here.";
        if (WaitsForDestroyed)
        {
            yield return $"{Summary.ForgottenPacksWaiting:N0} packs of no index wait for their deletion, and may hold something of destroyed records. Prune again later, or with --grace 0h where nobody else writes here.";
        }

        if (Summary.MustLeaveBlobsStillUsed > 0)
        {
            yield return $"{Summary.MustLeaveBlobsStillUsed:N0} blobs of what must leave are still there: snapshots need them. Forget those snapshots first.";
        }

        if (PacksLeft > 0)
        {
            yield return $"{PacksLeft:N0} packs could not be deleted. No index names them; the next prune deletes them.";
        }
    }
}
