using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Cuts;

/// <summary>Cuts pages of a scan out into a PDF of their own. However hostile the scan is, it costs at most its time limit.</summary>
public interface IPageCutter
{
    /// <summary>Whether qpdf is there.</summary>
    bool CanCut { get; }

    /// <summary>Makes the PDF. Safe to repeat: what an earlier try left is overwritten.</summary>
    /// <exception cref="ExtractionUnavailableException">
    /// No worker can be started, qpdf is not installed, or there is no room. Nothing is left, and the scan is not judged; a retry may help.
    /// </exception>
    /// <exception cref="ArgumentException">No pages, or not ascending.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    Task<CutOutcome> CutAsync(CutRequest request, CancellationToken cancellation);

    /// <summary>Makes a PDF of a stack of fronts and a stack of backs: the first sheet's front and back, then the second's, and so on. Safe to repeat.</summary>
    /// <exception cref="ExtractionUnavailableException">As for <see cref="CutAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    Task<CutOutcome> CollateAsync(CollationRequest request, CancellationToken cancellation);
}

/// <summary>Pages to be cut out.</summary>
/// <param name="Id">For logs.</param>
/// <param name="FilePath">Absolute path of the whole scan, readable by the service account.</param>
/// <param name="Format">What it was recognised as.</param>
/// <param name="Pages">Their numbers, ascending, from 1.</param>
/// <param name="Place">Where the PDF goes.</param>
public sealed record CutRequest(RecordId Id, string FilePath, FileFormat Format, IReadOnlyList<int> Pages, RenditionPlace Place);

/// <summary>Two stacks to be put together.</summary>
/// <param name="Id">For logs.</param>
/// <param name="FrontsPath">Absolute path of the fronts, readable by the service account.</param>
/// <param name="FrontsFormat">What they were recognised as.</param>
/// <param name="BacksPath">Absolute path of the backs.</param>
/// <param name="BacksFormat">What they were recognised as.</param>
/// <param name="Sheets">Pages of either stack.</param>
/// <param name="BackOrder">In which order backs come.</param>
/// <param name="Place">Where the PDF goes.</param>
public sealed record CollationRequest(
    RecordId Id, string FrontsPath, FileFormat FrontsFormat, string BacksPath, FileFormat BacksFormat, int Sheets, BackOrder BackOrder, RenditionPlace Place);

/// <summary>What came of a cut. Closed: only the cases below exist.</summary>
public abstract record CutOutcome
{
    private CutOutcome()
    {
    }

    /// <summary>The PDF is in its place.</summary>
    /// <param name="File">Where, its digest and its size.</param>
    /// <param name="PageCount">As many as were asked for.</param>
    /// <param name="Tools">Those that took part.</param>
    public sealed record Made(RenditionFile File, int PageCount, IReadOnlyList<ToolVersion> Tools) : CutOutcome;

    /// <summary>It cannot be cut: the scan has to stay whole. Nothing is left in the place.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(CutRefusal Reason) : CutOutcome
    {
        /// <summary>The reason in plain words.</summary>
        public string Words => Reason switch
        {
            CutRefusal.Encrypted => "it is encrypted",
            CutRefusal.Signed => "it is signed, and a part of it would not be what was signed",
            CutRefusal.Damaged => "its structure is damaged, or it has not these pages",
            CutRefusal.TooLarge => "the part would be too large",
            CutRefusal.TookTooLong => "cutting it took too long",
            CutRefusal.Crashed => "the program that cuts died of it",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}

/// <summary>Why a scan cannot be cut.</summary>
public enum CutRefusal
{
    /// <summary>Whether a password is needed or not: its permissions may forbid it, and its parts would be encrypted too.</summary>
    Encrypted,

    /// <summary>By whomever.</summary>
    Signed,

    /// <summary>No part of it is whole, or there are no such pages.</summary>
    Damaged,

    /// <summary>Larger than the scan gives reason for.</summary>
    TooLarge,

    /// <summary>Two tries reached the time limit.</summary>
    TookTooLong,

    /// <summary>Two workers died.</summary>
    Crashed,
}
