using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Retention;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline;

/// <summary>Records what sidecars of trusted profiles say of patients and cases, as <c>events add</c> would.</summary>
/// <param name="schedule">The kinds of events there are, and the fields with the numbers; read where a sidecar brings events, and not before.</param>
/// <param name="open">Opens the events; called where a sidecar brings some, and not before.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Event 1065.</param>
public sealed class SidecarEvents(Func<RetentionSchedule> schedule, Func<CancellationToken, Task<EventStore>> open, TimeProvider time, ILogger logger)
{
    private readonly Lazy<RetentionSchedule> _schedule = new(schedule);

    /// <summary>Records the events of several sidecars. The same ones again change nothing.</summary>
    /// <param name="sidecars">In the order in which their scans came.</param>
    /// <param name="cancellation">Heeded between objects; the same call again does the rest.</param>
    /// <returns>For each sidecar what was not recorded and why, in words without anything of a person.</returns>
    /// <inheritdoc cref="EventStore.RecordAsync" path="/exception" />
    internal async Task<IReadOnlyList<IReadOnlyList<string>>> RecordAsync(IReadOnlyList<Sidecar> sidecars, CancellationToken cancellation)
    {
        var kept = _schedule.Value;
        var rules = new EventRules(kept, kept.DateOf(time.GetUtcNow()));
        var refused = sidecars.Select(_ => new List<string>()).ToList();
        var lines = new List<(int Sidecar, int Number, EventLine Line)>();
        for (int at = 0; at < sidecars.Count; at++)
        {
            for (int number = 1; number <= sidecars[at].Events.Count; number++)
            {
                var (line, fault) = Check(rules, kept, sidecars[at], sidecars[at].Events[number - 1]);
                if (line is null)
                {
                    refused[at].Add(Words(number, fault ?? "cannot be read"));
                    continue;
                }

                lines.Add((at, number, line));
            }
        }

        if (lines.Count > 0)
        {
            var outcomes = await RecordAsync([.. lines.Select(one => one.Line)], cancellation);
            foreach (var ((sidecar, number, _), outcome) in lines.Zip(outcomes))
            {
                if (outcome is EventOutcome.Refused why)
                {
                    refused[sidecar].Add(Words(number, why.Why));
                }
            }
        }

        return refused;
    }

    // A scan is archived whatever stands in the way of its events: they are in its sidecar, which is archived with it, and the record says that they are missing.
    private async Task<IReadOnlyList<EventOutcome>> RecordAsync(IReadOnlyList<EventLine> lines, CancellationToken cancellation)
    {
        try
        {
            var store = await open(cancellation);
            return await store.RecordAsync(lines, EventSource.Sidecar, cancellation);
        }
        catch (EventsUnavailableException error)
        {
            logger.SidecarEventsUnavailable(lines.Count, error.Message);
            return [.. lines.Select(_ => new EventOutcome.Refused("waits for the key that names events, which is damaged; record it with 'events add' once that is mended"))];
        }
    }

    // Whose it is the sidecar itself must say: never what was read on the page.
    private static (EventLine? Line, string? Fault) Check(EventRules rules, RetentionSchedule kept, Sidecar sidecar, SidecarEvent said)
    {
        bool namesNobody = said.PatientId.Length + said.EncounterId.Length == 0;
        return rules.Check(
            namesNobody ? sidecar.Fields.GetValueOrDefault(kept.PatientField, "") : said.PatientId,
            namesNobody ? sidecar.Fields.GetValueOrDefault(kept.CaseField, "") : said.EncounterId,
            said.Kind, said.Date, said.Replaces);
    }

    private static string Words(int number, string fault) => $"Event {number} of its sidecar was not recorded: it {fault}.";
}
