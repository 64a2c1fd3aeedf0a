using System.CommandLine;
using System.Text.Json;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>rules test|schema</c></summary>
internal static class RulesCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(CommandFactory commands)
    {
        var file = new Argument<string>("FILE") { Description = "A document; it is read, not taken in." };
        var profile = new Option<string>("--profile") { Description = "As a scan of which profile.", HelpName = "NAME", DefaultValueFactory = _ => "default" };
        return CommandFactory.Group(
            "rules", "The rules that say what documents are.",
            commands.Create(
                "test", "Show what each rule does with a document: where it matched, what it set, what was overridden.",
                context => TestAsync(context, TypedPath.Absolute(context.Get(file) ?? "", "FILE"), context.Get(profile) ?? "default"), file, profile),
            commands.Create("schema", "Print the JSON schema of the rules file.", Schema));
    }

    private static Task<int> Schema(CommandContext context)
    {
        context.Output.Words.WriteLine(ConfigSchema.CreateOfRules().ToJsonString(Indented));
        return Task.FromResult(ExitCode.Done);
    }

    private static async Task<int> TestAsync(CommandContext context, string file, string profileName)
    {
        var options = context.LoadConfig();
        var classifier = context.LoadClassifier(options);
        var profile = options.Intake.Profiles.FirstOrDefault(known => known.Name == profileName)
            ?? throw new CommandException(
                ExitCode.Usage, $"There is no profile \"{profileName}\". Known: {string.Join(", ", options.Intake.Profiles.Select(known => known.Name))}.");
        if (!File.Exists(file))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file {file}.");
        }

        var tried = await TryAsync(context, options, classifier, RealPath.Of(file), profile);
        await RecordAsync(context, RealPath.Of(file));
        context.Output.Result(Report(file, profileName, tried), words => Tell(words, file, profileName, classifier.Rules, tried));
        return tried.Format is null ? ExitCode.Partial
            : tried.Class.Steps.Any(step => step.Outcome == RuleOutcome.OutOfTime) ? ExitCode.Findings
            : ExitCode.Done;
    }

    // What lies in the data folder is of records: no entry, no showing. Other files were shown by whoever gave them.
    private static async Task RecordAsync(CommandContext context, string file)
    {
        static AuditEvent Describe(AuditOrigin origin) => origin.Event(AuditType.Rules, "test", AuditAction.Read);
        if (FolderPath.Contains(RealPath.Of(context.DataPath), file))
        {
            using var volumes = new LocalVolumes();
            await AuditedActs.RecordAsync(context.DataPath, volumes, Describe, context.Cancellation);
        }
        else
        {
            await AuditedActs.NoteAsync(context, Describe);
        }
    }

    // The same workers as for ingest, but that they may read the file where it is.
    private static async Task<TriedDocument> TryAsync(CommandContext context, DocIngestOptions options, Classifier classifier, string file, ProfileOptions profile)
    {
        using var scratch = TrialScratch.Open(context.DataPath);
        var reading = options.Extraction.ToExtractionOptions(
            ThisProgram.Executable, [.. ThisProgram.LeadingArguments, ExtractWorkerCommand.Name], [Path.GetDirectoryName(file) ?? "/"],
            scratch.FolderPath);
        await using var pool = new ExtractionWorkerPool(reading with { WorkerCount = 1 }, TimeProvider.System, NullLogger<ExtractionWorkerPool>.Instance);
        string dropFolder = RealPath.Of(Path.GetFullPath(profile.Folder, context.DataPath));
        try
        {
            return await new RuleTrial(classifier, pool, TimeProvider.System).TryAsync(file, profile, dropFolder, context.Cancellation);
        }
        catch (ExtractionUnavailableException error)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, error.Message);
        }
    }

    private static object Report(string file, string profile, TriedDocument tried) => new
    {
        tried.Class.Flags,
        File = file,
        Profile = profile,
        MediaType = tried.Format?.MediaType(),
        TextStatus = tried.Extraction?.TextStatus.ToWord(),
        Pages = tried.Extraction?.Pages.Total,
        BarCodes = tried.Extraction?.BarCodes?.Codes,
        AreBarCodesComplete = tried.Extraction?.BarCodes?.IsComplete,
        Plan = tried.Plan is { } plan
            ? new
            {
                Documents = plan.Parts.Select(part => new { part.Pages, OpenedBy = part.OpenedBy?.Value }),
                plan.SeparatorSheets, plan.KeptSeparators, plan.DiscardedBlanks, plan.BlankPages, plan.UnreadPages,
                Doubt = Camel(plan.Doubt),
                plan.Sums,
            }
            : null,
        Stack = tried.Stack is { } stack ? new { Side = stack.Side.ToWord(), stack.Pair } : null,
        tried.Class.Language,
        tried.RecordClass,
        tried.Class.Title,
        tried.Class.DocumentKey,
        tried.Class.Tags,
        tried.Class.Fields,
        tried.Class.Evidence,
        tried.Class.Codes,
        tried.Class.Notes,
        tried.SidecarFault,
        Rules = tried.Class.Steps.Select(step => new
        {
            step.Rule,
            Outcome = Camel(step.Outcome),
            Hits = step.Hits.Select(hit => new { hit.Condition, Place = Camel(hit.Place), hit.Page, hit.Words }),
            Said = step.Said.Select(said => new
            {
                said.What, said.Value, Place = said.Place is { } place ? Camel(place) : null, said.Page, said.Words, said.OverriddenBy,
            }),
        }),
    };

    private static string Camel<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());

    private static void Tell(TextWriter words, string file, string profile, RuleSet rules, TriedDocument tried)
    {
        var found = tried.Class;
        if (found.Flags.Count > 0)
        {
            words.WriteLine($"!! {string.Join(", ", found.Flags)}");
        }

        words.WriteLine(tried.Format is not { } format
            ? $"{TerminalText.OneLine(file)} is no document that can be archived: it would go to quarantine."
            : $"{TerminalText.OneLine(file)} ({format.MediaType()}), as a scan of profile {profile}");
        if (tried.Extraction is { } read)
        {
            words.WriteLine($"  {read.Pages.Total} page(s), text {read.TextStatus.ToWord()}{(found.Language is null ? "" : $", language {found.Language}")}");
        }

        TellPages(words, tried);
        if (tried.SidecarFault is not null)
        {
            words.WriteLine($"  its sidecar is passed over: {tried.SidecarFault}");
        }

        if (rules.RuleCount == 0)
        {
            words.WriteLine("There are no rules.");
        }

        foreach (var step in found.Steps)
        {
            Tell(words, step);
        }

        TellResult(words, tried);
    }

    private static void TellPages(TextWriter words, TriedDocument tried)
    {
        foreach (var code in tried.Extraction?.BarCodes?.Codes ?? [])
        {
            words.WriteLine($"  page {code.Page}: bar code {code.Symbology} \"{TerminalText.OneLine(code.Value)}\"");
        }

        if (tried.Extraction?.BarCodes is { WhyNot: { } why })
        {
            words.WriteLine($"  {why}");
        }

        if (tried.Stack is { } stack)
        {
            string pair = stack.Pair.Length == 0 ? "" : $", pair \"{TerminalText.OneLine(stack.Pair)}\"";
            words.WriteLine($"  a stack of {stack.Side.ToWord()}{pair}: one record with its {stack.Side.Other().ToWord()}");
        }

        if (tried.Plan is not { } plan)
        {
            return;
        }

        Pages("blank", plan.BlankPages);
        Pages("without words", [.. tried.Extraction?.WordlessPages ?? []]);
        Pages("separator sheets", plan.SeparatorSheets);
        Pages("left out as blank", plan.DiscardedBlanks);
        foreach (var part in plan.HasSeparators ? plan.Parts : [])
        {
            Pages(part.OpenedBy is { } code ? $"document behind \"{TerminalText.OneLine(code.Value)}\"" : "document in front", part.Pages);
        }

        if (plan.Doubt != PlanDoubt.None)
        {
            words.WriteLine($"  it would stay whole: {Camel(plan.Doubt)}");
        }

        void Pages(string what, IReadOnlyList<int> pages)
        {
            if (pages.Count > 0)
            {
                words.WriteLine($"  {what}: page {PageRanges.Of(pages)}");
            }
        }
    }

    private static void Tell(TextWriter words, RuleStep step)
    {
        words.WriteLine($"rule {step.Rule}: {step.Outcome switch
        {
            RuleOutcome.Matched => "matched",
            RuleOutcome.NotMatched => "did not match",
            RuleOutcome.OtherProfile => "is for other profiles",
            RuleOutcome.OutOfTime => "took too long and is left out",
            _ => throw new System.Diagnostics.UnreachableException(),
        }}");
        foreach (var hit in step.Hits)
        {
            words.WriteLine($"  {hit.Condition}: {Where(hit.Place, hit.Page)} \"{TerminalText.OneLine(hit.Words)}\"");
        }

        foreach (var said in step.Said)
        {
            string where = said.Place is { } place ? $", {Where(place, said.Page)} \"{TerminalText.OneLine(said.Words)}\"" : "";
            words.WriteLine(said.Value is null
                ? $"  {said.What}: not found"
                : $"  {said.What} = {TerminalText.OneLine(said.Value)}{where}{(said.OverriddenBy is null ? "" : $"  (overridden by {said.OverriddenBy})")}");
        }
    }

    private static string Where(Place place, int? page) => page is null ? Camel(place) : $"page {page}";

    private static void TellResult(TextWriter words, TriedDocument tried)
    {
        var found = tried.Class;
        words.WriteLine("result");
        words.WriteLine($"  class = {tried.RecordClass}");
        if (found.Title is not null)
        {
            words.WriteLine($"  title = {TerminalText.OneLine(found.Title)}");
        }

        if (found.DocumentKey is not null)
        {
            words.WriteLine($"  document key = {TerminalText.OneLine(found.DocumentKey)}");
        }

        if (found.Tags.Count > 0)
        {
            words.WriteLine($"  tags = {string.Join(", ", found.Tags.Select(TerminalText.OneLine))}");
        }

        foreach (var (name, value) in found.Fields)
        {
            words.WriteLine($"  {TerminalText.OneLine(name)} = {TerminalText.OneLine(value)}");
        }

        foreach (var code in found.Codes)
        {
            words.WriteLine($"  {code.Field} {TerminalText.OneLine(code.Code)} {TerminalText.OneLine(code.Term)}{(code.Page is null ? "" : $", page {code.Page}")}");
        }

        foreach (string note in found.Notes)
        {
            words.WriteLine($"  {note}");
        }
    }
}
