using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Tests.Retention;

public sealed class RetentionScheduleTests
{
    [Fact]
    public void Every_fault_is_found_at_once()
    {
        var options = new RetentionOptions
        {
            TimeZone = "Europe/Londn",
            Events = [new EventKindOptions { Kind = "treatment" }, new EventKindOptions { Kind = "Encounter" }, new EventKindOptions()],
            Classes =
            [
                new RetentionClassOptions { Id = "leter", Title = "Letters", Mandate = "the board", Expression = "lastEncounter+8y" },
                new RetentionClassOptions { Id = "memo", Title = " ", Expression = "lastEncunter+8y" },
                new RetentionClassOptions { Id = "memo", Title = "Memos", Mandate = "the board", Action = RetentionAction.Permanent, Expression = "death+1y" },
                new RetentionClassOptions { Title = "x", Mandate = "x" },
            ],
        };
        Assert.Null(RetentionSchedule.Build(options, ["letter", "memo"], out var faults));
        Assert.Equal(
            [
                "timeZone", "events[1].kind", "events[2].kind", "classes[0].id", "classes[1].title", "classes[1].mandate", "classes[1].expression",
                "classes[2].id", "classes[2].expression", "classes[3].id", "classes[3].expression",
            ],
            faults.Select(fault => fault.Path));
        Assert.Contains("which no rule and no profile gives", Message("classes[0].id"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"letter\"?", Message("classes[0].id"), StringComparison.Ordinal);
        Assert.Contains("goes with no action \"permanent\"", Message("classes[2].expression"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"lastEncounter\"? (line 1, column 1)", Message("classes[1].expression"), StringComparison.Ordinal);

        string Message(string path) => faults.Single(fault => fault.Path == path).Message;
    }

    [Fact]
    public void A_zone_must_be_named()
    {
        Assert.Null(RetentionSchedule.Build(new RetentionOptions(), null, out var faults));
        Assert.Equal("timeZone", Assert.Single(faults).Path);
    }

    [Fact]
    public void Declared_kinds_are_triggers_and_classes_that_people_give_need_no_rule()
    {
        var options = new RetentionOptions
        {
            TimeZone = "Europe/London",
            Events = [new EventKindOptions { Kind = "treatment" }, new EventKindOptions { Kind = "implant", Once = true, Of = EventSubjects.Patient }, new EventKindOptions { Kind = "appeal", Of = EventSubjects.Case }],
            Classes = [new RetentionClassOptions { Id = "mental", Title = "t", Mandate = "m", GivenElsewhere = true, Expression = "max(min(lastTreatment+20y, death+10y), implant+30y, lastAppeal+3y, case.lastTreatment+1y, caseClosed+1d, field.documentDate+1y, received+1y)" }],
        };
        var schedule = RetentionSchedule.Build(options, [], out var faults);
        Assert.Empty(faults);
        Assert.Equal("mental", schedule?.Find("mental")?.Id);
        Assert.Null(schedule?.Find("other"));
    }
}
