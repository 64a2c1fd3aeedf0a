using System.Runtime.CompilerServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>
/// The one place where a remote store's passing failures are tried again: with growing, scattered pauses, for a limited time. Only
/// <see cref="StorageUnavailableException"/> is: damage, missing files, refusals and full disks do not pass.
/// </summary>
/// <remarks>Every member of a store is safe to repeat but for the creation of config, which is told from somebody else's by its bytes.</remarks>
public sealed class RetryingStore : IRepositoryStore
{
    private readonly IRepositoryStore _inner;
    private readonly Retries _retries;

    /// <param name="inner">Tries nothing again itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="terms">How long. Default: a service's.</param>
    /// <param name="retrying">Is told before each pause, from the failing call.</param>
    public RetryingStore(IRepositoryStore inner, TimeProvider time, RetryTerms? terms = null, Action<StoreRetry>? retrying = null)
        : this(inner, new Retries(time, terms ?? new RetryTerms(), retrying))
    {
    }

    internal RetryingStore(IRepositoryStore inner, Retries retries) => (_inner, _retries) = (inner, retries);

    /// <inheritdoc />
    public string DisplayName => _inner.DisplayName;

    /// <inheritdoc />
    /// <remarks>Read whole before the first file is told: a listing that breaks off begins again.</remarks>
    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var files = await _retries.RunAsync($"list {kind}", async stop => await _inner.ListAsync(kind, stop).ToListAsync(stop), cancellation);
        foreach (var file in files)
            yield return file;
    }

    /// <inheritdoc />
    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) =>
        _retries.RunAsync($"find {kind} {id}", stop => _inner.FindAsync(kind, id, stop), cancellation);

    /// <inheritdoc />
    public Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation) =>
        _retries.RunAsync($"read {kind} {id}", stop => _inner.ReadAsync(kind, id, offset, destination, stop), cancellation);

    /// <inheritdoc />
    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        _retries.RunAsync($"read {kind} {id}", stop => _inner.ReadAllAsync(kind, id, maxBytes, stop), cancellation);

    /// <inheritdoc />
    public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        _retries.RunAsync($"save {kind} {id}", stop => _inner.SaveAsync(kind, id, content, stop), cancellation);

    /// <inheritdoc />
    public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) =>
        _retries.RunAsync($"delete {kind} {id}", stop => _inner.DeleteAsync(kind, id, stop), cancellation);

    /// <inheritdoc />
    public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) => _retries.RunAsync("read config", _inner.ReadConfigAsync, cancellation);

    /// <inheritdoc />
    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        bool mayBeOurs = false;
        return _retries.RunAsync("create config", CreateAsync, cancellation);

        async Task CreateAsync(CancellationToken stop)
        {
            try
            {
                await _inner.CreateConfigAsync(content, stop);
            }
            catch (StorageUnavailableException)
            {
                mayBeOurs = true;   // only the answer may have been lost
                throw;
            }
            catch (NameTakenException) when (mayBeOurs)
            {
                byte[]? existing = await _inner.ReadConfigAsync(stop);
                if (existing is null || !content.Span.SequenceEqual(existing))
                    throw;
            }
        }
    }
}

/// <summary>How long a remote store is asked again.</summary>
public sealed record RetryTerms
{
    /// <summary>The first pause, or down to half of it: pauses are scattered. It doubles each time. Default 0.5 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>No pause is longer, unless the store asks for it. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After the first failure of a call no further attempt begins later than this. Default 15 min, as in restic; zero for none at all.</summary>
    public TimeSpan TotalTime { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>Something that is about to be tried again.</summary>
/// <param name="Operation">What, by kind and id.</param>
/// <param name="Failures">How often it has failed.</param>
/// <param name="Pause">How long until the next attempt.</param>
/// <param name="Reason">Why it failed, without secrets.</param>
public sealed record StoreRetry(string Operation, int Failures, TimeSpan Pause, string Reason);
