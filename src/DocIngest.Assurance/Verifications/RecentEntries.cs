using DocIngest.Assurance.Population;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;

namespace DocIngest.Assurance.Verifications;

/// <summary>What the audit says of records since a run began: asked under a record's lock, where what its holder did has its entry already, or is drained to it.</summary>
/// <param name="scene">What the run works with.</param>
/// <param name="since">When the run began.</param>
internal sealed class RecentEntries(AssuranceScene scene, DateTimeOffset since)
{
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);

    /// <summary>What is expected of an object now.</summary>
    /// <param name="one">What was expected when the run began.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where it was destroyed since, or is about to be.</returns>
    public async Task<KnownObject?> UpdateAsync(KnownObject one, CancellationToken cancellation)
    {
        if (one.Expected is not { } before || !RecordId.TryParse(one.Id, out var id))
        {
            return one;   // of what is no record the audit says nothing
        }

        var recent = await ReadAsync(cancellation);
        return recent.Destroyed.ContainsKey(id) && RecordPopulation.Going(scene.Data).Contains(id) ? null
            : recent.Filed.TryGetValue(id, out var now) && now.Version > before.Version ? one with { Expected = now }
            : one;
    }

    /// <summary>The records that were filed, or got a version.</summary>
    public async Task<IEnumerable<string>> FiledAsync(CancellationToken cancellation) => (await ReadAsync(cancellation)).Filed.Keys.Select(id => id.ToString());

    private async Task<IntakeRecords> ReadAsync(CancellationToken cancellation)
    {
        await scene.Audit.DrainAsync(scene.Database, cancellation);
        return IntakeRecords.Read(scene.Data, new AuditQuery { From = since - ClocksDiffer }, DateTimeOffset.MaxValue, cancellation);
    }
}
