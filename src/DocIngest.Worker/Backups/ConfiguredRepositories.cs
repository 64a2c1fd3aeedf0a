using System.Text.Json;
using DocIngest.Backup;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Backups;

/// <summary>Every repository that copies of this data folder are known to be in.</summary>
/// <remarks>
/// The one that <c>backup run</c> writes into; the configured one, where the environment names another; and the embedded one of the data
/// folder, where there is one besides. What was written elsewhere with <c>--repo</c> nobody remembers.
/// </remarks>
/// <param name="dataPath">The data folder, absolute.</param>
/// <param name="configuration">Names the repository and its password.</param>
internal sealed class ConfiguredRepositories(string dataPath, DocIngestOptions configuration)
{
    /// <summary>How long to wait while somebody works in a repository alone (a prune, a check); default one minute, or as configured where that is longer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a remote store that does not answer is asked again; null: as configured.</summary>
    public TimeSpan? RetryFor { get; init; }

    /// <summary>One that is left out, since the caller has it open; null for none.</summary>
    public RepositoryLocation? Except { get; init; }

    /// <summary>Is told when a remote store is about to be asked again.</summary>
    public Action<StoreRetry>? Retrying { get; init; }

    /// <summary>Does something in each of them, one after the other. What goes wrong in one is told, and does not keep others from being done.</summary>
    /// <param name="work">What to do. The repository is closed after it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>An outcome for each; none only where there is but the one that is left out.</returns>
    public async Task<IReadOnlyList<RepositoryOutcome<T>>> ForEachAsync<T>(
        Func<Repository, RepositoryAccess, LockTerms, Task<T>> work, CancellationToken cancellation)
        where T : class
    {
        var outcomes = new List<RepositoryOutcome<T>>();
        foreach (var choice in Choices())
        {
            string name = choice.Repository ?? $"the repository that {RepositoryChoice.RepositoryVariable} or the configuration names";
            try
            {
                using var access = new RepositoryAccess(choice, dataPath, configuration) { Retrying = Retrying, RetryFor = RetryFor };
                name = access.Location.DisplayName;
                if (access.Location == Except)
                {
                    continue;
                }

                outcomes.Add(await InAsync(access, work, cancellation));
            }
            catch (Exception error) when (IsOfTheRepository(error, cancellation))
            {
                var reach = error is RepositoryLockedException or LockHeldException ? RepositoryReach.Busy : RepositoryReach.Failed;
                outcomes.Add(new RepositoryOutcome<T>(name, reach, null, error.Message));
            }
        }

        return outcomes;
    }

    private async Task<RepositoryOutcome<T>> InAsync<T>(
        RepositoryAccess access, Func<Repository, RepositoryAccess, LockTerms, Task<T>> work, CancellationToken cancellation)
        where T : class
    {
        string name = access.Location.DisplayName;
        if (!await access.ExistsAsync(cancellation))
        {
            return WasBackedUp(access)
                ? new RepositoryOutcome<T>(
                    name, RepositoryReach.Failed, null,
                    "Backups were made of this data folder, and there is no repository here. Is the right place mounted, and named in the configuration (backup.repository)?"
                    + $" Where its copies are gone for good: {(access.IsEmbedded ? "'docingest backup run'" : "'docingest backup init'")} makes a new one.")
                : new RepositoryOutcome<T>(name, RepositoryReach.NotMade, null, null);
        }

        using var repository = await access.OpenAsync(cancellation);
        var terms = access.LockTerms;
        return new RepositoryOutcome<T>(
            name, RepositoryReach.Done, await work(repository, access, terms with { RetryFor = terms.RetryFor > Patience ? terms.RetryFor : Patience }), null);
    }

    private IEnumerable<RepositoryChoice> Choices()
    {
        var used = new RepositoryChoice(null, null, null);
        yield return used;

        RepositoryLocation? location = null;
        try
        {
            location = used.LocationIn(dataPath, configuration.Backup);
        }
        catch (RepositoryLocationException)
        {
            // Told where it is opened.
        }

        var configured = RepositoryChoice.Configured(dataPath, configuration.Backup);
        if (location != configured)
        {
            string name = configured is RepositoryLocation.Folder folder ? folder.Path : configuration.Backup.Repository ?? DataFolder.Backup;
            yield return new RepositoryChoice(name, RepositoryChoice.ConfiguredPassword(dataPath, configuration.Backup), null);
        }

        string embedded = Path.Combine(dataPath, DataFolder.Backup);
        bool isNamed = new[] { location, configured }.Any(known => known is RepositoryLocation.Folder folder && folder.Path == Path.GetFullPath(embedded));
        if (!isNamed && Path.Exists(Path.Combine(embedded, "config")))
        {
            yield return new RepositoryChoice(
                embedded, File.Exists(GeneratedPassword.PathIn(dataPath)) ? GeneratedPassword.ReferenceIn(dataPath) : null, null);
        }
    }

    /// <summary>Whether there is a trace of a backup: files at the repository's place, the record of a check, or an entry of the audit.</summary>
    /// <remarks>The audit is read to the first such entry only, which is an early one; and only where a repository is missing.</remarks>
    private bool WasBackedUp(RepositoryAccess access) =>
        (access.Folder is { } folder && Holds(folder, "*")) || Holds(Path.Combine(dataPath, DataFolder.Reports), RepositoryAccess.VerificationLogs)
        || (Directory.Exists(dataPath) && AuditLog.Read(access.Volumes.Open(dataPath), new AuditQuery()).Any(entry => IsBackup(entry.Json)));

    private static bool Holds(string folder, string pattern) => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder, pattern).Any();

    private static bool IsBackup(JsonElement entry) =>
        entry.GetProperty("type").ValueEquals(AuditType.Backup) && entry.TryGetProperty("subtype", out var subtype) && subtype.ValueEquals("run");

    private static bool IsOfTheRepository(Exception error, CancellationToken cancellation) => error switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,   // a request of the network took too long
        BackupException or CommandException or IOException or UnauthorizedAccessException => true,
        _ => false,
    };
}

/// <summary>What came of doing something in a repository.</summary>
/// <param name="Repository">Its name, without secrets.</param>
/// <param name="Reach">Whether it was done.</param>
/// <param name="Value">What was done; null where it was not.</param>
/// <param name="Problem">Why not, for an operator; null where it was, and where there is no repository yet.</param>
internal sealed record RepositoryOutcome<T>(string Repository, RepositoryReach Reach, T? Value, string? Problem)
    where T : class;

/// <summary>Whether something could be done in a repository.</summary>
internal enum RepositoryReach
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>There is no repository, and no trace of a backup: there are no copies.</summary>
    NotMade,

    /// <summary>Somebody works there alone. A retry helps.</summary>
    Busy,

    /// <summary>It cannot be reached, opened or written to, or is damaged.</summary>
    Failed,
}
