using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;

namespace DocIngest.Assurance.Population;

/// <summary>What the audit says of single records since a run began: asked under a record's lock, where what its holder did has its entry already, or is drained to it.</summary>
/// <param name="scene">What the run works with.</param>
/// <param name="since">When the run began.</param>
internal sealed class RecentEntries(AssuranceScene scene, DateTimeOffset since)
{
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);

    /// <summary>What is expected of a record now.</summary>
    /// <param name="id">Which.</param>
    /// <param name="before">What was expected when the run began.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where it was destroyed since, or is about to be.</returns>
    public async Task<ExpectedRecord?> OfAsync(RecordId id, ExpectedRecord before, CancellationToken cancellation)
    {
        await scene.Audit.DrainAsync(scene.Database, cancellation);
        var recent = IntakeRecords.Read(scene.Data, new AuditQuery { From = since - ClocksDiffer }, DateTimeOffset.MaxValue, cancellation);
        return recent.Destroyed.ContainsKey(id) ? null
            : recent.Filed.TryGetValue(id, out var now) && now.Version > before.Version ? now
            : before;
    }
}
