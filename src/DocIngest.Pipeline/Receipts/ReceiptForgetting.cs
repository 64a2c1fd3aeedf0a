using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>Makes receipt files tell of some scans what the ledger tells of them now.</summary>
internal sealed class ReceiptForgetting(IngestEnvironment environment)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Rewrites the service's own files, then those of feedback folders. Safe to repeat.</summary>
    /// <returns>Profiles whose feedback folder did not answer.</returns>
    /// <exception cref="StorageException">The data folder fails.</exception>
    public async Task<IReadOnlyList<string>> ForgetAsync(IReadOnlySet<RecordId> scans, CancellationToken cancellation)
    {
        IReadOnlyList<Receipt> receipts;
        using (var connection = environment.Database.OpenReader())
        {
            receipts = ReceiptTable.Of(connection, scans);
        }

        using (await environment.Locks.AcquireAsync(SourceDisposal.ReceiptsLock, Patience, cancellation))
        {
            await SourceDisposal.LogOf(environment).RewriteAsync(environment.Database, receipts, cancellation);
        }

        var untold = new List<string>();
        var alarms = new Alarms(environment.Database, environment.Time, environment.Logger);
        foreach (var (profile, folder) in FeedbackFolder.AllOf(environment, alarms))
        {
            var own = receipts.Where(receipt => receipt.Profile == profile).ToList();
            if (own.Count == 0)
            {
                continue;   // nothing was told there
            }

            try
            {
                await folder.ForgetAsync(scans, own, cancellation);
            }
            catch (StorageException error)
            {
                environment.Logger.HouseKeepingDeferred(error.GetType().Name);
                untold.Add(profile);
            }
        }

        return untold;
    }
}
