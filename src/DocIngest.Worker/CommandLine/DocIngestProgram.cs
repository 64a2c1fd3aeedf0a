using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using DocIngest.Pipeline;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.CommandLine.Recovery;
using DocIngest.Worker.CommandLine.Stats;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.CommandLine;

/// <summary>The command line: parses, runs one command, returns its exit code.</summary>
internal static class DocIngestProgram
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 0 && arguments[0] == ExtractWorkerCommand.Name)
        {
            return ExtractWorkerCommand.Run(arguments[1..]);   // before anything else is set up: workers must be lean
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        JobProcess.StopWithParent(stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);   // 'restic unlock' sends it to see whether the holder of a lock lives
        try
        {
            return await ParseAndRunAsync(arguments, stop.Token);
        }
#pragma warning disable CA1031 // The edge of the process (STYLE 5). Commands tell their own errors: here it is the library's parser and --help.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return CommandErrors.Tell(error, new CommandOutput(Console.Out, Console.Error, json: false, quiet: false), stop.Token);
        }
    }

    /// <summary>Reads a command line without running it.</summary>
    /// <returns>The command as it is typed, without options, and what is wrong.</returns>
    internal static (string Command, IReadOnlyList<string> Errors) Read(IReadOnlyList<string> words)
    {
        var parsed = Parse(words);
        return (PathOf(parsed.CommandResult).TrimEnd(), ErrorsOf(parsed));
    }

    private static ParseResult Parse(IReadOnlyList<string> words) =>
        CreateRoot().Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });   // @name is a file name, no response file

    private static string[] ErrorsOf(ParseResult parsed) => [.. parsed.Errors.Select(error => error.Message), .. UnknownOptions(parsed), .. MeantCommands(parsed)];

    private static async Task<int> ParseAndRunAsync(string[] arguments, CancellationToken stop)
    {
        var parsed = Parse(arguments);
        string[] errors = ErrorsOf(parsed);
        if (errors.Length > 0)
        {
            foreach (string error in errors)
            {
                await Console.Error.WriteLineAsync($"docingest: {error}");
            }

            await Console.Error.WriteLineAsync($"Try 'docingest {PathOf(parsed.CommandResult)}--help'.");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop);
    }

    // The library takes an unknown option for a file or a word where a command takes many of them: a typing error would pass unseen.
    private static IEnumerable<string> UnknownOptions(ParseResult parsed)
    {
        var beforeDoubleDash = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToList();
        return parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Where(token => token.Value.TrimStart('-') is { Length: > 0 } name && name.Length < token.Value.Length && char.IsAsciiLetter(name[0]))
            .Where(token => beforeDoubleDash.Exists(before => ReferenceEquals(before, token)))
            .Select(token => $"There is no option {token.Value} here. A file or word that begins with a dash goes behind --.");
    }

    private static IEnumerable<string> MeantCommands(ParseResult parsed) => parsed.UnmatchedTokens.Take(1)
        .SelectMany(word => NearestWords.Of(word, parsed.CommandResult.Command.Subcommands.Select(command => command.Name)))
        .Select(command => $"Did you mean '{PathOf(parsed.CommandResult)}{command}'?");

    /// <summary>The command tree; also for tests that hold its promises.</summary>
    internal static RootCommand CreateRoot()
    {
        var global = new GlobalOptions();
        var commands = new CommandFactory(global);
        var root = new RootCommand("Takes in scans, reads and files them in a versioned archive. Start with 'docingest run' or 'docingest ingest FILE'.");
        foreach (var option in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(option);   // 'version' is a command
        }

        foreach (var directive in root.Directives.ToList())
        {
            root.Directives.Remove(directive);
        }

        global.AddTo(root);
        Command[] all =
        [
            RunCommand.Create(commands),
            IngestCommand.Create(commands),
            FindCommand.Create(commands),
            .. RecordCommands.Create(commands),
            OcrCommand.Create(commands),
            AmendCommands.CreateAmend(commands),
            AmendCommands.CreateWithdraw(commands),
            AmendCommands.CreateReinstate(commands),
            SuccessionCommands.CreateReassign(commands),
            SuccessionCommands.CreateSplit(commands),
            ReviewCommands.Create(commands),
            DiscloseCommands.CreateDisclose(commands),
            DiscloseCommands.CreateList(commands),
            EventCommands.Create(commands),
            RetentionCommands.Create(commands),
            HoldCommands.Create(commands),
            PersonCommands.Create(commands),
            QuarantineCommands.Create(commands),
            ArchiveCommands.Create(commands),
            AuditCommands.Create(commands),
            CatalogCommands.Create(commands),
            BackupCommands.Create(commands),
            DrillCommands.Create(commands),
            RecoverCommand.Create(commands),
            RecoveryKitCommand.Create(commands),
            JobCommands.Create(commands),
            ReportCommands.Create(commands),
            SigningKeyCommands.Create(commands),
            StatusCommand.Create(commands),
            AlarmCommands.Create(commands),
            StatsCommand.Create(commands),
            RulesCommands.Create(commands),
            ConfigCommands.Create(commands),
            VersionCommand.Create(commands),
        ];
        foreach (var command in all)
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;   // we end ourselves, with our own exit code
            stop.Cancel();
        });

    /// <summary>A command as it is typed, with a space behind it; nothing for the program itself.</summary>
    internal static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)}{command.Command.Name} " : "";
}
