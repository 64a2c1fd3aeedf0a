using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The right of one installation to write an archive in blobs. All processes of its data folder share it; no other installation has it meanwhile.</summary>
/// <remarks>
/// <para>A blob beside the storage root (in it, OCFL allows no such thing) names the owner, for good; a lease on that blob, which the owner's processes share and
/// renew while they live, says that the owner is alive. An archive without an owner belongs to who writes it first. Another installation takes it over only when it is told to,
/// and only when the lease has run out (<see cref="TakeOverAsync"/>); the former finds out with its next renewal, and writes no more.</para>
/// <para>What an owner wrote who does not know yet that it is none is fenced per object: such a write is whole or not there.</para>
/// <para>May be used by several threads.</para>
/// </remarks>
public sealed class ArchiveOwnership : IDisposable
{
    /// <summary>How long a dead owner keeps its successor out.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(15);   // two renewals may fail before writing stops
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private readonly IBlobStore _store;
    private readonly string _blobName;
    private readonly Func<Guid?> _installation;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly SemaphoreSlim _gate = new(1);

    // Under _gate; read by anybody.
    private long? _renewed;
    private bool _isRenewing;

    /// <param name="store">Holds the blob.</param>
    /// <param name="blobName">The blob that names the owner; beside the storage root, never in it.</param>
    /// <param name="installation">Who asks; null as long as its data folder has never written.</param>
    /// <param name="time">The clock, for the lease.</param>
    public ArchiveOwnership(IBlobStore store, string blobName, Func<Guid?> installation, TimeProvider time)
    {
        _store = store;
        _blobName = blobName;
        _installation = installation;
        _time = time;
        Lost = _lost.Token;
    }

    /// <summary>Cancelled when another installation has taken the archive over: work on it must end.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Who owns the archive; null for nobody yet.</summary>
    /// <exception cref="LockHeldException">The blob is none of ours: it cannot be told.</exception>
    public Task<ArchiveOwner?> FindAsync(CancellationToken cancellation) => ReadAsync(_store, cancellation);

    /// <summary>For readers, on the caller's thread: what another installation owns is read with its catalog, not with ours.</summary>
    /// <exception cref="LockHeldException">Another installation owns the archive.</exception>
    public void DemandNotAnothers()
    {
        try
        {
            if (OnCallersThread.Completed(ReadAsync(_store.OnCallersThread, CancellationToken.None, onThread: true)) is { } owner)
            {
                DemandOurs(owner);
            }
        }
        catch (ContainerNotFoundException)
        {
            // No container, no archive, no owner.
        }
    }

