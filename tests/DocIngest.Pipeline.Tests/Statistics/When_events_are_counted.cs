using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Statistics;
using DocIngest.Pipeline.Tests.Retention;

namespace DocIngest.Pipeline.Tests.Statistics;

/// <summary>Admissions, discharges and who is in, on 2026-06-15.</summary>
public sealed class When_events_are_counted : IDisposable
{
    private static readonly DateOnly Today = new(2026, 6, 15);

    private readonly EventWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Every_event_counts_also_those_between_the_first_and_the_last()
    {
        await _world.ImportAsync(
            """
            patientId,encounterId,kind,date,replaces
            1,E1,admission,2024-01-01,
            1,E2,admission,2024-02-01,
            1,E3,admission,2024-03-01,
            1,E3,admission,2024-03-01,
            1,E4,admission,2024-04-02,
            1,E4,admission,2024-04-01,2024-04-02
            2,,birth,1990-05-05,
            """);
        Assert.Equal((4, 4), Count("admission"));
        Assert.Equal((1, 1), Count("admission", new DateOnly(2024, 2, 1), new DateOnly(2024, 2, 1)));
        Assert.Equal((2, 2), Count("admission", new DateOnly(2024, 2, 2), new DateOnly(2024, 4, 1)));
        Assert.Equal((1, 0), Count("birth"));
        Assert.Equal((0, 0), Count("treatment"));   // declared, and has a row
    }

    [Fact]
    public async Task Open_is_who_was_admitted_and_not_discharged_since()
    {
        await _world.ImportAsync(
            """
            patientId,encounterId,kind,date
            in,C1,admission,2026-06-01
            back,C2,admission,2026-05-01
            back,C2,discharge,2026-05-03
            back,C3,admission,2026-06-10
            out,C4,admission,2026-06-10
            out,C4,discharge,2026-06-10
            died,C5,admission,2026-06-10
            died,,death,2026-06-11
            never,C6,discharge,2026-06-11
            """);
        Assert.Equal(new OpenCounts(Today, Patients: 2, Cases: 3), Count().Open);   // C5: a case knows no death
        Assert.Equal(new OpenCounts(new DateOnly(2026, 5, 2), 1, 1), Count(to: new DateOnly(2026, 5, 2)).Open);
        Assert.Equal(new OpenCounts(new DateOnly(2026, 5, 3), 0, 0), Count(to: new DateOnly(2026, 5, 3)).Open);

        // The same rule as the planner's: of those, and of nobody else, no last encounter is known.
        foreach (string patient in (string[])["in", "back", "out", "died"])
        {
            await _world.FileAsync("letter", ("patientId", patient));
        }

        var kept = (await _world.PlanAsync()).Count(record => record.Verdict is RetentionVerdict.Kept);
        Assert.Equal(Count().Open.Patients, kept);
    }

    [Fact]
    public async Task Two_objects_of_one_patient_are_one_patient()
    {
        await _world.ImportAsync("patientId,kind,date\n1,admission,2026-06-01\n");
        _world.Execute(
            """
            INSERT INTO event_subject (object, kind, number, version) SELECT 'events:patient:other', kind, number, 1 FROM event_subject;
            INSERT INTO event_days (subject, kind, day) SELECT 2, kind, day FROM event_days;
            """);
        Assert.Equal((1, 0), Count("admission"));
        Assert.Equal(1, Count().Open.Patients);
    }

    [Fact]
    public async Task What_was_recorded_before_events_were_counted_is_said_to_be_missing_until_a_rebuild()
    {
        await _world.ImportAsync("patientId,kind,date\n1,admission,2026-06-01\n2,birth,1990-05-05\n");
        _world.Execute("DELETE FROM event_days");
        Assert.Equal((0, 0), Count("admission"));
        Assert.Equal(2, Count().Uncounted);
        Assert.Empty(await _world.RebuildEventsAsync());
        Assert.Equal((1, 0), Count("admission"));
        Assert.Equal(0, Count().Uncounted);
        _world.Execute("UPDATE event_subject SET is_writing = 1 WHERE number = '1'");
        Assert.Equal(1, Count().Uncounted);
    }

    [Fact]
    public async Task The_plan_in_numbers_is_the_plan()
    {
        await _world.ImportAsync("patientId,kind,date\n1,encounter,2018-06-14\n2,encounter,2018-06-15\n3,encounter,2019-06-14\n4,encounter,2019-06-15\n");
        foreach (string patient in (string[])["1", "2", "3", "4", "5"])
        {
            await _world.FileAsync("letter", ("patientId", patient));
        }

        await _world.FileAsync("deed");
        await _world.FileAsync("memo");
        var plan = await _world.PlanAsync();
        var counted = RetentionStatistics.Of(plan, Today, 365);

        // 8 years: until 14 June 2026, over; until today, may go tomorrow; until 14 June 2027, may go in 365 days; a day later.
        Assert.Equal(new RetentionCounts(7, NotDue: 3, DueWithin: 2, Due: 1, Kept: 1, Permanent: 1, NoSchedule: 1, Held: 0), counted.Total);
        Assert.True(counted.AddsUp);
        Assert.Equal(["deed 1", "letter 5", "memo 1"], counted.ByClass.Select(row => $"{row.Name} {row.Counts.Records}"));
        Assert.Equal(0, RetentionStatistics.Of(plan, Today, 0).Total.DueWithin);
        Assert.Equal(3, RetentionStatistics.Of(plan, Today, int.MaxValue).Total.DueWithin);
    }

    private (long Patients, long Cases) Count(string kind, DateOnly? from = null, DateOnly? to = null)
    {
        var counts = Assert.Single(Count(from, to).Kinds, one => one.Kind == kind);
        return (counts.Patients, counts.Cases);
    }

    private EventStatistics Count(DateOnly? from = null, DateOnly? to = null)
    {
        using var database = _world.World.OpenDatabase();
        using var reader = new StatsReader(database, new StatsSpan(_world.Schedule.Zone, from, to), TestContext.Current.CancellationToken);
        return reader.Events(_world.Schedule.Kinds, Today);
    }
}
