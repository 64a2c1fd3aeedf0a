using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Pages;

namespace DocIngest.Pipeline.Scans;

/// <summary>One drop folder and how its scans are taken in.</summary>
public sealed class ProfileOptions
{
    /// <summary>Name of the profile, in receipts, records and commands: letters, digits, <c>-</c> and <c>_</c>. Default <c>default</c>.</summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$")]
    public string Name { get; set; } = "default";

    /// <summary>The drop folder, absolute or relative to the data folder. Default <c>drop</c>.</summary>
    [MinLength(1)]
    public string Folder { get; set; } = "drop";

    /// <summary>Masks a file name must match, <c>*</c> and <c>?</c>, regardless of case. Default <c>*</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Include { get; set; } = ["*"];

    /// <summary>Masks of files to leave alone; a mask with <c>/</c> is compared with the path below the drop folder. Default: partial downloads and desktop litter.</summary>
    public IReadOnlyList<string> Exclude { get; set; } =
        [".*", "~*", "*.tmp", "*.part", "*.partial", "*.crdownload", "Thumbs.db", "desktop.ini"];

    /// <summary>Masks of subfolders to leave alone with all they hold. Default: what file servers and desktops keep for themselves.</summary>
    public IReadOnlyList<string> ExcludeFolders { get; set; } =
        ["@eaDir", "__MACOSX", "lost+found", "$RECYCLE.BIN", ".snapshot", ".Trash*", ".stfolder", ".stversions"];

    /// <summary>Whether subfolders are scanned too. Default true.</summary>
    public bool Subfolders { get; set; } = true;

    /// <summary>How long size and write time must stand still before a scan is claimed. Default 10 s; 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(10);   // slow scanners pause some seconds between pages

    /// <summary>After how long without change a scan is claimed although it looks incomplete. Default 10 min; 10 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan IncompleteAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After how long a scan that keeps changing raises an alarm. It is never given up. Default 1 h; 1 min to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan GrowingAlarmAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the folder is looked through. Default 2 s; 200 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2000000", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether change events shorten the wait for the next look. <c>auto</c> listens on local disks and polls network shares. Default <c>auto</c>.</summary>
    public WatchMode Watch { get; set; } = WatchMode.Auto;

    /// <summary>Whether the folder must be a mount point of its own: an unmounted share looks empty. Default false.</summary>
    public bool RequireMount { get; set; }

    /// <summary>Name of a file that must be in the folder for it to count as present, for the same reason. Default none.</summary>
    public string? MarkerFile { get; set; }

    /// <summary>Whether a scan waits for an empty companion <c>&lt;name&gt;.done</c>. Default false.</summary>
    public bool DoneFile { get; set; }

    /// <summary>How long a filed scan stays in the drop folder: <c>none</c>, a duration such as <c>7.00:00:00</c>, or <c>untilBackedUp</c>. Default <c>none</c>.</summary>
    [RegularExpression(KeepSourceRule.Pattern, ErrorMessage = KeepSourceRule.Demand)]
    public string KeepSource { get; set; } = KeepSourceRule.None;

    /// <summary>Regular expression on the file name whose group <c>key</c> is the document key. Default none.</summary>
    public string? DocumentKeyPattern { get; set; }

    /// <summary>What a scan does whose document key is known already. Default <c>newVersion</c>.</summary>
    public ExistingKeyPolicy OnExistingKey { get; set; } = ExistingKeyPolicy.NewVersion;

    /// <summary>Whether a scan may or must have a sidecar <c>&lt;name&gt;.json</c> with document key and fields. Default <c>none</c>.</summary>
    public SidecarMode Sidecar { get; set; } = SidecarMode.None;

    /// <summary>Whether sidecars may add versions to existing records, bring events of patients and cases, and speak for every document of a divided scan. Default false.</summary>
    public bool TrustedSidecar { get; set; }

    /// <summary>Folder for the people at the scanner: rejected/, receipts and STATUS.txt; absolute or relative to the data folder. Default none.</summary>
    [MinLength(1)]
    public string? FeedbackFolder { get; set; }

    /// <summary>
    /// Languages its documents may be in, as <c>en</c> and <c>de</c>. With two or more, each document's is detected, for which the service
    /// takes 30 MB more; one is taken for all. OCR reads with their language packs. Default none: unknown, and the packs of the extraction options.
    /// </summary>
    public IReadOnlyList<string> Languages { get; set; } = [];

    /// <summary>
    /// Whether day or month comes first in dates such as 03/04/2024. <c>byLanguage</c>: as other dates of the document show; else the month in
    /// English, the day in any other language. Default <c>byLanguage</c>.
    /// </summary>
    public DateOrder DateOrder { get; set; } = DateOrder.ByLanguage;

    /// <summary>
    /// The patients there are: a CSV file with the columns number, name and birthDate, absolute or relative to the configuration file. Then the
    /// number in the field patientId must be there, the name or birth date must stand on the document too, and no second patient may: else the
    /// record is assigned to nobody and flagged identity-mismatch. Default none: no check.
    /// </summary>
    [MinLength(1)]
    public string? PatientIndex { get; set; }

    /// <summary>A record waits for a person where OCR read a page with less confidence than this, in percent. Default 60; 0 for never.</summary>
    [Range(0, 100)]
    public int ReviewBelowConfidence { get; set; } = 60;   // clean print is read with 85 to 95; below 60 one word in five is wrong

    /// <summary>What is done with pages: bar codes, separator sheets, blank pages.</summary>
    public PageOptions Pages { get; set; } = new();

    /// <summary>Record class given to scans of this profile until rules say otherwise. Default <c>unclassified</c>.</summary>
    [RegularExpression(RecordClassRule.Pattern)]
    public string RecordClass { get; set; } = Records.RecordDocument.Unclassified;
}

/// <summary>How changes in a drop folder are noticed.</summary>
public enum WatchMode
{
    /// <summary>Events where the file system gives them, always with polling.</summary>
    Auto,

    /// <summary>Events and polling.</summary>
    Events,

    /// <summary>Polling alone.</summary>
    Polling,
}

/// <summary>What a scan does whose document key is known already.</summary>
public enum ExistingKeyPolicy
{
    /// <summary>It becomes the record's next version.</summary>
    NewVersion,

    /// <summary>It becomes another record under the same key.</summary>
    NewRecord,

    /// <summary>It becomes another record that waits for a person.</summary>
    Review,
}

/// <summary>Whether scans have sidecars.</summary>
public enum SidecarMode
{
    /// <summary>No; <c>.json</c> files are files like any other.</summary>
    None,

    /// <summary>Taken where it is there when the scan has settled.</summary>
    Optional,

    /// <summary>A scan waits for it.</summary>
    Required,
}
