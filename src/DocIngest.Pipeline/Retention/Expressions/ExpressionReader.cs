namespace DocIngest.Pipeline.Retention;

/// <summary>
/// Reads expressions such as <c>max(lastEncounter+8y, birthday(25, +1 if age(lastEncounter) &gt;= 17))</c>. The grammar stands in docs/formats/retention.md.
/// </summary>
/// <remarks>Length, depth and periods are bounded: every expression is worked out in a moment and no date leaves the calendar.</remarks>
internal sealed class ExpressionReader
{
    public const int MostCharacters = 1_000;
    public const int MostDepth = 16;
    public const int MostYears = 200;
    private const int MostTotalDays = 1_000 * 366;

    private readonly ExpressionWords _words;
    private readonly TriggerNames _triggers;
    private int _totalDays;
    private string? _fault;

    private ExpressionReader(string text, TriggerNames triggers)
    {
        _words = new ExpressionWords(text);
        _triggers = triggers;
    }

    /// <summary>Reads one.</summary>
    /// <param name="text">Its text; may have several lines.</param>
    /// <param name="triggers">Those there are.</param>
    /// <param name="fault">What is wrong first, with line and column; null where nothing is.</param>
    /// <returns>The expression; null where there is a fault.</returns>
    public static Expression? Read(string text, TriggerNames triggers, out string? fault)
    {
        if (text.Length > MostCharacters)
        {
            fault = $"has {text.Length:N0} characters, more than {MostCharacters:N0}";
            return null;
        }

        var reader = new ExpressionReader(text, triggers);
        var read = reader.Sum(0);
        if (read is not null && !reader._words.AtEnd)
        {
            read = reader.Fault<Expression>($"has {reader._words.Shown} where the expression should end");
        }

        if (read is not null && !read.HasPeriod())
        {
            read = null;
            reader._fault = "keeps nothing beyond a trigger: add a period such as +8y";
        }

        fault = reader._fault;
        return read;
    }

    private Expression? Sum(int depth)
    {
        if (depth > MostDepth)
        {
            return Fault<Expression>($"is nested deeper than {MostDepth}");
        }

        var sum = Primary(depth);
        while (sum is not null && _words.Take("+"))
        {
            sum = TakePeriod() is { } period ? new Expression.Later(sum, period) : null;
        }

        return sum;
    }

    private Expression? Primary(int depth)
    {
        if (_words.Take("("))
        {
            var inner = Sum(depth + 1);
            return inner is not null && Expect(")") ? inner : null;
        }

        if (_words.Name is not { } name)
        {
            return Fault<Expression>($"has {_words.Shown} where a trigger, max, min, birthday or if should stand");
        }

        var place = _words.Place;
        _words.Next();
        if (!_words.Is("("))
        {
            return TriggerNamed(name, place) is { } trigger ? new Expression.At(trigger) : null;
        }

        _words.Next();
        return name switch
        {
            "max" => List(depth) is { } of ? new Expression.Latest(of) : null,
            "min" => List(depth) is { } of ? new Expression.Earliest(of) : null,
            "birthday" => Birthday(),
            "if" => Choice(depth),
            _ => Fault<Expression>($"calls \"{name}\", which is none of max, min, birthday and if", place),
        };
    }

    private List<Expression>? List(int depth)
    {
        var list = new List<Expression>();
        do
        {
            if (Sum(depth + 1) is not { } one)
            {
                return null;
            }

            list.Add(one);
        }
        while (_words.Take(","));
        return Expect(")") ? list : null;
    }

    // birthday(25) or birthday(25, +1 if age(lastEncounter) >= 17)
    private Expression.Birthday? Birthday()
    {
        if (Number("the age", MostYears) is not { } years)
        {
            return null;
        }

        if (!_words.Take(","))
        {
            return Expect(")") ? new Expression.Birthday(years, 0, null) : null;
        }

        return Expect("+") && Number("how many years more", MostYears) is { } more && ExpectName("if") && Condition() is { } condition && Expect(")")
            ? new Expression.Birthday(years, more, condition)
            : null;
    }

    // if(age(lastEncounter) < 18, birthday(25), lastEncounter+8y)
    private Expression.Choice? Choice(int depth) =>
        Condition() is { } condition && Expect(",") && Sum(depth + 1) is { } then && Expect(",") && Sum(depth + 1) is { } other && Expect(")")
            ? new Expression.Choice(condition, then, other)
            : null;

    private AgeCondition? Condition()
    {
        if (!ExpectName("age") || !Expect("("))
        {
            return null;
        }

        var place = _words.Place;
        if (_words.Name is not { } name)
        {
            return Fault<AgeCondition>($"has {_words.Shown} where a trigger should stand");
        }

        _words.Next();
        if (TriggerNamed(name, place) is not { } trigger || !Expect(")"))
        {
            return null;
        }

        if (Array.Find(AgeCondition.Comparisons, _words.Is) is not { } comparison)
        {
            return Fault<AgeCondition>($"has {_words.Shown} where one of {string.Join(" ", AgeCondition.Comparisons)} should stand");
        }

        _words.Next();
        return Number("the age", MostYears) is { } years ? new AgeCondition(trigger, comparison, years) : null;
    }

    private Period? TakePeriod()
    {
        var place = _words.Place;
        if (Number("a period such as 8y", MostYears * 366) is not { } count)
        {
            return null;
        }

        if (_words.Name is not { Length: 1 } unit || !Period.Units.Contains(unit, StringComparison.Ordinal))
        {
            return Fault<Period>($"has {_words.Shown} where y, m or d should stand");
        }

        _words.Next();
        long mostDays = new Period(1, unit[0]).MostDays * (long)count;
        if (mostDays > MostYears * 366)
        {
            return Fault<Period>($"has a period of more than {MostYears} years", place);
        }

        _totalDays += (int)mostDays;
        return _totalDays <= MostTotalDays ? new Period(count, unit[0]) : Fault<Period>("adds up to more than 1,000 years", place);
    }

    private int? Number(string what, int most)
    {
        if (_words.Number is not { } number)
        {
            Fault<Expression>($"has {_words.Shown} where {what} should stand");
            return null;
        }

        if (number > most)
        {
            Fault<Expression>($"has the number {number}, more than {most}");
            return null;
        }

        _words.Next();
        return number;
    }

    private Trigger? TriggerNamed(string name, (int, int) place) => _triggers.Find(name)
        ?? Fault<Trigger>($"names the trigger \"{name}\", which there is not. Known: {string.Join(", ", _triggers.Known)} and field.NAME." + NearestWords.Hint(name, _triggers.Known), place);

    private bool Expect(string symbol)
    {
        if (!_words.Take(symbol))
        {
            Fault<Expression>($"has {_words.Shown} where \"{symbol}\" should stand");
            return false;
        }

        return true;
    }

    private bool ExpectName(string name)
    {
        if (_words.Name != name)
        {
            Fault<Expression>($"has {_words.Shown} where \"{name}\" should stand");
            return false;
        }

        _words.Next();
        return true;
    }

    private T? Fault<T>(string message)
        where T : class => Fault<T>(message, _words.Place);

    private T? Fault<T>(string message, (int Line, int Column) place)
        where T : class
    {
        _fault ??= $"{message} (line {place.Line}, column {place.Column})";
        return null;
    }
}
