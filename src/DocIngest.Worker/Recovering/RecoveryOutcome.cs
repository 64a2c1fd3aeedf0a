using System.Text.Json;
using DocIngest.Assurance.Recovery;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;

namespace DocIngest.Worker.Recovering;

/// <summary>What a recovery came to, as <c>--json</c> and <c>recovery/result.json</c> have it (docs/operations/recovery.md).</summary>
internal sealed record RecoveryOutcome
{
    public required string Id { get; init; }

    /// <summary><c>recovered</c>, <c>findings</c> or <c>stopped-without-ledger</c>.</summary>
    public required string Result { get; init; }

    public required string DataFolder { get; init; }

    public required string Repository { get; init; }

    public required string Snapshot { get; init; }

    public required DateTimeOffset BackedUpAt { get; init; }

    public required string Host { get; init; }

    public required LedgerFound Ledger { get; init; }

    /// <summary>Everything that was restored; null while nothing was.</summary>
    public RestoredFiles? Files { get; init; }

    /// <summary>The comparison with the audit; null while nothing was restored.</summary>
    public RecoveredCount? Records { get; init; }

    /// <summary>Records that the ledger names and that had been restored before it was known.</summary>
    public long RemovedAgain { get; init; }

    public bool HoldsPutBack { get; init; }

    public long CatalogRecords { get; init; }

    /// <summary>Entries that the audit had after the backup, as far as the repository knows: what was done then is lost.</summary>
    public long LostAuditEntries { get; init; }

    /// <summary>SHA-256 of certificates of new keys: the former are gone with the machine.</summary>
    public NewKeys? Keys { get; init; }

    /// <summary>Paths of the snapshot that are not in the data folder, and were not restored.</summary>
    public IReadOnlyList<string> Elsewhere { get; init; } = [];

    /// <summary>What a person must see to, in words.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Seconds of this call until <c>get</c> could fetch single records; null where it was stopped before.</summary>
    public double? SecondsToFirstRecord { get; init; }

    /// <summary>Seconds of this call until everything was restored, compared and searchable.</summary>
    public double? SecondsToAll { get; init; }

    public const string Recovered = "recovered";
    public const string WithFindings = "findings";
    public const string Stopped = "stopped-without-ledger";

    /// <summary>Writes <c>recovery/result.json</c>.</summary>
    /// <exception cref="StorageException">It may be the former one still. Repeat.</exception>
    public Task WriteAsync(IDurableFolder data, CancellationToken cancellation) => RecoveryResultFile.WriteAsync(data, JsonSerializer.SerializeToUtf8Bytes(this, Format), cancellation);

    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
}

/// <summary>The ledger that was found.</summary>
/// <param name="Snapshot">The copy; null for none.</param>
/// <param name="Time">Of when.</param>
/// <param name="AcceptedWithout">Who has accepted that there is none.</param>
internal sealed record LedgerFound(string? Snapshot, string? Time, IReadOnlyList<string> AcceptedWithout);

/// <summary>What was restored.</summary>
internal sealed record RestoredFiles(long Restored, long Equal, long NotRestored, long BytesRestored, IReadOnlyList<RestoreProblemWords> Problems, long ProblemCount)
{
    private const int MostListed = 1000;

    public static RestoredFiles Of(RestoreResult result) => new(
        result.Files.Restored, result.Files.Equal, result.Files.NotRestored, result.BytesRestored,
        [.. result.Problems.Take(MostListed).Select(problem => new RestoreProblemWords(RawName.ToDisplay(problem.Path), JsonNamingPolicy.KebabCaseLower.ConvertName(problem.Kind.ToString()), problem.Message))],
        result.ProblemCount);
}

/// <summary>An entry of the backup that is not there.</summary>
internal sealed record RestoreProblemWords(string Path, string Kind, string Message);

/// <summary>SHA-256 of certificates.</summary>
internal sealed record NewKeys(string Reports, string Destruction);
