using DocIngest.Archive;
using DocIngest.Assurance.Sources;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Assurance.Runs;

/// <summary>What drills and verifications work with.</summary>
public record AssuranceScene
{
    /// <summary>The data folder.</summary>
    public required IDurableFolder Data { get; init; }

    /// <summary>Its absolute path, as backups name it.</summary>
    public required string DataPath { get; init; }

    /// <summary>Its locks.</summary>
    public required INamedLocks Locks { get; init; }

    /// <summary>The chain.</summary>
    public required AuditTrail Audit { get; init; }

    /// <summary>Holds the runs.</summary>
    public required SqliteDatabase Database { get; init; }

    /// <summary>The archive of the data folder.</summary>
    public required IArchive Archive { get; init; }

    /// <summary>Its objects that are no records.</summary>
    public required SystemObjectStore SystemObjects { get; init; }

    /// <summary>Opens the folder of the service's keys.</summary>
    public required Func<IDurableFolder> OpenKeys { get; init; }

    /// <summary>Opens a folder by its absolute path, making it where it is missing, for the owner alone.</summary>
    public required Func<string, IDurableFolder> OpenFolder { get; init; }

    /// <summary>Opens the repository, with the key that the caller was given.</summary>
    public required Func<CancellationToken, Task<OpenedBackup>> OpenBackup { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Name and version of the program.</summary>
    public required string Program { get; init; }
}
