using System.Globalization;

namespace DocIngest.Worker.Alarms.Checks;

/// <summary>Something that runs out.</summary>
/// <param name="Subject">What it is, without a name of a person and without a secret.</param>
/// <param name="What">The same in words.</param>
/// <param name="At">When.</param>
internal sealed record Expiry(string Subject, string What, DateTimeOffset At)
{
    /// <summary>What to tell of it.</summary>
    public string Message(DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{What} {(At <= now ? "ran out" : "runs out")} on {At.UtcDateTime:yyyy-MM-dd} ({(At <= now ? "" : "in ")}{Math.Abs((At - now).TotalDays):0} days{(At <= now ? " ago" : "")}).");
}
