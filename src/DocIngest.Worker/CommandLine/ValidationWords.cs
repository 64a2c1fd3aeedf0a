using System.Diagnostics;
using DocIngest.Archive.Validation;
using DocIngest.Storage;

namespace DocIngest.Worker.CommandLine;

/// <summary>What a validation found, in JSON and in words. Names and ids are others' texts: they are escaped in both.</summary>
internal static class ValidationWords
{
    public static object AsJson(ValidationReport report) => new
    {
        Subject = Word(report.Subject),
        Valid = report.IsValid,
        Fixity = report.ChecksFixity,
        report.Objects,
        report.Files,
        report.Bytes,
        Findings = report.Findings.Select(finding => new
        {
            finding.Code,
            Severity = Word(finding.Severity),
            ObjectId = finding.ObjectId is { } id ? RawName.ToDisplay(id) : null,
            Path = RawName.ToDisplay(finding.Path),
            finding.Message,
            Link = finding.Rule.SpecLink,
        }),
        report.FindingCounts,
    };

    public static void Write(TextWriter words, string path, ValidationReport report)
    {
        foreach (var finding in report.Findings)
        {
            string where = finding.Path.Length > 0 ? RawName.ToDisplay(finding.Path) : ".";
            words.WriteLine(TerminalText.OneLine($"{finding.Code} {Word(finding.Severity)}: {where}: {finding.Message}"));
        }

        long untold = report.FindingCounts.Values.Sum() - report.Findings.Count;
        if (untold > 0)
        {
            words.WriteLine($"And {untold:N0} more of the same kinds: {string.Join(", ", report.FindingCounts.Select(count => $"{count.Key} {count.Value:N0}"))}.");
        }

        words.WriteLine(report.ChecksFixity
            ? $"{report.Objects:N0} objects; {report.Files:N0} files read and compared with their digests ({report.Bytes:N0} bytes)."
            : $"{report.Objects:N0} objects. No content was read: this says nothing about damage in it.");
        words.WriteLine(TerminalText.OneLine($"{RawName.ToDisplay(path)}: {Verdict(report)}"));
    }

    private static string Verdict(ValidationReport report) => report switch
    {
        { Subject: ValidationSubject.Neither, IsOnlyUnreadable: false } => "this is neither a storage root nor an object of OCFL.",
        { IsOnlyUnreadable: true } => "NOT EVERYTHING COULD BE READ. Nothing is known to be damaged; mend what is named above and validate again.",
        { IsValid: false } => "NOT VALID.",
        { Findings.Count: > 0 } => "valid. Look at the warnings.",
        _ => "valid.",
    };

    private static string Word(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        _ => throw new UnreachableException(),
    };

    private static string Word(ValidationSubject subject) => subject switch
    {
        ValidationSubject.StorageRoot => "storageRoot",
        ValidationSubject.Object => "object",
        ValidationSubject.Neither => "neither",
        _ => throw new UnreachableException(),
    };
}
