using System.Diagnostics;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Checks;

/// <summary>Looks for what lies in the repository and is left out of every listing.</summary>
internal sealed class StrayCheck(Repository repository, FindingList findings)
{
    /// <summary>Whether the store could tell.</summary>
    internal bool HasLooked { get; private set; }

    internal async Task RunAsync(CancellationToken cancellation)
    {
        if (repository.Store is not IStrayFiles store)
            return;
        await foreach (var stray in store.ListStraysAsync(cancellation))
        {
            var rule = stray.Kind switch
            {
                StrayKind.Temporary => FindingRules.TemporaryFile,
                StrayKind.Misplaced => FindingRules.Misplaced,
                StrayKind.Other => FindingRules.StrayFile,
                _ => throw new UnreachableException(),
            };
            findings.Add(new CheckFinding(rule, Storage.RawName.ToDisplay(stray.Path)));
        }

        HasLooked = true;
    }
}
