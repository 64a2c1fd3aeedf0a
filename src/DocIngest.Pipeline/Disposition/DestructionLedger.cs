using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Disposition;

/// <summary>That there is a ledger, and nothing in it yet (<c>ledger-3fa9c2e1.json</c>).</summary>
/// <param name="StartedAt">When, UTC.</param>
internal sealed record LedgerStart(DateTimeOffset StartedAt)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = "docingest-destruction-ledger/1";
}

/// <summary>That records are about to be destroyed (<c>d-1-3fa9c2e1.json</c>), written before the first of them is.</summary>
/// <param name="Disposition">Which: <c>d-1</c>.</param>
/// <param name="BegunAt">When, UTC.</param>
/// <param name="ProposalSha512">Of what was approved.</param>
/// <param name="Records">Which records.</param>
public sealed record LedgerIntent([property: JsonRequired] string Disposition, DateTimeOffset BegunAt, [property: JsonRequired] string ProposalSha512, [property: JsonRequired] IReadOnlyList<RecordId> Records)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = "docingest-destruction-ledger/1";
}

/// <summary>What became of them (<c>d-1-3fa9c2e1.done.json</c>).</summary>
/// <param name="Disposition">Which: <c>d-1</c>.</param>
/// <param name="EndedAt">When, UTC.</param>
/// <param name="ProposalSha512">Of what was approved.</param>
/// <param name="HoldsReadAt">When the register of holds was read last.</param>
/// <param name="Records">What became of each.</param>
public sealed record LedgerEnd(
    [property: JsonRequired] string Disposition, DateTimeOffset EndedAt, [property: JsonRequired] string ProposalSha512, DateTimeOffset? HoldsReadAt, [property: JsonRequired] IReadOnlyList<RecordOutcome> Records)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = "docingest-destruction-ledger/1";
}

/// <summary>
/// The destruction ledger: <c>destruction/</c> of the data folder, beside the archive, so that an older archive that is restored is told what must not come back.
/// Files are written once and never changed, and named after what was approved, so that two ledgers never take one another's names; ids only, nothing of a person. Every backup repository gets a copy before anything is destroyed.
/// </summary>
/// <param name="data">The data folder.</param>
public sealed class DestructionLedger(IDurableFolder data)
{
    private const int MostBytes = 64 << 20;
    private const string Ended = ".done.json";
    private const string Rejected = ".rejected.json";
    private const string Signature = ".p7s";
    private const int MostSignatureBytes = 64 * 1024;
    private const int DigestCharacters = 16;
    private const string Prefix = "ledger-";

