namespace DocIngest.Pipeline.Disposition.Forgetting;

/// <summary>Why a record cannot be destroyed just now.</summary>
public enum OpenWork
{
    /// <summary>A scan is being taken in that is, or may become, a version or duplicate of it, or a document cut from it.</summary>
    Scan,

    /// <summary>A version of it is being made that no scan brings.</summary>
    Revision,

    /// <summary>It is one side of a document and waits for the other, or for a person's decision about that.</summary>
    Stack,

    /// <summary>A file that became it may stand in its drop folder still: about to be removed, kept as <c>keepSource</c> says, or stuck.</summary>
    Source,

    /// <summary>The whole scan that it was cut from is a record still, and holds its pages.</summary>
    Whole,
}

/// <summary>What stands between a record and its destruction.</summary>
/// <param name="Open">Why not now; empty where nothing is open.</param>
/// <param name="SourcesOfOthers">Files it was taken in from that were never ours to remove (<c>ingest</c> without <c>--move</c>): whether they stand still nobody here
/// knows. No reason to wait, but to be told to whoever signs.</param>
public sealed record WorkOnRecord(IReadOnlyList<OpenWork> Open, int SourcesOfOthers)
{
    /// <summary>Whether it must not be destroyed now.</summary>
    public bool IsBusy => Open.Count > 0;
}
