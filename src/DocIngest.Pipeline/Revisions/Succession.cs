using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What takes a record's place: records of their own, made in one revision with the version that withdraws it (docs/adr/0024).</summary>
/// <param name="Plan">What recovery goes by.</param>
/// <param name="Successors">The records, in the order of pages.</param>
internal sealed record Succession(SuccessionPlan Plan, IReadOnlyList<Successor> Successors);

/// <summary>One record that takes the place of another, or of some of its pages.</summary>
/// <param name="Record">Its record.json.</param>
/// <param name="Files">Its other files but text and sidecar, where those are given.</param>
internal sealed record Successor(RecordDocument Record, IReadOnlyList<SuccessorFile> Files)
{
    /// <summary>Its text; null where text.json is one of the files.</summary>
    public DocumentText? Text { get; init; }

    /// <summary>The sidecar, without what was wrong in it; null for none.</summary>
    public string? SidecarJson { get; init; }

    /// <summary>Whether its document key is new, and must be no other record's.</summary>
    public bool TakesKey { get; init; }

    /// <summary>Whether it must not double a record that is there.</summary>
    public bool MustBeOnly { get; init; }
}

/// <summary>A file of a successor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">Where it lies in staging; null where it is the file of that name of the record whose place is taken.</param>
internal sealed record SuccessorFile(string Name, RenditionFile? Cut = null);
