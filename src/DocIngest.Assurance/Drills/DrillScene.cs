using System.Diagnostics.CodeAnalysis;
using DocIngest.Assurance.Runs;
using DocIngest.Backup.Checks;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill works with.</summary>
/// <remarks>Of the running service it uses the audit chain and the destruction ledger, which say what must be there, and the key that signs. What is judged comes out of the repository alone.</remarks>
public sealed record DrillScene : AssuranceScene
{
    /// <param name="scene">What any run works with.</param>
    /// <param name="readers">Makes workers that may read below a folder.</param>
    /// <param name="openDatabase">Opens a new, empty database in a file.</param>
    [SetsRequiredMembers]
    public DrillScene(AssuranceScene scene, Func<string, ExtractionWorkerPool> readers, Func<string, SqliteDatabase> openDatabase)
        : base(scene) => (Readers, OpenDatabase) = (readers, openDatabase);

    /// <summary>Makes workers that may read below a folder.</summary>
    public Func<string, ExtractionWorkerPool> Readers { get; }

    /// <summary>Opens a new, empty database in a file.</summary>
    public Func<string, SqliteDatabase> OpenDatabase { get; }
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
    /// <summary>When its packs were read last; null where nobody remembers.</summary>
    public IVerificationLog? VerificationLog { get; init; }

    /// <inheritdoc />
    public void Dispose() => Repository.Dispose();
}
