using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Splitting;

/// <summary>
/// Divides scans at their separators (docs/adr/0015): says whether a scan that has been read is to be divided, and cuts its parts. Whatever
/// is in doubt, the scan stays whole and a person is asked.
/// </summary>
/// <param name="environment">Staging, and who cuts.</param>
/// <param name="known">Keeps what was read of the parts' pages; null where nobody asks for it.</param>
internal sealed class ScanSplitter(IngestEnvironment environment, PagesReadBefore? known = null)
{
    /// <summary>The class of a divided scan: nothing is said of it but that. Its documents have fields and keys.</summary>
    public static DocumentClass BatchClass { get; } = new() { RecordClass = RecordDocument.BatchClass };

    /// <summary>Plans a scan, and cuts its parts into their staging folders. The scan is marked as divided, or as one that could not be.</summary>
    /// <exception cref="ExtractionUnavailableException">No worker can be started. Parts that were cut are removed.</exception>
    /// <exception cref="StorageException">Staging cannot be used.</exception>
    public async Task PrepareAsync(ScanInHand scan, CancellationToken stopping)
    {
        if (scan.Claim.Part is not null || !scan.Folder.PageRules.HasSeparators || scan is not { Extraction: { } read, Format: { } format })
        {
            return;
        }

        var plan = PagePlan.Make(read.Pages.Total, read.PageFacts, scan.Folder.PageRules);
        if (plan is { HasSeparators: false, Doubt: PlanDoubt.None })
        {
            return;
        }

        if (WhyNot(scan, plan) is { } fault)
        {
            scan.StaysWhole(fault);
            return;
        }

        var parts = plan.Parts.Select(part => (Part: part, Id: environment.Ids.Draw())).ToList();
        if (await CutAllAsync(scan, read, format, parts, stopping) is not { } planned)
        {
            return;
        }

        scan.Divide(new SplitPlan(
            new BatchAccount(
                plan.PageCount, plan.Sums.Filed, plan.SeparatorSheets, plan.DiscardedBlanks,
                [.. parts.Zip(planned, (part, cut) => new BatchPart(part.Id, PageRanges.Of(part.Part.Pages), part.Part.OpenedBy) { Sha512 = cut.File.Digest.Hex })]),
            planned));
    }

    // Null where one cannot be cut; nothing is left of the others then, nor where the surroundings fail: each try draws other ids.
    private async Task<IReadOnlyList<PlannedPart>?> CutAllAsync(
        ScanInHand scan, ExtractionResult read, FileFormat format, IReadOnlyList<(DocumentPart Part, RecordId Id)> parts, CancellationToken stopping)
    {
        var planned = new List<PlannedPart>(parts.Count);
        try
        {
            foreach (var (part, id) in parts)
            {
                switch (await CutAsync(scan.CopyPath, format, id, part.Pages, stopping))
                {
                    case CutOutcome.Made made:
                        planned.Add(new PlannedPart(id, made.File));
                        break;
                    case CutOutcome.Refused refused:
                        scan.StaysWhole(refused.Words);
                        return null;
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }

            KeepKnown(read, parts);
            return planned;
        }
        finally
        {
            if (planned.Count < parts.Count)
            {
                foreach (var (_, id) in parts)
                {
                    SplitLeftovers.Remove(environment, id);
                }
            }
        }
    }

    /// <summary>Cuts a part out of a copy of the whole scan.</summary>
    internal Task<CutOutcome> CutAsync(string wholePath, FileFormat format, RecordId id, IReadOnlyList<int> pages, CancellationToken stopping)
    {
        string folder = DataFolder.StagingOf(id);
        environment.Data.CreateFolder(folder);
        return environment.Cutter.CutAsync(
            new CutRequest(id, $"{environment.DataPath}/{wholePath}", format, pages, new RenditionPlace(environment.Data, $"{folder}/{DataFolder.PrivateCopyName}")), stopping);
    }

    private string? WhyNot(ScanInHand scan, PagePlan plan) => plan switch
    {
        { Doubt: PlanDoubt.BarCodesUnread } => $"the bar codes of pages {PageRanges.Of(plan.UnreadPages)} could not be read",
        { Doubt: PlanDoubt.PatternTooSlow } => "a pattern of a separator took too long",
        { Doubt: PlanDoubt.PagesMissing } => "not all of its pages could be looked at",
        { Parts.Count: 0 } => "it has separators, and no document between them",
        { Sums.AddsUp: false } => "its pages do not add up",
        _ when scan.Sidecar is { DocumentKey: not null } or { AddVersionTo: not null } => "its sidecar names one document",
        _ when !environment.Cutter.CanCut => "qpdf is not installed",
        _ => null,
    };

    // A part's pages are numbered from 1.
    private void KeepKnown(ExtractionResult read, IReadOnlyList<(DocumentPart Part, RecordId Id)> parts)
    {
        foreach (var (part, id) in parts)
        {
            known?.Keep(id, KnownPages.Of(read, part.Pages.Select((page, at) => (page, Number: at + 1)).ToDictionary(pair => pair.page, pair => pair.Number)));
        }
    }
}
