using System.Runtime.CompilerServices;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>A store whose next calls fail as a test says.</summary>
internal sealed class FailingStore(IRepositoryStore inner) : IRepositoryStore
{
    private readonly Queue<Exception> _before = new();
    private Exception? _after;

    public IRepositoryStore Inner => inner;

    public string DisplayName => inner.DisplayName;

    /// <summary>Done before each call.</summary>
    public Func<Task> BeforeCall { get; set; } = () => Task.CompletedTask;

    /// <summary>The next listing fails after so many files; null for none.</summary>
    public int? BreakListingAfter { get; set; }

    /// <summary>Each of the next calls fails before it does anything.</summary>
    public void Fail(params Exception[] errors)
    {
        foreach (var error in errors)
            _before.Enqueue(error);
    }

    /// <summary>The next call does its work, and fails.</summary>
    public void FailAfter(Exception error) => _after = error;

    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await RunAsync(() => Task.FromResult(true));
        int told = 0;
        await foreach (var file in inner.ListAsync(kind, cancellation))
        {
            if (told++ == BreakListingAfter)
            {
                BreakListingAfter = null;
                throw new DocIngest.Storage.StorageUnavailableException("The listing broke off.");
            }

            yield return file;
        }
    }

    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => RunAsync(() => inner.FindAsync(kind, id, cancellation));

    public Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation) =>
        RunAsync(() => inner.ReadAsync(kind, id, offset, destination, cancellation));

    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        RunAsync(() => inner.ReadAllAsync(kind, id, maxBytes, cancellation));

    public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        RunAsync(() => inner.SaveAsync(kind, id, content, cancellation));

    public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) => RunAsync(() => inner.DeleteAsync(kind, id, cancellation));

    public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) => RunAsync(() => inner.ReadConfigAsync(cancellation));

    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => RunAsync(() => inner.CreateConfigAsync(content, cancellation));

    private Task RunAsync(Func<Task> run) => RunAsync(async () =>
    {
        await run();
        return true;
    });

    private async Task<T> RunAsync<T>(Func<Task<T>> run)
    {
        await Task.Yield();
        await BeforeCall();
        if (_before.TryDequeue(out var error))
            throw error;
        var result = await run();
        return Interlocked.Exchange(ref _after, null) is { } after ? throw after : result;
    }
}
