using System.CommandLine;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>ocr</c></summary>
internal static class OcrCommand
{
    public static Command Create(CommandFactory commands)
    {
        var ids = new Argument<string[]>("ID") { Description = "Records to read again, whatever their state.", Arity = ArgumentArity.ZeroOrMore };
        var pending = new Option<bool>("--pending") { Description = "Read all records that wait for OCR, however long it takes." };
        return commands.Create(
            "ocr", "Read archived records by OCR. What is gained becomes a new version; nothing is overwritten.",
            context => RunAsync(context, [.. (context.Get(ids) ?? []).Select(RecordCommands.ParseId)], context.Get(pending)), ids, pending);
    }

    private static async Task<int> RunAsync(CommandContext context, RecordId[] ids, bool pending)
    {
        if (pending == ids.Length > 0)
        {
            throw new CommandException(ExitCode.Usage, "Say either --pending, for all that wait for OCR, or the ids of records.");
        }

        using var workspace = context.OpenExisting();
        if (ids.FirstOrDefault(id => workspace.Catalog.Show(id) is null) is { } unknown && unknown != default)
        {
            throw RecordCommands.NotFound(unknown);
        }

        await using var host = await context.StartHostAsync(workspace);
        var reading = host.Reading;
        var outcomes = new List<string>();
        if (pending)
        {
            var unreadable = await reading.ReadWaitingAsync(Report, context.Cancellation);
            if (unreadable.Count > 0)
            {
                throw new CommandException(
                    ExitCode.EnvironmentFailed,
                    $"Records of {string.Join(", ", unreadable)} wait on: tesseract is not installed, lacks the profile's languages (install tesseract-ocr, and a pack such as tesseract-ocr-deu), or extraction.ocr is off.");
            }
        }

        foreach (var id in ids)
        {
            Report(await reading.ReadAsync(id, context.Cancellation));
        }

        context.Output.Remark(outcomes.Count == 0
            ? "Nothing waits for OCR."
            : string.Join(", ", outcomes.GroupBy(outcome => outcome).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => $"{same.Count()} {same.Key}")) + ".");
        return outcomes.TrueForAll(outcome => outcome is LaterReadingReport.Read or LaterReadingReport.Unchanged) ? ExitCode.Done : ExitCode.Partial;

        void Report(LaterReadingReport report)
        {
            outcomes.Add(report.Outcome);
            Print(context.Output, report);
        }
    }

    private static void Print(CommandOutput output, LaterReadingReport report)
    {
        output.Item(
            new
            {
                Id = report.Id.ToString(),
                report.Outcome,
                Version = report.Version is { } version ? $"v{version}" : null,
                TextStatus = report.TextStatus?.ToWord(),
                PagesWithText = report.Pages,
                report.Reason,
            },
            words => words.WriteLine(
                $"{report.Outcome,-9}  {report.Id}{(report.Version is { } version ? $"  v{version}" : "")}"
                + (report.TextStatus is { } status ? $"  text {status.ToWord()}, {report.Pages} pages" : "")
                + (report.Reason is null ? "" : $"\n           {TerminalText.OneLine(report.Reason)}")));
        output.Words.Flush();   // each may take minutes: a pipe's reader must not wait for the buffer to fill
    }
}
