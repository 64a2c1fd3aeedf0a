using System.CommandLine;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>events import|add|list</c>: what happened to patients and cases, which retention goes by.</summary>
internal static class EventCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "events", "What happened to patients and cases: retention goes by it.",
        CreateImport(commands),
        CreateAdd(commands),
        CreateList(commands));

    private static Command CreateImport(CommandFactory commands)
    {
        var file = new Argument<string>("FILE") { Description = "A CSV file with the columns patientId, encounterId, kind, date and replaces; - for standard input." };
        return commands.Create(
            "import", "Record the events of a file. The same file again changes nothing.", context => ImportAsync(context, context.Get(file) ?? ""), file);
    }

    private static async Task<int> ImportAsync(CommandContext context, string file)
    {
        using var reader = OpenFile(file);
        var schedule = context.LoadSchedule(context.LoadConfig());
        using var workspace = context.OpenOrCreate();
        using var log = new ServiceLog(workspace.DataPath, workspace.Options.Logging, consoleLevel: null);
        var logger = log.Factory.CreateLogger("DocIngest.Pipeline");
        var store = await workspace.OpenEventsAsync(logger, EventStore.PatienceOfPeople, context.Cancellation);
        await AuditedActs.RecordAsync(workspace, static origin => origin.Event(AuditType.Events, "import", AuditAction.Update), context.Cancellation);
        ImportSums sums;
        try
        {
            sums = await new EventImport(store, RulesOf(schedule, workspace), logger).ImportAsync(reader, (line, why) => Print(context.Output, line, why), context.Cancellation);
        }
        catch (EventFileException error)
        {
            throw new CommandException(ExitCode.Usage, $"{error.Message} Nothing was recorded.");
        }

        context.Output.Item(
            sums, words => words.WriteLine($"{sums.Lines:N0} line(s): {sums.Added:N0} recorded, {sums.Known:N0} known before, {sums.Refused:N0} refused."));
        return sums.Refused == 0 ? ExitCode.Done : ExitCode.Partial;
    }

    private static StreamReader OpenFile(string file)
    {
        if (file == "-")
        {
            return new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        }

        string path = TypedPath.Absolute(file, "FILE");
        return File.Exists(path) ? new StreamReader(path, Encoding.UTF8) : throw new CommandException(ExitCode.NotFound, $"There is no file {path}.");
    }

    private static void Print(CommandOutput output, int line, string why)
    {
        output.Item(new { Line = line, Outcome = "refused", Reason = why }, words => words.WriteLine($"line {line:N0} {why}"));
    }

    private static Command CreateAdd(CommandFactory commands)
    {
        var subject = new SubjectOptions();
        var kind = new Option<string>("--kind") { Description = "What happened: encounter, admission, discharge, birth, death, caseClosed or a kind that the schedule declares.", HelpName = "K", Required = true };
        var date = new Option<string?>("--date") { Description = "When, as 2026-01-31. Left out with --replaces, the event is taken back.", HelpName = "D" };
        var replaces = new Option<string?>("--replaces") { Description = "The wrong date of this kind that is corrected.", HelpName = "D" };
        var again = new Option<bool>("--again") { Description = "Record it although it was corrected or taken back before." };
        return commands.Create(
            "add", "Record one event of a patient, a case or both, or correct one.",
            async context =>
            {
                var (patient, encounter) = await subject.ReadAsync(context);
                var schedule = context.LoadSchedule(context.LoadConfig());
                using var workspace = context.OpenOrCreate();
                var (line, fault) = RulesOf(schedule, workspace).Check(patient, encounter, context.Get(kind) ?? "", context.Get(date) ?? "", context.Get(replaces) ?? "");
                if (line is null)
                {
                    throw new CommandException(ExitCode.Usage, $"The event {fault}. Nothing changed.");
                }

                return await AddAsync(context, workspace, line with { IsAgain = context.Get(again) });
            },
            [kind, date, replaces, again, .. subject.All]);
    }

    private static async Task<int> AddAsync(CommandContext context, Workspace workspace, EventLine line)
    {
        using var log = new ServiceLog(workspace.DataPath, workspace.Options.Logging, consoleLevel: null);
        var store = await workspace.OpenEventsAsync(log.Factory.CreateLogger("DocIngest.Pipeline"), EventStore.PatienceOfPeople, context.Cancellation);
        await AuditedActs.RecordAsync(workspace, static origin => origin.Event(AuditType.Events, "add", AuditAction.Update), context.Cancellation);
        switch ((await store.RecordAsync([line], EventSource.Command, context.Cancellation))[0])
        {
            case EventOutcome.Added:
                context.Output.Result(new { Outcome = "added" }, words => words.WriteLine("Recorded."));
                return ExitCode.Done;
            case EventOutcome.Known:
                context.Output.Result(new { Outcome = "known" }, words => words.WriteLine("It was known. Nothing changed."));
                return ExitCode.Done;
            case EventOutcome.Refused refused:
                throw new CommandException(ExitCode.Usage, $"The event {refused.Why}. Nothing changed.");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Command CreateList(CommandFactory commands)
    {
        var subject = new SubjectOptions();
        return commands.Create(
            "list", "List every event of a patient or case as it was recorded, and what of it holds.",
            async context =>
            {
                var (patient, encounter) = await subject.ReadAsync(context);
                using var workspace = context.OpenExisting();
                var events = new EventReading(workspace.SystemObjectsOf(workspace.OpenArchive()), workspace.Database);
                EventSubject?[] subjects = [EventSubject.Of(SubjectKind.Patient, patient), EventSubject.Of(SubjectKind.Case, encounter)];
                List<(string Word, string Object, EventsDocument Events)> found =
                    [.. subjects.OfType<EventSubject>().SelectMany(one => ReadAll(events, one).Select(pair => (one.Word, pair.Object, pair.Events)))];
                AuditEntity[] shown = [.. found.Select(one => new AuditEntity(AuditEntity.Events, one.Object))];
                await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Read, "events", AuditAction.Read, shown), context.Cancellation);
                int listed = found.Sum(one => List(context.Output, one.Word, one.Object, one.Events));
                return listed > 0 ? ExitCode.Done : throw new CommandException(ExitCode.NotFound, "There are no such events.");
            },
            [.. subject.All]);
    }

    private static int List(CommandOutput output, string subject, string name, EventsDocument events)
    {
        var inForce = events.InForce().Select(entry => entry.Entry).ToHashSet();
        foreach (var entry in events.Entries)
        {
            bool holds = inForce.Contains(entry.Entry);
            output.Item(
                new { Of = subject, Object = name, entry.Entry, entry.Kind, entry.Date, Holds = holds, entry.Supersedes, entry.RecordedAt, entry.By, entry.Source },
                words => words.WriteLine(
                    $"{entry.Entry,4}  {TerminalText.OneLine(entry.Kind),-12} {(entry.Date is { } day ? $"{day:yyyy-MM-dd}" : "taken back")}  {(holds ? "" : "no longer holds  ")}"
                    + $"{(entry.Supersedes is { } former ? $"corrects {former}  " : "")}recorded {entry.RecordedAt:yyyy-MM-dd HH:mm}Z by {TerminalText.OneLine(entry.By)}"));
        }

        return events.Entries.Count;
    }

    private static IReadOnlyList<(string Object, EventsDocument Events)> ReadAll(EventReading reading, EventSubject subject)
    {
        try
        {
            return reading.Read(subject);
        }
        catch (JsonException)
        {
            throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, "", "events.json cannot be read, or is of a newer program."));
        }
    }

    private static EventRules RulesOf(RetentionSchedule schedule, Workspace workspace) => new(schedule, schedule.DateOf(workspace.Time.GetUtcNow()));

    /// <summary>The options that name a patient or case, also so that the number stays out of the shell's history.</summary>
    private sealed class SubjectOptions
    {
        private readonly Option<string?> _patient = new("--patient") { Description = "The patient's number.", HelpName = "N" };
        private readonly Option<string?> _case = new("--case") { Description = "The number of the case.", HelpName = "N" };
        private readonly Option<string?> _from = new("--of-from")
        {
            Description = "Read lines patientId=N and encounterId=N from a file, or from standard input with -, so that they stay out of the shell's history.", HelpName = "FILE",
        };

        public IEnumerable<Symbol> All => [_patient, _case, _from];

        public async Task<(string Patient, string Case)> ReadAsync(CommandContext context)
        {
            string patient = context.Get(_patient) ?? "";
            string encounter = context.Get(_case) ?? "";
            foreach (string line in await PersonsDecision.LinesOfAsync(context, _from))
            {
                string[] pair = line.Split('=', 2, StringSplitOptions.TrimEntries);
                (patient, encounter) = pair switch
                {
                    ["patientId", var number] when patient.Length == 0 => (number, encounter),
                    ["encounterId", var number] when encounter.Length == 0 => (patient, number),
                    _ => throw new CommandException(ExitCode.Usage, "A line is patientId=N or encounterId=N, each once."),   // not repeated: it may name a patient
                };
            }

            return patient.Length + encounter.Length > 0
                ? (patient, encounter)
                : throw new CommandException(ExitCode.Usage, "Say whose events: --patient N, --case N or --of-from FILE.");
        }
    }
}
