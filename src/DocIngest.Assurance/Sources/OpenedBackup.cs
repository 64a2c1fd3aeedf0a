using DocIngest.Backup.Checks;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;

namespace DocIngest.Assurance.Sources;

/// <summary>A repository that a run reads.</summary>
/// <param name="Repository">Opened. Belongs to the run from now on.</param>
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
