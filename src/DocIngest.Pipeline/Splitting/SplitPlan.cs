using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Splitting;

/// <summary>How a scan is divided.</summary>
/// <param name="Account">As the batch record has it.</param>
/// <param name="Parts">In the order of pages.</param>
internal sealed record SplitPlan(BatchAccount Account, IReadOnlyList<PlannedPart> Parts);

/// <summary>One part of a scan that is being divided. Its bytes lie in its staging folder, and can be cut from the batch record again.</summary>
/// <param name="Id">Drawn for its claim.</param>
/// <param name="File">What was cut.</param>
internal sealed record PlannedPart(RecordId Id, RenditionFile File);
