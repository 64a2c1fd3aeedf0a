using DocIngest.Storage;

namespace DocIngest.Pipeline.Recovering;

/// <summary>What the last call of a recovery came to, for a person: <c>recovery/result.json</c>.</summary>
public static class RecoveryResultFile
{
    private const string File = $"{DataFolder.Recovery}/result.json";

    /// <summary>Writes it, over that of the call before.</summary>
    /// <exception cref="StorageException">It may be the former one still. Repeat.</exception>
    public static Task WriteAsync(IDurableFolder data, ReadOnlyMemory<byte> json, CancellationToken cancellation) => SmallFile.PutAsync(data, File, json, cancellation);
}
