namespace DocIngest.Storage;

/// <summary>What keeps blobs from being changed and deleted, whoever asks for it with whatever key: a time for which a blob is immutable, and a legal hold without an end.</summary>
/// <remarks>
/// <para>Neither is locked: the time may be made longer or be taken away by whoever has the right to that, a right of its own in a store. A time that cannot be taken back would keep
/// what a court orders to be erased.</para>
/// <para>A store that has this keeps what was replaced or deleted as former versions of the blob, which no listing of the store itself shows.</para>
/// </remarks>
/// <exception cref="StorageDeniedException">Any member: the store does not have it after all, or these credentials lack the right. Nothing changed.</exception>
/// <exception cref="StorageUnavailableException">Any member: the store does not answer. Every member is safe to repeat.</exception>
public interface IBlobProtection
{
    /// <summary>Whether the place of these blobs has it: it must be set up there.</summary>
    Task<bool> IsSupportedAsync(CancellationToken cancellation);

    /// <summary>All blobs whose name starts with <paramref name="prefix"/>, with what protects them, in ordinal order of their names.</summary>
    IAsyncEnumerable<ProtectedBlob> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Makes a blob immutable until a time, instead of until the one before.</summary>
    /// <param name="name">The blob.</param>
    /// <param name="until">In the future. Kept in whole seconds.</param>
    /// <param name="cancellation">Gives up; whether it happened is unknown then.</param>
    /// <exception cref="EntryNotFoundException">No such blob.</exception>
    Task KeepUntilAsync(string name, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Puts a legal hold on a blob, or takes it off.</summary>
    /// <exception cref="EntryNotFoundException">No such blob.</exception>
    Task SetLegalHoldAsync(string name, bool isHeld, CancellationToken cancellation);

    /// <summary>Deletes what was replaced or deleted before below a prefix; what stands stays. What the store keeps of deleted versions (soft delete) it keeps.</summary>
    /// <exception cref="StorageDeniedException">One of them is protected still. Others may be gone.</exception>
    Task DeleteFormerVersionsAsync(string prefix, CancellationToken cancellation);
}

/// <summary>A blob and what protects it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="KeptUntil">Until when it is immutable, or was; null where it never was.</param>
/// <param name="IsHeld">Whether a legal hold is on it.</param>
public sealed record ProtectedBlob(string Name, DateTimeOffset? KeptUntil, bool IsHeld);
