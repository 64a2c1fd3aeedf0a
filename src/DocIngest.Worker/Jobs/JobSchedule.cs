using Quartz;

namespace DocIngest.Worker.Jobs;

/// <summary>When a job is to run: five fields as crontab(5) has them, in a time zone.</summary>
/// <remarks>A time that a change of clocks leaves out comes when they have changed; one that comes twice counts once.</remarks>
internal sealed class JobSchedule
{
    /// <summary>Reads a schedule.</summary>
    /// <param name="cron">Five fields, or a word such as <c>@daily</c>.</param>
    /// <param name="zone">Its time zone; null for that of this machine.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public JobSchedule(string cron, TimeZoneInfo? zone) => Expression = Read(cron).WithTimeZone(zone ?? TimeZoneInfo.Local);

    /// <summary>For the scheduler.</summary>
    public CronExpression Expression { get; }

    /// <summary>The first planned time after another; null where none comes.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Expression.GetNextValidTimeAfter(after.ToUniversalTime());

    /// <summary>Why a text is no schedule; null where it is one.</summary>
    public static string? WhyNot(string cron)
    {
        try
        {
            Read(cron);
            return null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }

    private static CronExpression Read(string cron) => CronExpression.Parse(cron, CronFormat.Unix);
}
