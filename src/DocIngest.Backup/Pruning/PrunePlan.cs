using DocIngest.Backup.Indexes;

namespace DocIngest.Backup.Pruning;

/// <summary>What a prune will do. It holds only as long as the exclusive lock under which it was made.</summary>
internal sealed class PrunePlan
{
    /// <summary>In numbers.</summary>
    internal required PruneSummary Summary { get; init; }

    /// <summary>How old something that another writer may be at work on must be before it goes.</summary>
    internal required TimeSpan Grace { get; init; }

    /// <summary>All that the repository holds.</summary>
    internal required Stock Stock { get; init; }

    /// <summary>A bit at the one entry of each needed blob that stays, or is written again.</summary>
    internal required EntryMarks Kept { get; init; }

    /// <summary>What becomes of each pack, by its number in the index.</summary>
    internal required PackFate[] Fates { get; init; }

    /// <summary>Index files that are replaced.</summary>
    internal required IReadOnlyList<IndexFile> ReplacedIndexFiles { get; init; }

    /// <summary>Packs that no index names, and that go.</summary>
    internal required IReadOnlyList<FileId> ForgottenPacks { get; init; }

    /// <summary>Packs that no index names, and that wait from now on or for longer.</summary>
    internal required IReadOnlyList<MarkedPack> Waiting { get; init; }
}

/// <summary>What becomes of a pack that an index names.</summary>
internal enum PackFate
{
    /// <summary>Stays as it is.</summary>
    Keep,

    /// <summary>Goes: nothing of it is needed.</summary>
    Remove,

    /// <summary>Goes when what is needed of it has been written into another.</summary>
    Repack,

    /// <summary>Is gone already, and nothing of it is needed.</summary>
    Drop,
}
