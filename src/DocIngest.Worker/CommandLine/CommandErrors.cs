using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Backup;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Trees;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Storage;
using DocIngest.Worker.Configuration;
using Microsoft.Data.Sqlite;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary>Turns what ended a command into words and an exit code. The edge of the process: nothing passes it unseen.</summary>
internal static class CommandErrors
{
    // Variables that make a bug report possible without making every error a stack trace.
    private const string TraceVariable = "DOCINGEST_TRACE";

    public static int Tell(Exception error, CommandOutput output, CancellationToken cancellation)
    {
        switch (error)
        {
            case OperationCanceledException when cancellation.IsCancellationRequested:
                output.Remark("Cancelled.");
                return ExitCode.Cancelled;
            case CommandException command:
                output.Error(command.Message);
                return command.ExitCode;
            case ConfigException config:
                output.Error($"the configuration {config.File} cannot be used:");
                foreach (var fault in config.Faults)
                {
                    output.Error($"  {(fault.Path.Length == 0 ? "" : fault.Path + ": ")}{fault.Message}");
                }

                return ExitCode.Usage;
            case QueryTextException query:
                output.Error(query.Message);
                return ExitCode.Usage;
            case DamagedObjectException or FixityException or RolledBackException:
                output.Error(error.Message);
                return ExitCode.Findings;
            case LockHeldException:
                output.Error(error.Message);
                return ExitCode.Busy;
            case BackupException backup:
                output.Error(backup.Message);
                if (backup is DamagedRepositoryException damaged)
                {
                    output.Error(AdviceOn(damaged.Kind));
                }

                return ExitCodeOf(backup);
            case SqliteException forbidden when SqliteDatabase.IsForbidden(forbidden):
                output.Error(Workspace.MayOnlyRead);
                return ExitCode.EnvironmentFailed;
            case StorageException or SqliteException or ArchiveException or ExtractionUnavailableException or IOException or UnauthorizedAccessException:
                output.Error(error.Message);
                return ExitCode.EnvironmentFailed;
            default:
                output.Error($"internal error, please report it: {error.GetType().Name}");   // its message may quote a document
                if (Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 })
                {
                    output.Error(error.ToString());
                }
                else
                {
                    output.Error($"Set {TraceVariable}=1 to see more.");
                }

                return ExitCode.EnvironmentFailed;
        }
    }

    private static string AdviceOn(FileKind damaged) => damaged switch
    {
        FileKind.Config => "Nobody can open a repository without it: put the file back from another copy of the repository.",
        FileKind.Key => "Put the file back from another copy of the repository, or open it with an escrowed key ('--escrow-key').",
        FileKind.Snapshot => "'docingest backup list' lists the others, which can be restored by their ids; 'docingest backup check' says what to do.",
        _ => "'docingest backup check' looks for all that is damaged, and says what to do.",
    };

    internal static int ExitCodeOf(BackupException error) => error switch
    {
        DamagedRepositoryException or MalformedTreeException or UnsupportedRepositoryException or PruneRefusedException => ExitCode.Findings,
        RepositoryLockedException => ExitCode.Busy,
        RepositoryNotFoundException or NameNotFoundException or SourceMissingException => ExitCode.NotFound,
        LockLostException or KeyDerivationException or UnsoundEncodingException => ExitCode.EnvironmentFailed,
        WrongPasswordException or RepositoryExistsException or KeyRefusedException or RemovalRefusedException or AmbiguousNameException or RepositoryLocationException => ExitCode.Usage,
        _ => throw new UnreachableException($"{error.GetType()} has no exit code."),
    };
}
