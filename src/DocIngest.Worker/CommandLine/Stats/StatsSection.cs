using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Statistics;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine.Stats;

/// <summary>What is to be counted, and where.</summary>
internal sealed record StatsRequest(
    Workspace Workspace, RetentionSchedule Schedule, StatsReader Reader, StatsSpan Span, DateOnly Today, IReadOnlyList<StatsDimension> By, int DueWithinDays, CancellationToken Cancellation);

/// <summary>What a section counted.</summary>
/// <param name="Json">Its member of the document.</param>
/// <param name="AddsUp">Whether its sums agree.</param>
/// <param name="Uncounted">What could not be counted, and what to do about it; null where all was.</param>
/// <param name="Words">Its table.</param>
internal sealed record StatsPart(object Json, bool AddsUp, string? Uncounted, Action<TextWriter> Words);

/// <summary>One section of <c>stats</c>, which counts by itself. A new thing to count is one more line in <see cref="All"/>.</summary>
/// <param name="Name">Of the member in the document, and for <c>--section</c>.</param>
/// <param name="Count">Counts.</param>
internal sealed record StatsSection(string Name, Func<StatsRequest, StatsPart> Count)
{
    /// <summary>The sections, in the order in which they are printed.</summary>
    public static IReadOnlyList<StatsSection> All { get; } =
    [
        new("scans", request => StatsTables.Of(request.Reader.Scans(request.By))),
        new("records", request => StatsTables.Of(request.Reader.Records(request.By))),
        new("events", request => StatsTables.Of(request.Reader.Events(request.Schedule.Kinds, request.Today))),
        new("retention", CountRetention),
        new("disposition", CountDispositions),
    ];

    private static StatsPart CountRetention(StatsRequest request)
    {
        using var catalog = new RetentionReader(request.Workspace.Database);
        var archive = request.Workspace.OpenArchive();
        var planner = new RetentionPlanner(
            request.Schedule, catalog, request.Workspace.SystemObjectsOf(archive), request.Workspace.Time, request.Workspace.HoldsIn(archive).InForce());
        return StatsTables.Of(RetentionStatistics.Of(Heeding(planner.Plan(recordClass: null), request.Cancellation), request.Today, request.DueWithinDays));
    }

    private static StatsPart CountDispositions(StatsRequest request)
    {
        var archive = request.Workspace.OpenArchive();
        int holds = request.Workspace.HoldsIn(archive).List().Count(hold => hold.IsInForce);
        return StatsTables.Of(DispositionStatistics.Of(request.Workspace.DispositionsIn(archive).List(), holds, request.Span));
    }

    private static IEnumerable<PlannedRecord> Heeding(IEnumerable<PlannedRecord> plan, CancellationToken cancellation)
    {
        foreach (var record in plan)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return record;
        }
    }
}
