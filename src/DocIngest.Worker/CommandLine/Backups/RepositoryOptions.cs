using System.CommandLine;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Which repository, and what opens it: the options every backup command takes, before or after its name.</summary>
internal sealed class RepositoryOptions
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromDays(1);   // as in the configuration

    public Option<string?> Repository { get; } = new("--repo")
    {
        Description = $"Repository: a path, azure:CONTAINER:/PREFIX or rest:URL ({RepositoryChoice.RepositoryVariable}; else as configured, else <data>/backup).",
        HelpName = "R",
        Recursive = true,
    };

    public Option<string?> PasswordFile { get; } = new("--password-file")
    {
        Description = $"File that holds the password ({RepositoryChoice.PasswordVariable} holds the password itself; else as configured).", HelpName = "F", Recursive = true,
    };

    public Option<string?> PasswordCommand { get; } = new("--password-command")
    {
        Description = "Program that prints the password.", HelpName = "CMD", Recursive = true,
    };

    public Option<string?> EscrowKey { get; } = new("--escrow-key")
    {
        Description = "File that holds the master key, as 'openssl cms -decrypt' gave it: opens the repository without any password.", HelpName = "FILE", Recursive = true,
    };

    public Option<TimeSpan?> RetryFor { get; } = new("--retry-for")
    {
        Description = "How long a remote store that does not answer is asked again, each time that it happens (as configured; else 15m). 0: not at all.",
        HelpName = "DURATION",
        Recursive = true,
        CustomParser = result => TypedValue.Parse<TimeSpan>(
            result, text => DurationText.Parse(text) is { } span && span <= LongestRetry ? span : null, "a duration of at most a day, as 90s, 15m or 1h30m"),
    };

    public void AddTo(Command backup)
    {
        backup.Options.Add(Repository);
        backup.Options.Add(PasswordFile);
        backup.Options.Add(PasswordCommand);
        backup.Options.Add(EscrowKey);
        backup.Options.Add(RetryFor);
    }

    /// <summary>The repository that the command line, the environment and the configuration ask for. Nothing is opened yet.</summary>
    /// <exception cref="CommandException">They contradict each other; exit 2.</exception>
    public RepositoryAccess Resolve(CommandContext context) => Resolve(context, context.DataPath, context.LoadConfig());

    /// <summary>The same for another data folder than that of the command line.</summary>
    /// <inheritdoc cref="Resolve(CommandContext)" path="/exception" />
    public RepositoryAccess Resolve(CommandContext context, string dataPath, DocIngestOptions options)
    {
        var typed = new RepositoryChoice(
            context.Get(Repository),
            Password(context.Get(PasswordFile), context.Get(PasswordCommand), PasswordFile.Name, PasswordCommand.Name),
            context.Get(EscrowKey) is { } file ? TypedPath.Absolute(file, EscrowKey.Name) : null);
        if (typed is { Password: not null, EscrowKeyFile: not null })
        {
            throw new CommandException(ExitCode.Usage, $"{EscrowKey.Name} opens the repository without a password: give one or the other.");
        }

        return new RepositoryAccess(typed, dataPath, options)
        {
            RetryFor = context.Get(RetryFor),
            Retrying = retry => context.Output.Remark($"{retry.Reason} Trying again in {retry.Pause.TotalSeconds:0.#} s: {retry.Operation}."),
        };
    }

    /// <summary>The password that two options of one meaning name; null where neither is given.</summary>
    /// <exception cref="CommandException">Both are given, or one is empty; exit 2.</exception>
    public static PasswordReference? Password(string? file, string? command, string fileOption, string commandOption) => (file, command) switch
    {
        (null, null) => null,
        ({ } path, null) => new PasswordReference.InFile(TypedPath.Absolute(path, fileOption)),
        (null, { } line) => CommandWords.Split(line) is { } words
            ? new PasswordReference.FromProgram(words)
            : throw new CommandException(ExitCode.Usage, $"{commandOption} is empty, or a quote in it is not closed."),
        _ => throw new CommandException(ExitCode.Usage, $"Give {fileOption} or {commandOption}, not both."),
    };
}
