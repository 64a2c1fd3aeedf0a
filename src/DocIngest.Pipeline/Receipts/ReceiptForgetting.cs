using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>Makes receipt files tell of some scans what the ledger tells of them now.</summary>
internal sealed class ReceiptForgetting(IngestEnvironment environment)
{
    /// <summary>How long one feedback folder may take. A share whose server is away gives no error: every call waits.</summary>
    public static readonly TimeSpan FeedbackPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Rewrites the service's own files. Safe to repeat.</summary>
    /// <exception cref="StorageException">The data folder fails.</exception>
    public async Task ForgetHereAsync(IReadOnlySet<RecordId> scans, CancellationToken cancellation)
    {
        var receipts = ReceiptsOf(scans);
        using (await environment.Locks.AcquireAsync(SourceDisposal.ReceiptsLock, Patience, cancellation))
        {
            await SourceDisposal.LogOf(environment).RewriteAsync(environment.Database, receipts, cancellation);
        }
    }

    /// <summary>Rewrites those of feedback folders. Safe to repeat. The caller holds no lock that others wait for.</summary>
    /// <param name="scans">The scans.</param>
    /// <param name="except">Profiles whose folder is not asked: it did not answer before.</param>
    /// <param name="cancellation">Leaves what is done.</param>
    /// <returns>Profiles whose feedback folder did not answer.</returns>
    public async Task<IReadOnlyList<string>> TellFeedbackAsync(IReadOnlySet<RecordId> scans, IReadOnlyCollection<string> except, CancellationToken cancellation)
    {
        var receipts = ReceiptsOf(scans);
        var untold = new List<string>();
        var alarms = new Alarms(environment.Database, environment.Time, environment.Logger);
        foreach (var (profile, folder) in FeedbackFolder.AllOf(environment, alarms).Where(one => !except.Contains(one.Key)))
        {
            var own = receipts.Where(receipt => receipt.Profile == profile).ToList();
            if (own.Count > 0 && !await AnswersAsync(folder, scans, own, cancellation))   // without any nothing was told there
            {
                untold.Add(profile);
            }
        }

        return untold;
    }

    private async Task<bool> AnswersAsync(FeedbackFolder folder, IReadOnlySet<RecordId> scans, IReadOnlyList<Receipt> own, CancellationToken cancellation)
    {
        var telling = Task.Run(() => folder.ForgetAsync(scans, own, cancellation), cancellation);
        try
        {
            await telling.WaitAsync(FeedbackPatience, environment.Time, cancellation);
            return true;
        }
        catch (Exception error) when (error is StorageException or TimeoutException)
        {
            // One that hangs ends when its share is back, or with the process: each file is rewritten whole or not at all, and repeating it ends the same.
            _ = telling.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            return false;
        }
    }

    private IReadOnlyList<Receipt> ReceiptsOf(IReadOnlySet<RecordId> scans)
    {
        using var connection = environment.Database.OpenReader();
        return ReceiptTable.Of(connection, scans);
    }
}
