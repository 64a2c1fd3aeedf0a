using System.CommandLine;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.CommandLine;

/// <summary>What a command works with.</summary>
internal sealed class CommandContext(ParseResult parsed, GlobalOptions global, CommandOutput output, CancellationToken cancellation)
{
    private bool _hasReadInput;

    public CommandOutput Output => output;

    public CancellationToken Cancellation => cancellation;

    public string DataPath { get; } = global.DataFolderOf(parsed);

    public string? NamedConfig { get; } = global.ConfigFileOf(parsed);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Whether the option stands on the command line, with whatever value.</summary>
    public bool IsTyped(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Reads standard input to its end.</summary>
    /// <exception cref="CommandException">Another option has it already; exit 2.</exception>
    public Task<string> ReadInputAsync()
    {
        if (_hasReadInput)
        {
            throw new CommandException(ExitCode.Usage, "Only one option can read standard input: give a file for --set-from.");
        }

        _hasReadInput = true;
        return Console.In.ReadToEndAsync(cancellation);
    }

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="ConfigException">It has faults; exit 2.</exception>
    public DocIngestOptions LoadConfig() => ConfigFile.Load(DataPath, NamedConfig);

    /// <summary>The configuration file, absolute; it need not be there.</summary>
    public string ConfigPath => NamedConfig ?? ConfigFile.DefaultPath(DataPath);

    /// <summary>Reads the rules and the patient indexes; where there is an index, from the retention schedule which fields say whose a record is.</summary>
    /// <exception cref="ConfigException">They have faults; exit 2.</exception>
    public Classifier LoadClassifier(DocIngestOptions options)
    {
        var patients = PatientIndexFiles.Load(ConfigPath, options, out var faults);
        return faults.Count > 0
            ? throw new ConfigException(ConfigPath, faults)
            : new Classifier(
                RulesFile.Load(ConfigPath, options), new LanguageDetector(options.Intake.Profiles.SelectMany(profile => profile.Languages)), TimeProvider.System,
                patients, patients.Count == 0 ? [] : SubjectFields(options));
    }

    // What the identity check takes away must be what retention would follow. A schedule with faults is told where it is needed: scanning goes on.
    private string[] SubjectFields(DocIngestOptions options)
    {
        var schedule = RetentionSchedule.None;
        try
        {
            schedule = RetentionFile.Load(ConfigPath, options, knownClasses: null);
        }
        catch (ConfigException)
        {
            output.Remark("The retention schedule has faults ('config check' lists them): identity checks take away the fields that it has by default.");
        }

        return [schedule.PatientField, schedule.CaseField];
    }

    /// <summary>Reads the retention schedule.</summary>
    /// <exception cref="ConfigException">It has faults, or the rules that give its classes do; exit 2.</exception>
    public RetentionSchedule LoadSchedule(DocIngestOptions options) =>
        RetentionFile.Load(ConfigPath, options, RetentionFile.KnownClasses(options, RulesFile.Load(ConfigPath, options)));

    /// <summary>The schedule as far as intake needs it: read now where sidecars may bring events, so that its faults are told before anything is taken in.</summary>
    /// <exception cref="ConfigException">It has faults; exit 2.</exception>
    public Func<RetentionSchedule> ScheduleForIntake(DocIngestOptions options)
    {
        if (!options.Intake.Profiles.Any(profile => profile.TrustedSidecar))
        {
            return () => RetentionSchedule.None;   // nobody asks
        }

        var schedule = LoadSchedule(options);
        return () => schedule;
    }

    /// <summary>Starts what decisions about records are taken with. It takes in no scan.</summary>
    public Task<IngestHost> StartHostAsync(Workspace workspace) => IngestHost.StartAsync(
        workspace, LoadClassifier(workspace.Options), () => LoadSchedule(workspace.Options), consoleLevel: null, cancellation);

    /// <summary>Opens the data folder of an archive that exists.</summary>
    public Workspace OpenExisting()
    {
        Workspace.HasCatalog(DataPath);   // its configuration would be forbidden as well, and take the blame
        return Workspace.OpenExisting(DataPath, LoadConfig());
    }

    /// <summary>Opens the data folder, making it where needed.</summary>
    public Workspace OpenOrCreate() => Workspace.OpenOrCreate(DataPath, LoadConfig());
}

/// <summary>Builds commands whose errors all end the same way.</summary>
internal sealed class CommandFactory(GlobalOptions global)
{
    public Command Create(string name, string description, Func<CommandContext, Task<int>> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Options.Add(option);
                    break;
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
            }
        }

        command.SetAction((parsed, cancellation) => RunAsync(parsed, run, cancellation));
        return command;
    }

    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
        {
            group.Subcommands.Add(command);
        }

        return group;
    }

    private async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> run, CancellationToken cancellation)
    {
        using var standardOutput = new StreamWriter(Console.OpenStandardOutput(), new System.Text.UTF8Encoding(false), 16 * 1024) { AutoFlush = false };
        var output = new CommandOutput(standardOutput, Console.Error, parsed.GetValue(global.Json), parsed.GetValue(global.Quiet));
        try
        {
            try
            {
                var context = new CommandContext(parsed, global, output, cancellation);
                await DutyCheck.DemandAsync(context.DataPath, () => context.LoadConfig().Archive, DocIngestProgram.PathOf(parsed.CommandResult).TrimEnd(), cancellation);
                using var held = JobProcess.RunOfThisProcess is { } number && Directory.Exists(context.DataPath)
                    ? RunRegister.HoldForChild(new OsLocks(Path.Combine(context.DataPath, DataFolder.Locks), TimeProvider.System), number)
                    : null;
                return await run(context);
            }
            finally
            {
                standardOutput.Flush();   // here, where failing to write is an error like any other
            }
        }
#pragma warning disable CA1031 // The edge of the process (STYLE 5): every error becomes words and an exit code.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return CommandErrors.Tell(error, output, cancellation);
        }
    }
}
