using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Pages;

/// <summary>How stacks of fronts and backs are known, and which belong together.</summary>
public sealed class DuplexOptions
{
    /// <summary>
    /// Regular expression on the file name, without its extension and regardless of case, that tells a stack of fronts. What its group
    /// <c>pair</c> holds must be the same for fronts and backs; without that group two of a folder belong together that cannot belong to others, fronts written before backs.
    /// Default <c>^((?&lt;pair&gt;.*)[-_. ])?fronts?$</c>.
    /// </summary>
    [MinLength(1)]
    public string Fronts { get; set; } = "^((?<pair>.*)[-_. ])?fronts?$";

    /// <summary>The same for a stack of backs. Default <c>^((?&lt;pair&gt;.*)[-_. ])?backs?$</c>.</summary>
    [MinLength(1)]
    public string Backs { get; set; } = "^((?<pair>.*)[-_. ])?backs?$";

    /// <summary>
    /// <c>reversed</c>: the stack was turned over as a whole, so that the back of the last sheet is scanned first. <c>same</c>: backs come in the
    /// order of their sheets. Default <c>reversed</c>.
    /// </summary>
    public BackOrder BackOrder { get; set; } = BackOrder.Reversed;

    /// <summary>How far apart in time two stacks may arrive that belong together. Default 1 h; 1 min to 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan Within { get; set; } = TimeSpan.FromHours(1);
}
