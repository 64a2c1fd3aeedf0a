using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Tests.Retention;

/// <summary>Why and until when: on 2026-06-15, by a calendar in London.</summary>
public sealed class When_a_retention_plan_is_made
{
    private static readonly RetentionSchedule Adult = EventWorld.ScheduleOf("lastEncounter+8y");

    [Fact]
    public async Task It_says_what_goes_when_and_by_what_evidence()
    {
        var planned = await EventWorld.PlanOneAsync(Adult, "4711,,encounter,2016-01-02", "4711,,encounter,2018-06-15");
        Assert.Equal(("letter", "Letters", "a decision of the board", RetentionAction.Destroy, "lastEncounter+8y"), (planned.RecordClass, planned.Schedule?.Title, planned.Schedule?.Mandate, planned.Schedule?.Action, planned.Schedule?.ExpressionText));
        var trigger = Assert.Single(planned.Triggers);
        Assert.Equal(("lastEncounter", new DateOnly(2018, 6, 15), null), (trigger.Name, trigger.Date, trigger.Problem));
        Assert.Matches("^entry 2 of events:patient:[0-9a-f]{64} v1$", trigger.Evidence);
        Assert.Equal(new RetentionVerdict.NotDue(new DateOnly(2026, 6, 15)), planned.Verdict);
        Assert.Equal(new DateOnly(2026, 6, 16), planned.Verdict.EligibleFrom);
    }

    [Theory]
    [InlineData("2018-06-14", "due")]
    [InlineData("2018-06-15", "notDue")]   // eight years end at the end of the day
    public async Task A_day_counts_to_its_end(string last, string state) =>
        Assert.Equal(state, (await EventWorld.PlanOneAsync(Adult, $"4711,,encounter,{last}")).Verdict.Word);

    [Fact]
    public async Task A_day_is_over_when_it_is_over_in_the_zone()
    {
        using var world = new EventWorld();
        await world.FileAsync("letter", ("patientId", "4711"));
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2018-06-15");
        world.GoTo(new DateTimeOffset(2026, 6, 15, 22, 59, 59, TimeSpan.Zero));
        Assert.Equal("notDue", Assert.Single(await world.PlanAsync()).Verdict.Word);
        world.GoTo(new DateTimeOffset(2026, 6, 15, 23, 0, 0, TimeSpan.Zero));   // midnight in London
        Assert.Equal("due", Assert.Single(await world.PlanAsync()).Verdict.Word);
    }

    [Fact]
    public async Task A_new_encounter_moves_every_record_of_the_patient_and_of_nobody_else()
    {
        using var world = new EventWorld();
        foreach (string number in new[] { "4711", "4711", "4712" })
        {
            await world.FileAsync("letter", ("patientId", number));
        }

        await world.ImportAsync("patientId,kind,date\n4711,encounter,2010-01-01\n4712,encounter,2010-01-01");
        Assert.Equal(["due", "due", "due"], (await world.PlanAsync()).Select(one => one.Verdict.Word));
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2024-01-01");
        Assert.Equal(["notDue", "notDue", "due"], (await world.PlanAsync()).Select(one => one.Verdict.Word));
    }

    [Theory]
    [InlineData("lastEncounter: no such event of its patient is known", "4711,,birth,1980-01-01")]
    [InlineData("lastEncounter: its patient was admitted and not discharged since", "4711,,encounter,2010-01-01", "4711,,admission,2015-01-01", "4711,,discharge,2014-12-31")]
    [InlineData("lastEncounter: an event of kind encounter is before the patient's birth", "4711,,encounter,1979-12-31", "4711,,encounter,2010-01-01", "4711,,birth,1980-01-01")]
    [InlineData("lastEncounter: an event of kind encounter is after the patient's death", "4711,,encounter,2010-01-02", "4711,,death,2010-01-01")]
    [InlineData("lastEncounter: an event of kind discharge is before the patient's birth", "4711,,encounter,2010-01-02", "4711,,discharge,1979-01-01", "4711,,birth,1980-01-01")]
    [InlineData("lastEncounter: an event of kind encounter cannot be judged: there are two dates of birth", "4711,,encounter,2010-01-02", "4711,,birth,1980-01-01", "4711,,birth,1981-01-01")]
    [InlineData("lastEncounter: an event of kind encounter cannot be judged: there are two dates of death", "4711,,encounter,2010-01-02", "4711,,death,2011-01-01", "4711,,death,2012-01-01")]
    [InlineData("lastEncounter: an event of kind encounter cannot be judged: death is before birth", "4711,,encounter,2010-01-02", "4711,,death,2011-01-01", "4711,,birth,2012-01-01")]
    public async Task What_is_unknown_or_cannot_be_is_kept_with_the_reason(string reason, params string[] lines) =>
        Assert.Equal(new RetentionVerdict.Kept(reason), (await EventWorld.PlanOneAsync(Adult, lines)).Verdict);

    [Fact]
    public async Task A_contradiction_is_not_left_out_of_a_minimum_and_what_has_not_happened_is()
    {
        var mental = EventWorld.ScheduleOf("min(lastTreatment+20y, death+10y)");
        Assert.Equal("due", (await EventWorld.PlanOneAsync(mental, "4711,,treatment,2000-01-01")).Verdict.Word);
        Assert.Equal(
            "lastTreatment: an event of kind treatment cannot be judged: there are two dates of death; death: there are two dates of death",
            (await EventWorld.PlanOneAsync(mental, "4711,,treatment,2000-01-01", "4711,,death,2001-01-01", "4711,,death,2002-01-01")).Verdict is RetentionVerdict.Kept kept ? kept.Reason : "");
    }

