using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Locks;

/// <summary>A store whose saves do not return until they are released, whatever they are told.</summary>
internal sealed class HangingStore(IRepositoryStore inner) : IRepositoryStore
{
    public TaskCompletionSource? Release { get; set; }

    public string DisplayName => inner.DisplayName;

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);

    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.FindAsync(kind, id, cancellation);

    public Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation) =>
        inner.ReadAsync(kind, id, offset, destination, cancellation);

    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        inner.ReadAllAsync(kind, id, maxBytes, cancellation);

    public async Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (Release is { } release)
            await release.Task;
        await inner.SaveAsync(kind, id, content, CancellationToken.None);
    }

    public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.DeleteAsync(kind, id, cancellation);

    public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) => inner.ReadConfigAsync(cancellation);

    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => inner.CreateConfigAsync(content, cancellation);
}
