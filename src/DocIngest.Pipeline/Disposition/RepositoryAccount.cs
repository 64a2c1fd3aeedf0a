using System.Text.Json.Serialization;
using DocIngest.Pipeline.Audit;

namespace DocIngest.Pipeline.Disposition;

/// <summary>What a repository of backups has, or had, of what was destroyed: an entry of a certificate.</summary>
/// <param name="Repository">Its name, without secrets.</param>
/// <param name="RepositoryId">Its own id, wherever it lies; null where it never answered.</param>
/// <param name="State">How it stands.</param>
/// <param name="Held">Snapshots that hold some of it, or did since it was destroyed.</param>
/// <param name="PrunedAt">When a prune of this repository ended that left nothing of it; null before.</param>
public sealed record RepositoryAccount(string Repository, string? RepositoryId, RepositoryState State, IReadOnlyList<HeldSnapshot> Held, DateTimeOffset? PrunedAt)
{
    /// <summary>Who said that it is gone; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeclaredGone? Declared { get; init; }

    /// <summary>Whether nothing of it is left there, as far as anybody can know.</summary>
    [JsonIgnore]
    public bool IsDone => State is RepositoryState.Pruned or RepositoryState.DeclaredGone;

    internal bool Is(string name, string? id) => id is not null && RepositoryId is not null ? id == RepositoryId : name == Repository;

    /// <summary>Why it is not done, in words for an operator; null where it is, or where something else tells.</summary>
    internal string? InWords(string disposition) => State switch
    {
        RepositoryState.NotPruned => $"{Repository}: no 'backup prune' of it has come to its end since its snapshots were forgotten: packs may still hold what no snapshot refers to.",
        RepositoryState.NotAsked =>
            $"{Repository}: it held some of them, is not configured any more, and was not asked. Name it in the configuration again, or let a records manager say that it is gone: 'retention declare-gone {disposition}'.",
        _ => null,   // snapshots, and what could not be asked, are told by themselves
    };
}

/// <summary>A snapshot that held something of it.</summary>
/// <param name="Snapshot">Its id.</param>
/// <param name="Time">When it was made.</param>
/// <param name="IsThere">Whether it still does.</param>
public sealed record HeldSnapshot(string Snapshot, DateTimeOffset Time, bool IsThere);

/// <summary>How a repository stands. Closed; the words are a promise (docs/formats/disposition.md).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RepositoryState>))]
public enum RepositoryState
{
    /// <summary>Snapshots hold some of it.</summary>
    [JsonStringEnumMemberName("holds")]
    Holds,

    /// <summary>It could not be asked, or not wholly.</summary>
    [JsonStringEnumMemberName("unclear")]
    Unclear,

    /// <summary>No snapshot refers to it any more; packs may hold it.</summary>
    [JsonStringEnumMemberName("notPruned")]
    NotPruned,

    /// <summary>It held some of it, or was unclear, and is not configured any more.</summary>
    [JsonStringEnumMemberName("notAsked")]
    NotAsked,

    /// <summary>It was pruned after that.</summary>
    [JsonStringEnumMemberName("pruned")]
    Pruned,

    /// <summary>A person said that it is gone.</summary>
    [JsonStringEnumMemberName("declaredGone")]
    DeclaredGone,
}

/// <summary>That a person said of a repository, which nothing can ask any more, that it is gone.</summary>
/// <param name="Repository">As certificates name it.</param>
/// <param name="Person">Who, of the register of people.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Account">Their account, as a URI.</param>
/// <param name="Reason">How they know.</param>
public sealed record DeclaredGone(string Repository, string Person, DateTimeOffset At, string Account, string Reason);

/// <summary>A prune that left nothing to do, as the audit has it.</summary>
/// <param name="RepositoryId">Of which repository.</param>
/// <param name="At">When it ended.</param>
/// <param name="Snapshots">The snapshots that were there: their packs it kept.</param>
internal sealed record EndedPrune(string RepositoryId, DateTimeOffset At, IReadOnlySet<string> Snapshots)
{
    /// <summary>Those of the audit, oldest first. One with many snapshots has several entries, one behind the other, each of which says how many they are.</summary>
    public static IReadOnlyList<EndedPrune> Read(IEnumerable<AuditEntry> entries)
    {
        var prunes = new List<EndedPrune>();
        string? of = null;
        var snapshots = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(IsPruned))
        {
            if (Of(entry, AuditEntity.Repository) is not [var repository, ..])
            {
                continue;
            }

            if (repository != of)
            {
                snapshots = new HashSet<string>(StringComparer.Ordinal);
            }

            of = repository;
            snapshots.UnionWith(Of(entry, AuditEntity.Snapshot));
            if (entry.Json.TryGetProperty("count", out var count) && snapshots.Count >= count.GetInt32())
            {
                prunes.Add(new EndedPrune(repository, entry.Time, snapshots));
                of = null;
            }
        }

        return prunes;
    }

    private static bool IsPruned(AuditEntry entry) => entry.Json.GetProperty("type").ValueEquals(AuditType.Backup) && entry.Json.GetProperty("subtype").ValueEquals("pruned");

    private static List<string> Of(AuditEntry entry, string kind) =>
        entry.Json.TryGetProperty("entities", out var entities)
            ? [.. entities.EnumerateArray().Where(entity => entity.GetProperty("kind").ValueEquals(kind)).Select(entity => entity.GetProperty("id").GetString() ?? "")]
            : [];
}
