using DocIngest.Archive;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill works with.</summary>
/// <remarks>Of the running service it uses the audit chain and the destruction ledger, which say what must be there, and the key that signs. What is judged comes out of the repository alone.</remarks>
public sealed record DrillScene
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

    /// <summary>The archive of the data folder: tells where an object lies, and takes the report.</summary>
    public required IArchive Archive { get; init; }

    /// <summary>Its objects that are no records.</summary>
    public required SystemObjectStore SystemObjects { get; init; }

    /// <summary>Opens the folder of the service's keys.</summary>
    public required Func<IDurableFolder> OpenKeys { get; init; }

    /// <summary>Opens a folder by its absolute path, making it where it is missing, for the owner alone.</summary>
    public required Func<string, IDurableFolder> OpenFolder { get; init; }

    /// <summary>Opens the repository, with the key that the caller was given.</summary>
    public required Func<CancellationToken, Task<OpenedBackup>> OpenBackup { get; init; }

    /// <summary>Makes workers that may read below a folder.</summary>
    public required Func<string, ExtractionWorkerPool> Readers { get; init; }

    /// <summary>Opens a new, empty database in a file.</summary>
    public required Func<string, SqliteDatabase> OpenDatabase { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Name and version of the program.</summary>
    public required string Program { get; init; }
}

/// <summary>A repository that a drill restores from.</summary>
/// <param name="Repository">Opened. Belongs to the drill from now on.</param>
/// <param name="Terms">How locks are taken.</param>
/// <param name="Name">As the configuration names it, without secrets.</param>
/// <param name="HostName">The host whose snapshots are of this data folder.</param>
/// <param name="Kind"><c>local</c>, <c>azure</c> or <c>rest</c>.</param>
/// <param name="UnlockedBy"><c>configuration</c> or <c>escrow</c>.</param>
/// <param name="Remark">What else is known of it, for a person.</param>
public sealed record OpenedBackup(Repository Repository, LockTerms Terms, string Name, string HostName, string Kind, string UnlockedBy, string Remark) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Repository.Dispose();
}
