using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sampling;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>The records that a drill speaks about: filed before the backup was made, and not destroyed since.</summary>
internal sealed class DrillPopulation
{
    private readonly Dictionary<RecordId, ExpectedRecord> _records;
    private readonly IReadOnlyList<string> _excluded;
    private readonly List<string> _ids;   // sorted by their bytes

    private DrillPopulation(Dictionary<RecordId, ExpectedRecord> records, IReadOnlyList<string> excluded, IReadOnlySet<RecordId> destroyed)
    {
        _records = records;
        _excluded = excluded;
        Destroyed = destroyed;
        _ids = [.. records.Keys.Select(id => id.ToString())];
        _ids.Sort(StringComparer.Ordinal);
    }

    /// <summary>How many there are.</summary>
    public int Count => _ids.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<RecordId, ExpectedRecord> Records => _records;

    /// <summary>What had been destroyed before the backup was made, and must not be in it.</summary>
    public IReadOnlySet<RecordId> Destroyed { get; }

    /// <summary>Takes stock.</summary>
    /// <exception cref="Archive.DamagedObjectException">A file of the destruction ledger cannot be read: nobody can say what must be there.</exception>
    public static DrillPopulation Take(IDurableFolder data, DateTimeOffset backedUpAt, CancellationToken cancellation)
    {
        var records = IntakeRecords.Read(data, backedUpAt, cancellation);
        var ledger = new DestructionLedger(data);
        var destroyedBefore = new HashSet<RecordId>();
        var excluded = new List<string>();
        foreach (var end in ledger.Done())
        {
            var gone = end.Records.Where(record => record.Destroyed).Select(record => record.Id).ToList();
            int count = gone.Count(records.Remove);
            if (end.EndedAt <= backedUpAt)
            {
                destroyedBefore.UnionWith(gone);
            }

            excluded.Add(string.Create(CultureInfo.InvariantCulture, $"{count:N0} records destroyed by {end.Disposition}"));
        }

        var ended = ledger.Done().Select(end => end.Disposition).ToHashSet(StringComparer.Ordinal);
        foreach (var begun in ledger.Begun().Where(begun => !ended.Contains(begun.Disposition)))
        {
            int count = begun.Records.Count(records.Remove);
            excluded.Add(string.Create(CultureInfo.InvariantCulture, $"{count:N0} records whose destruction by {begun.Disposition} is under way"));
        }

        return new DrillPopulation(records, excluded, destroyedBefore);
    }

    /// <summary>Writes the list that a sample is drawn from.</summary>
    /// <param name="file">Where to; not closed here.</param>
    /// <returns>What the report says of it.</returns>
    public ReportedPopulation Write(Stream file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string id in _ids)
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
        [.. SampleDraw.Places(seed, Count, size).Select(place => RecordId.Parse(_ids[(int)place]))];

    /// <summary>The oldest and the newest: each is looked at in every drill.</summary>
    public IEnumerable<RecordId> Ends() => Count == 0 ? [] : [_records.MinBy(record => record.Value.Since).Key, _records.MaxBy(record => record.Value.Since).Key];
}
