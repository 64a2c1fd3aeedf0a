using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Backups;

/// <summary>What the command line says of a repository; null for what it leaves to the environment and the configuration.</summary>
/// <param name="Repository">Its name, relative to the current folder where it is a path.</param>
/// <param name="Password">Where its password is.</param>
/// <param name="EscrowKeyFile">The master key instead of a password.</param>
internal sealed record RepositoryChoice(string? Repository, PasswordReference? Password, string? EscrowKeyFile)
{
    public const string RepositoryVariable = "DOCINGEST_BACKUP_REPOSITORY";
    public const string PasswordVariable = "DOCINGEST_BACKUP_PASSWORD";

    // For who comes from restic. RESTIC_REPOSITORY is left out: what stands in some shell must not decide where records are kept, or forgotten.
    private static readonly (string Variable, Func<string, PasswordReference?> Reference)[] OfRestic =
    [
        ("RESTIC_PASSWORD_FILE", file => new PasswordReference.InFile(Path.GetFullPath(file))),
        ("RESTIC_PASSWORD_COMMAND", line => CommandWords.Split(line) is { } words ? new PasswordReference.FromProgram(words) : null),
        ("RESTIC_PASSWORD", _ => new PasswordReference.InVariable("RESTIC_PASSWORD")),
    ];

    /// <summary>The repository: as typed, else of the environment, else configured, else the one in the data folder.</summary>
    /// <exception cref="RepositoryLocationException">No repository can have such a name.</exception>
    public RepositoryLocation LocationIn(string dataPath, BackupOptions options) =>
        (Repository ?? Variable(RepositoryVariable)) is { } named ? RepositoryLocation.Parse(named) : Configured(dataPath, options);

    /// <summary>The repository of the configuration, else the one in the data folder.</summary>
    public static RepositoryLocation Configured(string dataPath, BackupOptions options) => RepositoryLocation.Parse(options.Repository ?? DataFolder.Backup, dataPath);

    /// <summary>The password: as typed, else of the environment, else that of the configured repository, else restic's variables.</summary>
    /// <exception cref="CommandException">There is none; exit 2.</exception>
    public PasswordReference PasswordOf(RepositoryLocation location, string dataPath, BackupOptions options)
    {
        if (Password is not null)
        {
            return Password;
        }

        if (Variable(PasswordVariable) is not null)
        {
            return new PasswordReference.InVariable(PasswordVariable);
        }

        return (location == Configured(dataPath, options) ? ConfiguredPassword(dataPath, options) : null)
            ?? OfRestic.Select(way => Variable(way.Variable) is { } value ? way.Reference(value) : null).FirstOrDefault(reference => reference is not null)
            ?? throw new CommandException(
                ExitCode.Usage,
                $"No password for {location}. Name a file with --password-file, set {PasswordVariable}, or set backup.password in the configuration.");
    }

    /// <summary>The password of the configured repository; null where the configuration tells none.</summary>
    public static PasswordReference? ConfiguredPassword(string dataPath, BackupOptions options)
    {
        if (options.Password is { } text)
        {
            return PasswordReference.TryParse(text, dataPath, out var reference) ? reference : throw new InvalidOperationException("The configuration was checked.");
        }

        return options.Repository is null ? GeneratedPassword.ReferenceIn(dataPath) : null;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
