using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Benchmarks.Measuring;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>What becomes of every file of the corpora, hostile ones among them? Checks that none is lost, and no page goes without a word about it; writes docs/outcomes.md.</summary>
internal static class OutcomesCheck
{
    private static readonly string[] Names = ["docspell", "exif-samples", "format-corpus", "ocrmypdf", "paperless-ngx", "pdfpig", "py-pdf-samples", "tika", "twelvemonkeys"];
    private static readonly string[] Statuses = ["complete", "partial", "none", "pending-ocr", "encrypted", "damaged", "timeout", "crashed", "too-large"];
    private static readonly string[] WithoutRecord = ["quarantined", "failed", "skipped"];

    public static async Task<int> RunAsync(string[] args)
    {
        string output = Arguments.Text(args, "--output", Path.Combine("docs", "outcomes.md"));
        using var work = new WorkFolder(args, "outcomes");
        string drop = work["drop"];
        var digests = Copy(drop);
        var run = await ProgramUnderTest.IngestAsync(work["data"], [drop], move: true);
        var lines = run.Lines.ToLookup(line => line.File, StringComparer.Ordinal);
        var archived = new ArchivedFiles(Path.Combine(work["data"], "archive"));

        var pages = run.Lines.Where(line => line is { Outcome: "filed" or "versioned", Id: not null, Version: not null })
            .Select(line => (line.File, Pages: PageOutcomes.Of(archived, line.Id!, line.Version!))).ToList();   // filtered
        List<(string What, string Figure, bool Holds)> checks =
        [
            ("Exit code is 0 or 3", $"{run.ExitCode}", run.ExitCode is 0 or 3),
            ("Each file has exactly one outcome", $"{digests.Keys.Count(file => lines[file].Count() == 1)} of {digests.Count}", digests.Keys.All(file => lines[file].Count() == 1) && run.Lines.Count == digests.Count),
            ("Receipts and outcomes agree, word by word", CompareReceipts(work["data"], run, out bool receiptsAgree), receiptsAgree),
            ("Every original is kept byte by byte (SHA-512)", CompareOriginals(work["data"], run, digests, archived, out bool identical), identical),
            ("The archive is valid OCFL, by a validator of its own", Validate(work["data"], archived, out bool valid), valid),
            ("Each page of each record is text, blank, wordless, failed or waits, and is counted once", PageOutcomes.Compare(pages.Select(page => page.Pages), out bool counted), counted),
            ("What was taken in is gone from the drop folder, the rest is there", CompareDropFolder(drop, run, out bool emptied), emptied),
        ];

        string text = Describe(run, drop, digests, checks, pages);
        await File.WriteAllTextAsync(output, text);
        Console.Write(text);
        return checks.All(check => check.Holds) ? 0 : 1;
    }

