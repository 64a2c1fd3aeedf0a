namespace DocIngest.Storage;

/// <summary>A flat store of named, whole blobs: what object stores and a local folder can both promise.</summary>
/// <remarks>
/// <para>Names are 1 to 1,024 characters of <c>[A-Za-z0-9._=-]</c> and <c>/</c> as separator, no empty, <c>.</c> or <c>..</c>
/// element (<see cref="ArgumentException"/>): what every store carries unchanged. A name and a name below it (<c>a</c> and <c>a/b</c>) do not occur together.</para>
/// <para>A put that has returned is durable and visible whole; one that failed left the former state, or nothing.</para>
/// <para>All members may be called from several threads and processes.</para>
/// </remarks>
/// <exception cref="StorageFullException">Any putting member: no space left. Nothing changed.</exception>
/// <exception cref="StorageUnavailableException">Any member: the store does not answer. Whether a put happened is unknown; repeat it.</exception>
/// <exception cref="StorageDeniedException">Any member of a remote store: it answers, but not to us. Any changing member: the blob is protected (<see cref="Protection"/>). Nothing changed.</exception>
public interface IBlobStore
{
    /// <summary>What the store is called in messages for people.</summary>
    string DisplayName { get; }

    /// <summary>
    /// The same store for callers that cannot await: finding, opening and listing are complete when they return, and so is each step of a list; the calling
    /// thread waits meanwhile, as it does for a disk. Streams are read by <see cref="Stream.Read(Span{byte})"/>. What does not answer is asked again for some seconds.
    /// </summary>
    IBlobStore OnCallersThread { get; }

    /// <summary>What keeps blobs from being changed and deleted by whoever may write here; null where the store has nothing of the kind. That it is set up is not said with that.</summary>
    IBlobProtection? Protection { get; }

    /// <summary>The blob's size and version, or null where there is none.</summary>
    Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>Reads <paramref name="length"/> bytes from <paramref name="offset"/> (to the end where null; fewer where the blob is shorter).</summary>
    /// <exception cref="EntryNotFoundException">No such blob.</exception>
    Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation);

    /// <summary>All blobs whose name starts with <paramref name="prefix"/>, in ordinal order of their names.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Writes a blob that must not exist.</summary>
    /// <exception cref="PreconditionFailedException">It exists. Nothing changed.</exception>
    Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation);

    /// <summary>Replaces a blob that must still be at <paramref name="version"/>.</summary>
    /// <param name="lease">Required while somebody holds a lease on the blob; the lease must be theirs.</param>
    /// <exception cref="PreconditionFailedException">It is absent, at another version, or leased by another. Nothing changed.</exception>
    Task<BlobInfo> PutIfMatchAsync(string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation);

    /// <summary>Deletes a blob; does nothing where there is none.</summary>
    /// <exception cref="PreconditionFailedException">Leased by another. Nothing changed.</exception>
    Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation);

    /// <summary>Takes the right to change a blob, for <paramref name="duration"/> (15 s to 60 s) unless renewed.</summary>
    /// <returns>Null while another holder's lease has not run out.</returns>
    /// <exception cref="EntryNotFoundException">No such blob.</exception>
    Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation);

    /// <summary>Takes a lease that all share who name the same holder, or starts its duration anew. Disposing gives it up for all of them.</summary>
    /// <inheritdoc cref="TryLeaseAsync" />
    Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation);
}

/// <summary>A blob as a listing tells it.</summary>
public sealed record BlobInfo(string Name, long SizeBytes, BlobVersion Version);

/// <summary>The opaque state of a blob: equal exactly while nobody has written it in between.</summary>
public readonly record struct BlobVersion(string Value);

/// <summary>A right to change one blob. Fences: after it ran out, changes made with it fail. Disposing gives it up.</summary>
public interface IBlobLease : IAsyncDisposable
{
    /// <summary>Starts the duration anew.</summary>
    /// <exception cref="PreconditionFailedException">It ran out and another holds it, or the blob is gone.</exception>
    Task RenewAsync(CancellationToken cancellation);
}
