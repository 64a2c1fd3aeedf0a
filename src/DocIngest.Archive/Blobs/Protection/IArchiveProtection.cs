using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>What keeps the objects of an archive from being changed and deleted by whoever holds its credentials. Objects are named by their place in the layout.</summary>
/// <remarks>
/// Protected is what is never replaced: the declaration, and all of each version directory. The root inventory and its sidecar are replaced with each version, and say nothing that
/// the head's directory does not say to the byte: who deletes them has hidden an object, and lost nothing of it.
/// </remarks>
/// <exception cref="StorageUnavailableException">Any member: the store does not answer. Every member is safe to repeat.</exception>
/// <exception cref="StorageDeniedException">Any member: it is not set up for this, or the credentials lack the right.</exception>
public interface IArchiveProtection
{
    /// <summary>For how long a blob is immutable when that begins or is renewed.</summary>
    TimeSpan Window { get; }

    /// <summary>Whether the store is set up for it.</summary>
    Task<bool> IsSupportedAsync(CancellationToken cancellation);

    /// <summary>The place of an object.</summary>
    string PlaceOf(string objectId);

    /// <summary>What protects an object now.</summary>
    Task<ObjectGuard> FindAsync(string place, CancellationToken cancellation);

    /// <summary>Every object with what protects it, and, with an empty place, the files of the storage root itself.</summary>
    IAsyncEnumerable<ObjectGuard> ListAsync(CancellationToken cancellation);

    /// <summary>Makes an object immutable for a window from now on, where less than half of one is left.</summary>
    /// <returns>How many blobs were renewed.</returns>
    Task<int> KeepAsync(string place, CancellationToken cancellation);

    /// <summary>Puts a legal hold on an object, or takes it off.</summary>
    /// <returns>How many blobs were changed.</returns>
    Task<int> SetLegalHoldAsync(string place, bool isHeld, CancellationToken cancellation);
}

/// <summary>What protects an object.</summary>
/// <param name="Place">Which object.</param>
/// <param name="IsDueForRenewal">Whether one of its blobs has less than half a window left.</param>
/// <param name="ImmutableUntil">When the last of its blobs may be deleted; null where all may.</param>
/// <param name="Blobs">How many blobs of it there are to be protected.</param>
/// <param name="HeldBlobs">On how many of them a legal hold is.</param>
public sealed record ObjectGuard(string Place, bool IsDueForRenewal, DateTimeOffset? ImmutableUntil, int Blobs, int HeldBlobs)
{
    /// <summary>Whether nothing speaks against deleting it.</summary>
    public bool IsOpen => ImmutableUntil is null && HeldBlobs == 0;
}
