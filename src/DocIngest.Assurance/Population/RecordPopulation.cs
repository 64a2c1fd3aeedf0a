using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sampling;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Population;

/// <summary>The records that a run speaks about: filed by a moment (of a drill, before the backup was made), and not destroyed since.</summary>
internal sealed class RecordPopulation
{
    private readonly Dictionary<RecordId, ExpectedRecord> _records;
    private readonly IReadOnlyList<string> _excluded;
    private List<string>? _ids;

    private RecordPopulation(IntakeRecords intake, Dictionary<RecordId, ExpectedRecord> records, IReadOnlyList<string> excluded)
    {
        Intake = intake;
        _records = records;
        _excluded = excluded;
    }

    /// <summary>How many there are.</summary>
    public int Count => _records.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<RecordId, ExpectedRecord> Records => _records;

    /// <summary>What the audit knows besides.</summary>
    public IntakeRecords Intake { get; }

    /// <summary>What had been destroyed before the backup was made, and must not be in it.</summary>
    public required IReadOnlyList<RecordId> Destroyed { get; init; }

    /// <summary>What the ledger says was destroyed, and the audit does not: it stays among what must be there.</summary>
    public required IReadOnlyList<RecordId> Unaudited { get; init; }

    // Sorted by their bytes. Only what is drawn from needs them.
    private List<string> Ids => _ids ??= [.. _records.Keys.Select(id => id.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Takes stock.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="at">The moment that is spoken about.</param>
    /// <param name="cancellation">Heeded between entries.</param>
    /// <remarks>What is destroyed has an entry of the audit, record by record, before it goes. The ledger beside it, which anybody may write who may write the data folder, takes nothing away by itself.</remarks>
    /// <exception cref="Archive.DamagedObjectException">A file of the destruction ledger cannot be read: nobody can say what must be there.</exception>
    public static RecordPopulation Take(IDurableFolder data, DateTimeOffset at, CancellationToken cancellation)
    {
        var intake = IntakeRecords.Read(data, at, cancellation);
        var records = intake.Filed.ToDictionary();
        var going = Going(data);
        var ledger = Gone(data);
        long destroyed = intake.Destroyed.Keys.LongCount(id => going.Contains(id) && records.Remove(id));
        List<string> excluded = [];
        if (destroyed > 0)
        {
            excluded.Add(string.Create(CultureInfo.InvariantCulture, $"{destroyed:N0} records that were destroyed, or whose destruction has begun, as the audit and the destruction ledger say"));
        }

        if (intake.LaterCount > 0)
        {
            excluded.Add(string.Create(CultureInfo.InvariantCulture, $"{intake.LaterCount:N0} records and versions that were made later, the first at {intake.FirstLater:yyyy-MM-dd HH:mm} UTC"));
        }

        return new RecordPopulation(intake, records, excluded)
        {
            Destroyed = [.. ledger.Where(id => intake.Destroyed.TryGetValue(id, out var then) && then <= at)],
            Unaudited = [.. ledger.Where(id => records.ContainsKey(id))],
        };
    }

    /// <summary>Records that the ledger says were destroyed, or whose destruction has begun and has no end yet. What was kept in the end is none of them.</summary>
    /// <inheritdoc cref="Take" path="/exception" />
    public static IReadOnlySet<RecordId> Going(IDurableFolder data)
    {
        var ledger = new DestructionLedger(data);
        var ended = ledger.Done().Select(end => end.ProposalSha512).ToHashSet(StringComparer.Ordinal);
        return Gone(data).Concat(ledger.Begun().Where(one => !ended.Contains(one.ProposalSha512)).SelectMany(one => one.Records)).ToHashSet();
    }

    private static HashSet<RecordId> Gone(IDurableFolder data) =>
        new DestructionLedger(data).Done().SelectMany(end => end.Records).Where(record => record.Destroyed).Select(record => record.Id).ToHashSet();

    /// <summary>Writes the list that a sample is drawn from.</summary>
    /// <param name="file">Where to; not closed here.</param>
    /// <returns>What the report says of it.</returns>
    public ReportedPopulation Write(Stream file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string id in Ids)
        {
            byte[] line = Encoding.ASCII.GetBytes(id + "\n");
            file.Write(line);
            hash.AppendData(line);
        }

        return ToReported() with { ListSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) };
    }

    /// <summary>What the report says of it, without a list.</summary>
    public ReportedPopulation ToReported() => new("records", Count, null, "the audit's entries of intake, less what the destruction ledger names", null, _excluded);

    /// <summary>Draws, in the order of the draw.</summary>
    public IReadOnlyList<RecordId> Draw(SampleSeed seed, long size) =>
        [.. SampleDraw.Places(seed, Count, size).Select(place => RecordId.Parse(Ids[(int)place]))];

    /// <summary>The oldest and the newest: each is looked at in every drill.</summary>
    public IEnumerable<RecordId> Ends() => Count == 0 ? [] : [_records.MinBy(record => record.Value.Since).Key, _records.MaxBy(record => record.Value.Since).Key];
}
