using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Recovering;

/// <summary>How far a recovery of a data folder from a backup has come (<c>recovery/state.json</c>; docs/operations/recovery.md). Until a person has accepted it, nothing is deleted.</summary>
/// <remarks>A file, not a table: it is there before there is a catalog. One writer at a time, who holds the lock <see cref="LockName"/>.</remarks>
/// <param name="Id">Of this recovery, drawn by chance: people accept this one and no other.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Repository">Its name, without secrets.</param>
/// <param name="RepositoryId">Its own id, wherever it lies.</param>
/// <param name="Snapshot">The snapshot, in hexadecimal.</param>
/// <param name="Source">The data folder in it, by the names that lead there from its root.</param>
/// <param name="Host">Whose it was.</param>
/// <param name="BackedUpAt">When the backup began.</param>
/// <param name="StartedAt">When the recovery began.</param>
public sealed record RecoveryState(string Id, RecoveryStage Stage, string Repository, string RepositoryId, string Snapshot, IReadOnlyList<string> Source, string Host, DateTimeOffset BackedUpAt, DateTimeOffset StartedAt)
{
    /// <summary>The lock of whoever recovers or accepts.</summary>
    public const string LockName = "recovery";

    private const string File = $"{DataFolder.Recovery}/state.json";
    private const int MostBytes = 1 << 20;
    private const string CurrentFormat = "docingest-recovery/1";

    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The file with the repository's password, so that <c>get</c> can open it; null where it was given in another way.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The file with the repository's master key; null where there was a password.</summary>
    public string? EscrowKeyFile { get; init; }

    /// <summary>What of audit and configuration could not be restored, for an operator.</summary>
    public IReadOnlyList<string> FoundationProblems { get; init; } = [];

    /// <summary>How far the audit had come, as the repository knows, where the recovered one lacks that: told and accepted as a rollback is.</summary>
    public IReadOnlyList<RecoveryHead> Heads { get; init; } = [];

    /// <summary>Whether <c>get</c> may take records out of the backup, and nothing else that takes an archive may be done.</summary>
    [JsonIgnore]
    public bool IsRestoring => Stage < RecoveryStage.Finished;

    /// <summary>Reads it; null where nothing was ever recovered here.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read: nobody can say whether anything may be deleted.</exception>
    /// <exception cref="StorageException">The folder does not answer.</exception>
    public static RecoveryState? Read(IDurableFolder data)
    {
        if (data.Find(File) is null)
        {
            return null;
        }

        try
        {
            if (SmallFile.Read(data, File, MostBytes) is { } bytes && JsonSerializer.Deserialize(bytes, RecoveryStateJson.Instance.RecoveryState) is { Format: CurrentFormat } state)
            {
                return state;
            }
        }
        catch (JsonException)
        {
            // As one of another format.
        }

        throw new DamagedObjectException(new Finding(
            FindingCodes.DocumentUnreadable, File, "How far the recovery of this data folder has come cannot be read. Nothing is deleted. Recover into another, empty folder."));
    }

    /// <summary>The recovery that nobody has accepted yet; null where there is none.</summary>
    /// <inheritdoc cref="Read" path="/exception" />
    public static RecoveryState? Open(IDurableFolder data) => Read(data) is { Stage: not RecoveryStage.Accepted } state ? state : null;

    /// <summary>Writes it, durably.</summary>
    /// <exception cref="StorageException">It may be the former one still. Repeat.</exception>
    public async Task<RecoveryState> WriteAsync(IDurableFolder data, CancellationToken cancellation)
    {
        data.CreateFolder(DataFolder.Recovery);
        await SmallFile.PutAsync(data, File, JsonSerializer.SerializeToUtf8Bytes(this, RecoveryStateJson.Instance.RecoveryState), cancellation);
        return this;
    }
}

/// <summary>An entry of the audit that a repository knows of.</summary>
/// <param name="Chain">The hash of the chain's first line, in hexadecimal.</param>
/// <param name="Seq">Its number.</param>
/// <param name="Hash">Its hash, in hexadecimal.</param>
public sealed record RecoveryHead(string Chain, long Seq, string Hash);

/// <summary>How far a recovery is. Each stage is noted when all before it is durable; what follows it is safe to repeat.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecoveryStage>))]
public enum RecoveryStage
{
    /// <summary>The folder is this recovery's, and nothing is in it for sure.</summary>
    Begun,

    /// <summary>Ledger, audit and configuration are there, as far as the backups have them: what happens is recorded in the audit from now on.</summary>
    Founded,

    /// <summary>What was destroyed is known, or two people have accepted that it is not: records may come. <c>get</c> fetches single ones.</summary>
    Restoring,

    /// <summary>All that the backup has is there.</summary>
    Restored,

    /// <summary>Holds and catalog are up to date, and everything was compared: the service may run, and deletes nothing.</summary>
    Finished,

    /// <summary>A person has accepted it. It is history.</summary>
    Accepted,
}

[JsonSerializable(typeof(RecoveryState))]
internal sealed partial class RecoveryStateJson : JsonSerializerContext
{
    public static RecoveryStateJson Instance { get; } = new(SystemDocumentJson.CreateOptions());
}
