using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Alarms;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>What a person is told of each kind.</summary>
public sealed class AlarmAdviceTests
{
    [Fact]
    public void Every_kind_of_alarm_has_its_advice()
    {
        foreach (var kind in Enum.GetValues<AlarmKind>())
        {
            var advice = AlarmAdvice.Of(kind);
            Assert.NotEqual("", advice.AtRisk);
            Assert.NotEqual("", advice.WhatToDo);
            Assert.NotEqual("", advice.ScanningInWords);
            Assert.Equal(advice, AlarmAdvice.Of(kind.ToWord()));
        }

        Assert.Equal(Enum.GetValues<AlarmKind>().Length, AlarmAdvice.Kinds.Count);
    }

    [Fact]
    public void A_kind_of_a_newer_program_is_told_all_the_same() => Assert.Equal(AlarmSeverity.Warning, AlarmAdvice.Of("moon-phase").Severity);
}
