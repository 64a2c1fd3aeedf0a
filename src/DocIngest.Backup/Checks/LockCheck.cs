using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Looks at locks of nobody. Under a lock of one's own there are only empty ones besides it: any other would have been in the way.</summary>
internal sealed class LockCheck(Repository repository, LockTerms terms, FindingList findings)
{
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var file in repository.Store.ListAsync(FileKind.Lock, cancellation))
            await CheckAsync(file.Id, cancellation);
    }

    private async Task CheckAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            var file = await repository.LoadLockAsync(id, cancellation);
            if (terms.Owner.IsStale(file, terms.Time.GetUtcNow()))
                Add(FindingRules.StaleLock, id, $"{file}.");
        }
        catch (EntryNotFoundException)
        {
            // Released since it was listed.
        }
        catch (BackupException error)
        {
            Add(FindingRules.LockUnreadable, id, error.Message);
        }
    }

    private void Add(FindingRule rule, FileId id, string message) => findings.Add(new CheckFinding(rule, message) { Kind = FileKind.Lock, File = id });
}