    private static Dictionary<string, string> Copy(string drop)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in Names)
        {
            string corpus = Corpora.Folder(name);
            foreach (string file in Directory.EnumerateFiles(corpus, "*", SearchOption.AllDirectories))
            {
                string copy = Path.Combine(drop, name, Path.GetRelativePath(corpus, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);   // never a root
                File.WriteAllBytes(copy, File.ReadAllBytes(file));
                digests[copy] = Digest(copy);
            }
        }

        return digests;
    }

    private static string CompareReceipts(string data, IngestRun run, out bool agree)
    {
        var receipts = Directory.EnumerateFiles(Path.Combine(data, "receipts"), "*.jsonl").SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (File: line.GetProperty("fileName").GetString() ?? "", Outcome: line.GetProperty("outcome").GetString() ?? "")).ToList();

        // 'skipped' and 'failed' end a claim without a receipt: the file is still where it was.
        var outcomes = run.Lines.Where(line => line.Outcome is not ("skipped" or "failed")).Select(line => (File: Path.GetFileName(line.File), line.Outcome));
        agree = receipts.Order().SequenceEqual(outcomes.Order());
        return $"{receipts.Count} receipts";
    }

    private static string CompareOriginals(string data, IngestRun run, Dictionary<string, string> digests, ArchivedFiles archived, out bool identical)
    {
        var places = run.Lines.Select(line => (line.File, Place: PlaceOf(data, line, archived))).ToList();
        int same = places.Count(pair => pair.Place is not null && File.Exists(pair.Place) && digests.GetValueOrDefault(pair.File) == Digest(pair.Place));
        foreach (var (file, place) in places.Where(pair => pair.Place is null || !File.Exists(pair.Place)))
        {
            Console.Error.WriteLine($"No original for {file} at {place ?? "any place"}");
        }

        identical = same == digests.Count;
        return $"{same} of {digests.Count}";
    }

    private static string? PlaceOf(string data, IngestLine line, ArchivedFiles archived) => line switch
    {
        { Outcome: "failed" or "skipped" } => line.File,
        { Outcome: "quarantined", Id: { } scan } => Path.Combine(data, "quarantine", scan.Replace("urn:uuid:", "", StringComparison.Ordinal), "original"),
        { Id: { } id, Version: { } version } => archived.Original(id, version),
        _ => null,
    };

    private static string Validate(string data, ArchivedFiles archived, out bool valid)
    {
        var findings = OcflCheck.Validate(Path.Combine(data, "archive"));
        valid = !findings.Any(finding => finding.IsError);
        return $"{archived.Versions} object versions, {findings.Count(finding => finding.IsError)} errors, {findings.Count(finding => !finding.IsError)} warnings";
    }

    private static string CompareDropFolder(string drop, IngestRun run, out bool agrees)
    {
        var left = Directory.EnumerateFiles(drop, "*", SearchOption.AllDirectories).ToHashSet(StringComparer.Ordinal);
        agrees = left.SetEquals(run.Lines.Where(line => line.Outcome is "failed" or "skipped").Select(line => line.File));
        return $"{left.Count} left";
    }

    private static string Describe(IngestRun run, string drop, Dictionary<string, string> digests, List<(string What, string Figure, bool Holds)> checks, List<(string File, PageOutcomes Pages)> pages)
    {
        string[] columns = [.. Statuses.Where(status => run.Lines.Any(line => Column(line) == status)), .. new[] { "duplicate" }.Concat(WithoutRecord).Where(word => run.Lines.Any(line => Column(line) == word))];
        var rows = run.Lines.ToLookup(line => Path.GetRelativePath(drop, line.File).Split('/')[0]);
        var text = new StringBuilder();
        text.AppendLine("# What became of every file of the corpora").AppendLine();
        text.AppendLine("Made by this command after `install/build.sh`; it takes all files in at one run of `ingest --move` and fails where a check below does not hold:").AppendLine();
        text.AppendLine("    dotnet run -c Release --project bench/DocIngest.Benchmarks -- outcomes").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{digests.Count} files, in them damaged and hostile ones: that a file is `damaged` or `quarantined` here says that it was noticed, and its bytes are kept.").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| corpus | files | {string.Join(" | ", columns)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| --- | ---: |{string.Concat(Enumerable.Repeat(" ---: |", columns.Length))}");
        foreach (string name in Names.Append("**all**"))
        {
            List<IngestLine> lines = [.. rows.Contains(name) ? rows[name] : run.Lines];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {lines.Count} | {string.Join(" | ", columns.Select(column => lines.Count(line => Column(line) == column)))} |");
        }

        text.AppendLine().AppendLine("Columns before `duplicate`: filed as a record, by text status. `duplicate`: the same bytes are a record already.").AppendLine();
        text.AppendLine("Pages of the records. `failed` ones are damaged, too large, of encrypted documents that tell their number, or were cut off by a limit. Why pages of PDFs were read by OCR, whatever came of it: the last columns.").AppendLine();
        PageOutcomes.Describe(text, [.. Names.Select(name => (name, pages.Where(page => Path.GetRelativePath(drop, page.File).Split('/')[0] == name).Select(page => page.Pages).ToList())), ("**all**", [.. pages.Select(page => page.Pages)])]);
        text.AppendLine("| check | figure | |").AppendLine("| --- | ---: | --- |");
        foreach (var (what, figure, holds) in checks)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {figure} | {(holds ? "pass" : "**miss**")} |");
        }

        return text.ToString();
    }

    private static string Column(IngestLine line) => line.Outcome is "filed" or "versioned" ? line.TextStatus ?? "none" : line.Outcome;

    private static string Digest(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexString(SHA512.HashData(content));
    }
}
