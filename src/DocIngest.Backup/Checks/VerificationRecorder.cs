using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Gathers which packs were read, and writes it down from time to time: a check that is broken off after hours has not worked in vain.</summary>
internal sealed class VerificationRecorder(IVerificationLog? log, TimeProvider time, FindingList findings) : IDisposable
{
    private const int AtOnce = 256;   // some gigabytes of packs

    private readonly SemaphoreSlim _gate = new(1);

    // Under _gate.
    private readonly List<PackVerification> _added = [];
    private int _recorded;   // of them

    /// <summary>What was recorded before this check.</summary>
    internal IReadOnlyDictionary<FileId, PackVerification> Known { get; private set; } = new Dictionary<FileId, PackVerification>();

    /// <summary>The packs of this check so far.</summary>
    internal IReadOnlyList<PackVerification> Added => _added;

    /// <summary>Finds out what was recorded before. Where that cannot be read, nothing is known of any pack.</summary>
    internal async Task LoadAsync(CancellationToken cancellation)
    {
        if (log is not null)
            await TryAsync(async () => Known = await log.LoadAsync(cancellation), "What was written down before cannot be read");
    }

    internal async Task AddAsync(FileId pack, bool isSound, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            _added.Add(new PackVerification(pack, time.GetUtcNow(), isSound));
            if (_added.Count - _recorded >= AtOnce)
                await RecordAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes down what was not yet. Also when the check is being cancelled.</summary>
    internal async Task FlushAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            await RecordAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>Forgets packs that are no longer there.</summary>
    internal async Task KeepOnlyAsync(IReadOnlySet<FileId> packs, CancellationToken cancellation)
    {
        if (log is not null)
            await TryAsync(() => log.KeepOnlyAsync(packs, cancellation), "Packs that are gone could not be taken out");
    }

    private async Task RecordAsync()
    {
        if (log is null || _recorded == _added.Count)
            return;
        var some = _added[_recorded..];
        _recorded = _added.Count;
        await TryAsync(() => log.RecordAsync(some, CancellationToken.None), $"{some.Count} packs");
    }

    /// <summary>What was found matters more than when: the check goes on, and says so.</summary>
    private async Task TryAsync(Func<Task> write, string what)
    {
        try
        {
            await write();
        }
        catch (StorageException error)
        {
            findings.Add(new CheckFinding(FindingRules.NotRecorded, $"{what}: {error.Message}"));
        }
    }
}