    /// <summary>Begins the ledger, where there is none: an empty one in a backup says that nothing had been destroyed, none says nothing.</summary>
    /// <remarks>The file's name is drawn by chance: by it a ledger is known as this one, also of a data folder that was moved.</remarks>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    public async Task StartAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (data.Find(DataFolder.Destruction) is null || !data.List(DataFolder.Destruction).Any(entry => entry.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            await WriteOnceAsync(
                $"{Prefix}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(DigestCharacters / 2))}.json",
                JsonSerializer.SerializeToUtf8Bytes(new LedgerStart(now), DispositionJson.Instance.LedgerStart), cancellation);
        }
    }

    /// <summary>Notes that records are about to be destroyed. Again for the same disposition: nothing changes, the first note holds.</summary>
    /// <exception cref="StorageException">It may not be there: destroy nothing.</exception>
    internal Task BeginAsync(LedgerIntent intent, CancellationToken cancellation) =>
        WriteOnceAsync(
            $"{NameOf(intent.Disposition, intent.ProposalSha512)}.json", JsonSerializer.SerializeToUtf8Bytes(intent, DispositionJson.Instance.LedgerIntent), cancellation);

    /// <summary>Notes what became of them, signed by the service: from here on this is what holds.</summary>
    /// <inheritdoc cref="BeginAsync" path="/exception" />
    internal async Task EndAsync(LedgerEnd end, ServiceSigner signer, DateTimeOffset now, CancellationToken cancellation)
    {
        string name = $"{NameOf(end.Disposition, end.ProposalSha512)}{Ended}";
        byte[]? there = SmallFile.Read(data, $"{DataFolder.Destruction}/{name}", MostBytes);
        byte[] content = there ?? JsonSerializer.SerializeToUtf8Bytes(end, DispositionJson.Instance.LedgerEnd);
        if (there is null)
        {
            data.Delete($"{DataFolder.Destruction}/{name}{Signature}");   // of an end that a crash kept from being written
        }

        await WriteOnceAsync(name + Signature, signer.Sign(content, now), cancellation);   // first: an end without it is not believed
        await WriteOnceAsync(name, content, cancellation);
    }

    /// <summary>Notes that a proposal was rejected or taken back: an older register that is restored must not bring it back.</summary>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    public Task RejectAsync(Proposed disposition, CancellationToken cancellation) => WriteOnceAsync(
        NameOf(disposition.Id, disposition.ProposalSha512) + Rejected,
        JsonSerializer.SerializeToUtf8Bytes(disposition.Rejected, DispositionJson.Instance.Rejection), cancellation);

    /// <summary>Whether it knows that a proposal was rejected.</summary>
    public bool IsRejected(Proposed disposition) => data.Find($"{DataFolder.Destruction}/{NameOf(disposition.Id, disposition.ProposalSha512)}{Rejected}") is not null;

    /// <summary>Whether what it says of the end of a disposition is signed with one of these certificates.</summary>
    internal bool IsSigned(LedgerEnd end, X509Certificate2Collection trusted)
    {
        string path = $"{DataFolder.Destruction}/{NameOf(end.Disposition, end.ProposalSha512)}{Ended}";
        return SmallFile.Read(data, path, MostBytes) is { } content && SmallFile.Read(data, path + Signature, MostSignatureBytes) is { } signature
            && DetachedSignature.IsBy(content, signature, trusted);
    }

    /// <summary>What was begun, by disposition.</summary>
    /// <exception cref="DamagedObjectException">A file is damaged or of a newer program.</exception>
    public IReadOnlyList<LedgerIntent> Begun() => [.. Names().Where(name => !name.EndsWith(Ended, StringComparison.Ordinal) && !name.EndsWith(Rejected, StringComparison.Ordinal)).Select(name => Read(name, DispositionJson.Instance.LedgerIntent))];

    /// <summary>What came to its end, by disposition.</summary>
    /// <inheritdoc cref="Begun" path="/exception" />
    public IReadOnlyList<LedgerEnd> Done() => [.. Names().Where(name => name.EndsWith(Ended, StringComparison.Ordinal)).Select(name => Read(name, DispositionJson.Instance.LedgerEnd))];

    /// <summary>What became of the records of a disposition; null where it has not come to its end.</summary>
    /// <inheritdoc cref="Begun" path="/exception" />
    public LedgerEnd? EndOf(Proposed disposition) => NameOf(disposition.Id, disposition.ProposalSha512) + Ended is var name && data.Find($"{DataFolder.Destruction}/{name}") is not null
        ? Read(name, DispositionJson.Instance.LedgerEnd)
        : null;

    /// <summary>Whether it has another disposition of this number: of an archive that was restored from before it, or of another one.</summary>
    public bool HasAnother(Proposed disposition) => Names().Any(name =>
        name.StartsWith($"{disposition.Id}-", StringComparison.Ordinal) && !name.StartsWith(NameOf(disposition.Id, disposition.ProposalSha512), StringComparison.Ordinal));

    /// <summary>The highest number that any disposition of the ledger has; 0 where there is none.</summary>
    public int LastNumber => Names()
        .Select(name => int.TryParse(name[2..name.IndexOf('-', 2)], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)
        .DefaultIfEmpty(0).Max();

    private IEnumerable<string> Names() => data.Find(DataFolder.Destruction) is null
        ? []
        : data.List(DataFolder.Destruction).Select(entry => entry.Name)
            .Where(name => name.StartsWith("d-", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal) && name.IndexOf('-', 2) > 0).Order(StringComparer.Ordinal);

    private static string NameOf(string disposition, string proposalSha512) => $"{disposition}-{proposalSha512[..Math.Min(DigestCharacters, proposalSha512.Length)]}";

    private T Read<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        string path = $"{DataFolder.Destruction}/{name}";
        try
        {
            if (SmallFile.Read(data, path, MostBytes) is { } content && JsonSerializer.Deserialize(content, type) is { } read)
            {
                return read;
            }
        }
        catch (JsonException)
        {
            // As any other file that is not what it should be.
        }

        throw new DamagedObjectException(new Finding(
            FindingCodes.DocumentUnreadable, path, "A file of the destruction ledger cannot be read. Restore destruction/ from the newest snapshot with the tag destruction-ledger."));
    }

    private Task WriteOnceAsync(string name, byte[] content, CancellationToken cancellation) =>
        SmallFile.WriteOnceAsync(data, $"{DataFolder.Destruction}/{name}", content, cancellation);
}