    [Fact]
    public async Task A_stay_ends_with_death_and_a_posthumous_rule_allows_later_events()
    {
        var died = await EventWorld.PlanOneAsync(Adult, "4711,,admission,2017-01-01", "4711,,death,2017-02-03");
        Assert.Equal(new RetentionVerdict.Due(new DateOnly(2025, 2, 3)), died.Verdict);
        var late = EventWorld.ScheduleOf("lastEncounter+8y", posthumousDays: 30);
        Assert.Equal("due", (await EventWorld.PlanOneAsync(late, "4711,,encounter,2010-01-31", "4711,,death,2010-01-01")).Verdict.Word);
        Assert.Equal("kept", (await EventWorld.PlanOneAsync(late, "4711,,encounter,2010-02-01", "4711,,death,2010-01-01")).Verdict.Word);
        Assert.Equal("due", (await EventWorld.PlanOneAsync(EventWorld.ScheduleOf("caseClosed+1y"), "4711,E1,caseClosed,2012-02-01", "4711,,death,2010-01-01")).Verdict.Word);
    }

    // Back-scanned paper of 1987 whose date OCR read as 1887 would be destroyed tomorrow; by the scan's date it would be kept for ever (records.md 2).
    [Theory]
    [InlineData("1887-05-06", "field.documentDate: is before 1900-01-01")]
    [InlineData("2027-05-06", "field.documentDate: is in the future")]
    [InlineData("6.5.1987", "field.documentDate: is no day such as 2024-01-31")]
    [InlineData("", "field.documentDate: the record has no field documentDate")]
    public async Task A_date_read_from_paper_is_believed_only_where_it_can_be(string date, string reason)
    {
        using var world = new EventWorld { Schedule = EventWorld.ScheduleOf("field.documentDate+30y") };
        await world.FileAsync("letter", ("documentDate", date));
        Assert.Equal(new RetentionVerdict.Kept(reason), Assert.Single(await world.PlanAsync()).Verdict);
    }

    [Fact]
    public async Task Fields_of_the_record_and_the_day_it_came_are_triggers_where_the_schedule_says_so()
    {
        using var world = new EventWorld { Schedule = EventWorld.ScheduleOf("max(field.documentDate+30y, received+1d)") };
        await world.FileAsync("letter", ("documentDate", "1987-05-06"));
        var planned = Assert.Single(await world.PlanAsync());
        Assert.Equal(new RetentionVerdict.NotDue(new DateOnly(2026, 6, 16)), planned.Verdict);
        Assert.Equal(["field documentDate", "the day it was taken in"], planned.Triggers.Select(trigger => trigger.Evidence));
        world.GoTo(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));   // a clock set back
        Assert.Equal("received: is in the future", (Assert.Single(await world.PlanAsync()).Verdict as RetentionVerdict.Kept)?.Reason);
    }

    [Fact]
    public async Task A_record_without_patient_class_or_end_is_kept()
    {
        using var world = new EventWorld();
        await world.FileAsync("letter");
        await world.FileAsync("letter", ("patientId", "--"));
        await world.FileAsync("deed", ("patientId", "4711"));
        await world.FileAsync("unclassified", ("patientId", "4711"));
        var planned = await world.PlanAsync();
        Assert.Equal(["kept", "kept", "permanent", "noSchedule"], planned.Select(one => one.Verdict.Word));
        Assert.All(planned.Take(2), one => Assert.Equal("lastEncounter: the record has no field patientId that names a patient", (one.Verdict as RetentionVerdict.Kept)?.Reason));
        Assert.All(planned, one => Assert.Null(one.Verdict.EligibleFrom));
        Assert.Equal(["deed"], (await world.PlanAsync("deed")).Select(one => one.RecordClass));
        world.Schedule = RetentionSchedule.None;
        Assert.All(await world.PlanAsync(), one => Assert.Equal("noSchedule", one.Verdict.Word));
    }

    [Fact]
    public async Task Whoever_died_while_writing_hides_nothing_from_a_plan()
    {
        using var world = new EventWorld();
        await world.FileAsync("letter", ("patientId", "4711"));
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2010-01-01\n");
        string old = world.Dates();
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2024-01-01\n");
        Assert.NotEqual(old, world.Dates());

        // As after a death between the commit of the object and the catalog.
        world.Execute("UPDATE event_subject SET is_writing = 1, version = 1; UPDATE event_dates SET last = first, last_entry = 1");
        Assert.Equal(new RetentionVerdict.NotDue(new DateOnly(2032, 1, 1)), Assert.Single(await world.PlanAsync()).Verdict);
        await world.ImportAsync("patientId,kind,date\n4712,encounter,2024-01-01\n");   // any later writer puts it right
        Assert.DoesNotContain(" 10 ", world.Dates(), StringComparison.Ordinal);
        Assert.Equal(new RetentionVerdict.NotDue(new DateOnly(2032, 1, 1)), Assert.Single(await world.PlanAsync()).Verdict);
    }

    [Fact]
    public async Task Damaged_events_keep_what_depends_on_them()
    {
        using var world = new EventWorld();
        await world.FileAsync("letter", ("patientId", "4711"));
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2010-01-01\n");
        Assert.Equal("due", Assert.Single(await world.PlanAsync()).Verdict.Word);
        world.Execute("UPDATE event_subject SET is_writing = 1");
        await world.World.RunWithEnvironmentAsync((environment, _) =>
        {
            var found = environment.SystemObjects.Find(new EventNaming(world.NamingKey).NameOf(new EventSubject(SubjectKind.Patient, "4711")))!;   // written above
            environment.Data.Delete(found.ListVersion(found.Head).Single().ContentPath);
            return Task.CompletedTask;
        });
        Assert.Equal(new RetentionVerdict.Kept("lastEncounter: the events of its patient are damaged"), Assert.Single(await world.PlanAsync()).Verdict);
    }
}
