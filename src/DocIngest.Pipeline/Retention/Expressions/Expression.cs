using System.Diagnostics;

namespace DocIngest.Pipeline.Retention;

/// <summary>Until when something is kept: the last day. Closed: only the cases below exist. It is a finite tree, so that working it out always ends.</summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    /// <summary>A trigger's date.</summary>
    internal sealed record At(Trigger Trigger) : Expression;

    /// <summary>So much later.</summary>
    internal sealed record Later(Expression Of, Period By) : Expression;

    /// <summary>Whichever is later; unknown while any is.</summary>
    internal sealed record Latest(IReadOnlyList<Expression> Of) : Expression;

    /// <summary>Whichever is earlier; those unknown are left out, which can only make it later.</summary>
    internal sealed record Earliest(IReadOnlyList<Expression> Of) : Expression;

    /// <summary>The birthday on which the patient turns so old; so many years more where a condition holds.</summary>
    internal sealed record Birthday(int Years, int More, AgeCondition? If) : Expression;

    /// <summary>One or the other; unknown while the age is.</summary>
    internal sealed record Choice(AgeCondition If, Expression Then, Expression Else) : Expression;

    /// <summary>The last day it is kept; null where that is unknown.</summary>
    /// <param name="dates">The date of a trigger; null where it is unknown.</param>
    public DateOnly? WorkOut(Func<Trigger, DateOnly?> dates)
    {
        switch (this)
        {
            case At at:
                return dates(at.Trigger);
            case Later later:
                return later.Of.WorkOut(dates) is { } from ? later.By.After(from) : null;
            case Latest latest:
                var all = latest.Of.Select(one => one.WorkOut(dates)).ToList();
                return all.Contains(null) ? null : all.Max();
            case Earliest earliest:
                return earliest.Of.Select(one => one.WorkOut(dates)).Min();   // of nullable dates: the least that is known
            case Birthday birthday:
                bool? more = birthday.If is null ? false : birthday.If.Holds(dates);
                return more is { } isMore && dates(TriggerNames.Birth) is { } birth
                    ? CivilDates.AddYears(birth, birthday.Years + (isMore ? birthday.More : 0))
                    : null;
            case Choice choice:
                return choice.If.Holds(dates) is { } holds ? (holds ? choice.Then : choice.Else).WorkOut(dates) : null;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Every trigger it goes by, in the order of its text.</summary>
    public IEnumerable<Trigger> Triggers() => All().Distinct();

    /// <summary>Whether it says how long: an expression of triggers alone keeps nothing beyond them.</summary>
    public bool HasPeriod() => this switch
    {
        At => false,
        Later or Birthday => true,
        Latest latest => latest.Of.Any(one => one.HasPeriod()),
        Earliest earliest => earliest.Of.All(one => one.HasPeriod()),
        Choice choice => choice.Then.HasPeriod() && choice.Else.HasPeriod(),
        _ => throw new UnreachableException(),
    };

    private IEnumerable<Trigger> All() => this switch
    {
        At at => [at.Trigger],
        Later later => later.Of.All(),
        Latest latest => latest.Of.SelectMany(one => one.All()),
        Earliest earliest => earliest.Of.SelectMany(one => one.All()),
        Birthday birthday => birthday.If is null ? [TriggerNames.Birth] : [TriggerNames.Birth, birthday.If.At],
        Choice choice => [TriggerNames.Birth, choice.If.At, .. choice.Then.All(), .. choice.Else.All()],
        _ => throw new UnreachableException(),
    };
}

/// <summary>A period of civil time.</summary>
internal sealed record Period(int Count, char Unit)
{
    public const string Units = "ymd";

    public DateOnly After(DateOnly date) => Unit switch
    {
        'y' => CivilDates.AddYears(date, Count),
        'm' => CivilDates.AddMonths(date, Count),
        'd' => date.AddDays(Count),
        _ => throw new UnreachableException(),
    };

    /// <summary>At most; for bounds.</summary>
    public int MostDays => Count * Unit switch { 'y' => 366, 'm' => 31, _ => 1 };
}

/// <summary>What is asked of the patient's age on a day.</summary>
internal sealed record AgeCondition(Trigger At, string Comparison, int Years)
{
    public static readonly string[] Comparisons = [">=", "<=", ">", "<"];

    /// <summary>Null where the age is unknown.</summary>
    public bool? Holds(Func<Trigger, DateOnly?> dates)
    {
        if (dates(TriggerNames.Birth) is not { } birth || dates(At) is not { } day)
        {
            return null;
        }

        int age = CivilDates.Age(birth, day);
        return Comparison switch
        {
            ">=" => age >= Years,
            "<=" => age <= Years,
            ">" => age > Years,
            "<" => age < Years,
            _ => throw new UnreachableException(),
        };
    }
}
