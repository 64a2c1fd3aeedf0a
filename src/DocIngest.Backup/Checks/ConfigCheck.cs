using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Checks;

/// <summary>Looks at config once more: a service may have opened the repository days ago.</summary>
internal sealed class ConfigCheck(Repository repository, FindingList findings)
{
    internal async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            byte[]? stored = await repository.Store.ReadConfigAsync(cancellation);
            if (stored is null)
                Add("It is missing.");
            else if (repository.ReadConfig(stored) != repository.Config)
                Add("It is another than when the repository was opened.");
        }
        catch (BackupException error)
        {
            Add(error.Message);
        }
    }

    private void Add(string message) => findings.Add(new CheckFinding(FindingRules.ConfigUnreadable, $"config: {message}") { Kind = FileKind.Config });
}
