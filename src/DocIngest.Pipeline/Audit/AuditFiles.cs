using System.Globalization;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Names in the audit folder (docs/formats/audit.md).</summary>
internal static class AuditFiles
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string SegmentEnding = ".jsonl";
    private const string CheckpointEnding = ".checkpoint.json";
    private const string SignatureEnding = CheckpointEnding + ".p7s";

    /// <summary>The certificate that checkpoints are signed with; its name in the archive's objects too.</summary>
    public const string CertificateName = "signer.pem";

    /// <summary>The same in the audit folder.</summary>
    public const string CertificatePath = $"{DataFolder.Audit}/{CertificateName}";

    /// <summary>Where the last two appends noted the end of the chain, in turn: a power cut can tear but one of them.</summary>
    public static IReadOnlyList<string> HeadPaths { get; } = [$"{DataFolder.Audit}/head-0.json", $"{DataFolder.Audit}/head-1.json"];

    public static string Word(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);

    public static DateOnly? Day(string? word) =>
        DateOnly.TryParseExact(word, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static string SegmentName(DateOnly day) => Word(day) + SegmentEnding;

    public static string CheckpointName(DateOnly day) => Word(day) + CheckpointEnding;

    public static string SignatureName(DateOnly day) => Word(day) + SignatureEnding;

    public static string SegmentPath(DateOnly day) => $"{DataFolder.Audit}/{SegmentName(day)}";

    public static string CheckpointPath(DateOnly day) => $"{DataFolder.Audit}/{CheckpointName(day)}";

    public static string SignaturePath(DateOnly day) => $"{DataFolder.Audit}/{SignatureName(day)}";

    /// <summary>The days that have a segment, oldest first.</summary>
    public static IReadOnlyList<DateOnly> Segments(IDurableFolder data) => Days(Names(data), SegmentEnding);

    /// <summary>The days that have a checkpoint in the audit folder, oldest first.</summary>
    public static IReadOnlyList<DateOnly> Checkpoints(IDurableFolder data) => Days(Names(data), CheckpointEnding);

    /// <summary>The days whose checkpoints are among the files of an archived object, oldest first.</summary>
    public static IReadOnlyList<DateOnly> Checkpoints(IEnumerable<string> names) => Days(names, CheckpointEnding);

    private static IEnumerable<string> Names(IDurableFolder data) =>
        data.Find(DataFolder.Audit) is { Kind: EntryKind.Folder }
            ? data.List(DataFolder.Audit).Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Name)
            : [];

    private static IReadOnlyList<DateOnly> Days(IEnumerable<string> names, string ending) =>
        [.. names.Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Select(name => Day(name[..^ending.Length])).OfType<DateOnly>().Order()];
}
