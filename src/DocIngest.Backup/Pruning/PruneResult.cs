namespace DocIngest.Backup.Pruning;

/// <summary>What a prune would do, or did.</summary>
public sealed record PruneSummary
{
    /// <summary>Snapshots that stay, and need what they need.</summary>
    public required int Snapshots { get; init; }

    /// <summary>Blobs that they need, each counted once.</summary>
    public required long UsedBlobs { get; init; }

    /// <summary>Bytes of these blobs, sealed.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Bytes of everything else in packs that an index names: unneeded blobs and second copies.</summary>
    public required long UnusedBytes { get; init; }

    /// <summary>Bytes of these that stay, within the limits that were set.</summary>
    public required long UnusedBytesKept { get; init; }

    /// <summary>Packs that stay as they are.</summary>
    public required int PacksKept { get; init; }

    /// <summary>Packs of which nothing is needed.</summary>
    public required int PacksRemoved { get; init; }

    /// <summary>Bytes of these.</summary>
    public required long BytesRemoved { get; init; }

    /// <summary>Packs whose needed blobs are written into others, and that go then.</summary>
    public required int PacksRepacked { get; init; }

    /// <summary>Bytes of these.</summary>
    public required long BytesRepacked { get; init; }

    /// <summary>Bytes of these that are needed, and written again.</summary>
    public required long BytesRewritten { get; init; }

    /// <summary>Packs that no index names, and that have waited long enough.</summary>
    public required int ForgottenPacksRemoved { get; init; }

    /// <summary>Bytes of these.</summary>
    public required long ForgottenBytesRemoved { get; init; }

    /// <summary>Packs that no index names, and that have to wait.</summary>
    public required int ForgottenPacksWaiting { get; init; }

    /// <summary>Packs that the index names, that are gone, and that nobody needs: the index does not name them any more.</summary>
    public required int LostPacksDropped { get; init; }

    /// <summary>Index files that are replaced.</summary>
    public required int IndexFilesReplaced { get; init; }

    /// <summary>Blobs below the places that must leave which some snapshot that stays still needs: not zero means that they did not leave.</summary>
    public required long MustLeaveBlobsStillUsed { get; init; }

    /// <summary>Blobs below the places that must leave that lie in packs of no index, which have to wait; one more for each such pack that cannot be read.</summary>
    public required long MustLeaveBlobsWaiting { get; init; }

    /// <summary>Blobs below the places that must leave and that are gone from all packs that an index names.</summary>
    public required long MustLeaveBlobsGone { get; init; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsIdle => PacksRemoved + PacksRepacked + ForgottenPacksRemoved + LostPacksDropped + IndexFilesReplaced == 0;
}

/// <summary>What a prune did.</summary>
/// <param name="Done">As planned.</param>
/// <param name="PacksLeft">Packs that could not be deleted. No index names them; a later prune deletes them. Zero if all went well.</param>
/// <param name="TemporaryFilesRemoved">Files that interrupted writers left, and that no program lists.</param>
public sealed record PruneResult(PruneSummary Done, int PacksLeft, int TemporaryFilesRemoved);