    /// <summary>Makes sure that this installation owns the archive, and goes on renewing the lease until disposed. Asks nobody while it was renewed a moment ago.</summary>
    /// <exception cref="LockHeldException">Another installation owns the archive, or is just taking it over. Nothing may be written.</exception>
    /// <exception cref="StorageException">It cannot be told. Nothing may be written; a retry is safe.</exception>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (IsFresh())
        {
            return;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            if (!IsFresh())
            {
                await RenewAsync(cancellation);
            }

            if (!_isRenewing)
            {
                _isRenewing = true;
                _ = KeepAsync();   // ends with this object; its failures show in the next EnsureAsync
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes this installation the owner, whoever was it. Waits until the lease of the former has run out.</summary>
    /// <param name="wait">How long to wait; <see cref="LeaseDuration"/> and a little more is enough where the former is dead.</param>
    /// <param name="cancellation">Heeded until the owner is named anew.</param>
    /// <returns>The former owner; null where there was none, or it was this one.</returns>
    /// <exception cref="LockHeldException">The former lives: its lease did not run out. Nothing changed.</exception>
    public async Task<ArchiveOwner?> TakeOverAsync(TimeSpan wait, CancellationToken cancellation)
    {
        await ClaimAsync(cancellation);
        long start = _time.GetTimestamp();
        IBlobLease? lease;
        while ((lease = await _store.TryShareLeaseAsync(_blobName, Ours(), LeaseDuration, cancellation)) is null)
        {
            if (_time.GetElapsedTime(start) >= wait)
            {
                throw new LockHeldException($"{_store.DisplayName}: the owner of the archive is alive. Stop it first, or wait a minute if it just died. Nothing was changed.");
            }

            await Task.Delay(AskAgain, _time, cancellation);
        }

        // Not given up: it is the lease of whoever of this installation writes next.
        var blob = await _store.FindAsync(_blobName, cancellation) ?? throw Gone();
        var former = await ReadAsync(_store, cancellation);
        if (former?.Installation == Ours())
        {
            return null;
        }

        using var content = BlobPlaces.StreamOf(new ArchiveOwner(Ours(), _time.GetUtcNow()).Write());
        await _store.PutIfMatchAsync(_blobName, content, blob.Version, lease, cancellation);
        return former;
    }

    /// <summary>Ends the renewals. The lease runs out by itself: other processes of the installation may share it.</summary>
    public void Dispose() => _disposed.Cancel();

    // Believed for as long as the lease lasts whatever happens: counted from before it was asked for.
    private bool IsFresh() => !_lost.IsCancellationRequested && _renewed is { } renewed && _time.GetElapsedTime(renewed) < LeaseDuration - Renewal;

    private async Task KeepAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(Renewal, _time, _disposed.Token);
                await _gate.WaitAsync(_disposed.Token);
                try
                {
                    await RenewAsync(_disposed.Token);
                }
                finally
                {
                    _gate.Release();
                }
            }
            catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException)
            {
                if (_lost.IsCancellationRequested)
                {
                    return;
                }

                // Tried again at the next turn; once the lease has run out, EnsureAsync asks itself, and tells its caller.
            }
        }
    }

    // The owner's name is read before the lease is asked for, so that nobody disturbs an owner whose lease has just run out; and again under it.
    private async Task RenewAsync(CancellationToken cancellation)
    {
        await ClaimAsync(cancellation);
        DemandOurs(await ReadAsync(_store, cancellation) ?? throw Gone());
        long asked = _time.GetTimestamp();
        if (await _store.TryShareLeaseAsync(_blobName, Ours(), LeaseDuration, cancellation) is null)
        {
            throw new LockHeldException($"{_store.DisplayName}: another installation is just taking over the archive. Nothing was changed.");
        }

        DemandOurs(await ReadAsync(_store, cancellation) ?? throw Gone());
        _renewed = asked;
    }

    private async Task ClaimAsync(CancellationToken cancellation)
    {
        if (await _store.FindAsync(_blobName, cancellation) is not null)
        {
            return;
        }

        try
        {
            using var content = BlobPlaces.StreamOf(new ArchiveOwner(Ours(), _time.GetUtcNow()).Write());
            await _store.PutIfAbsentAsync(_blobName, content, cancellation);
        }
        catch (PreconditionFailedException)
        {
            // Somebody else was faster: who it is, is read next.
        }
    }

    private void DemandOurs(ArchiveOwner owner)
    {
        if (owner.Installation == _installation())
        {
            return;
        }

        if (_renewed is not null)
        {
            _lost.Cancel();
        }

        throw new LockHeldException(
            $"{_store.DisplayName}: the archive belongs to another installation ({owner.Installation:D}, since {owner.Since:yyyy-MM-dd}), and one installation works on an archive. " +
            "Nothing was changed. If that one is gone for good, 'docingest archive adopt' makes it this one's.");
    }

    private async Task<ArchiveOwner?> ReadAsync(IBlobStore store, CancellationToken cancellation, bool onThread = false)
    {
        var places = new BlobPlaces(store, "", readsOnCallersThread: onThread);
        return await places.TryReadWholeAsync(_blobName, ArchiveOwner.LimitBytes, cancellation) is not { } content ? null
            : ArchiveOwner.TryRead(content)
            ?? throw new LockHeldException($"{_store.DisplayName}: {_blobName} is no file of this program, so it cannot be told whose the archive is. Nothing was changed.");
    }

    private Guid Ours() => _installation() ?? throw new LockHeldException($"{_store.DisplayName}: this data folder has no installation yet that could write. Nothing was changed.");

    private StorageUnavailableException Gone() => new($"{_store.DisplayName}: {_blobName} vanished while it was looked at.");
}
