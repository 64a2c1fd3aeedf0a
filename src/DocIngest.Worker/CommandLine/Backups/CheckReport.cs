using DocIngest.Backup.Checks;
using DocIngest.Storage;
using DocIngest.Backup.Stores;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What a check found, in JSON and in words.</summary>
internal static class CheckReport
{
    public static object AsJson(RepositoryLocation location, CheckResult result) => new
    {
        Repository = location.DisplayName,
        Verdict = Word(result.Verdict),
        Findings = result.Findings.Select(finding => new
        {
            finding.Rule.Code,
            Severity = Word(finding.Rule.Severity),
            finding.Message,
            finding.Rule.Advice,
            Kind = finding.Kind is { } kind ? Word(kind) : null,
            File = finding.File?.ToString(),
            BlobType = finding.BlobType is { } type ? Word(type) : null,
            Blob = finding.Blob?.ToString(),
            Snapshot = finding.Snapshot?.ToString(),
            Path = finding.Path is { } path ? RawName.ToDisplay(path) : null,
        }),
        result.FindingCounts,
        result.Keys,
        result.IndexFiles,
        result.Snapshots,
        result.Trees,
        result.PackFiles,
        result.PackContents,
        result.Blobs,
        result.OrphanPacks,
        result.BytesRead,
        result.LookedForStrays,
        result.Coverage,
    };

    public static void Write(TextWriter words, RepositoryLocation location, CheckResult result)
    {
        foreach (var finding in result.Findings)
        {
            string where = finding.Path is { } path ? $" ({RawName.ToDisplay(path)})" : "";
            words.WriteLine(TerminalText.OneLine($"{finding.Rule.Code} {Word(finding.Rule.Severity)}: {finding.Message}{where}"));
            words.WriteLine($"    {finding.Rule.Advice}");
        }

        long untold = result.FindingCounts.Values.Sum() - result.Findings.Count;
        if (untold > 0)
        {
            words.WriteLine($"And {untold:N0} more of the same kinds.");
        }

        words.WriteLine(
            $"{result.Snapshots.Total:N0} snapshots, {result.Trees.Total:N0} trees, {result.PackFiles.Total:N0} packs;"
            + $" {result.PackContents.Total - result.PackContents.Skipped:N0} packs read to the last byte ({result.BytesRead:N0} bytes).");
        if (result.Coverage is { } coverage)
        {
            words.WriteLine($"Read and found sound in time: {coverage.InTime:N0} packs; too long ago: {coverage.TooOld:N0}; never: {coverage.Never:N0}.");
        }

        words.WriteLine(result.Verdict switch
        {
            CheckVerdict.Sound => $"{location}: no fault was found in what was looked at.",
            CheckVerdict.Warnings => $"{location}: nothing is damaged in what was looked at. Look at the warnings.",
            _ => $"{location}: THERE ARE ERRORS. Copy the repository to other hardware before anything else.",
        });
    }

    private static string Word(Enum word) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
