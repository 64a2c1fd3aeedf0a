using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules on the section <c>jobs</c>.</summary>
internal static class JobRules
{
    /// <summary>Every fault.</summary>
    /// <param name="jobs">Settings that could not be read have their defaults.</param>
    public static IEnumerable<ConfigFault> Check(IReadOnlyList<JobOptions> jobs)
    {
        for (int at = 0; at < jobs.Count; at++)
        {
            string path = $"jobs[{at}]";
            foreach (var fault in Missing(jobs[at]).Concat(Name(jobs, at)).Concat(Schedule(jobs[at])).Concat(Command(jobs[at])))
            {
                yield return fault with { Path = $"{path}.{fault.Path}" };
            }
        }
    }

    // A setting that does not stand in the file has no value that the reader could refuse.
    private static IEnumerable<ConfigFault> Missing(JobOptions job)
    {
        if (job.Name.Length == 0)
        {
            yield return new ConfigFault("name", "is missing: a job is known by its name");
        }

        if (job.Run.Count == 0)
        {
            yield return new ConfigFault("run", "is missing: the command, word by word");
        }

        if (job.Cron.Length == 0)
        {
            yield return new ConfigFault("cron", "is missing: when it runs");
        }
    }

    private static IEnumerable<ConfigFault> Name(IReadOnlyList<JobOptions> jobs, int at) =>
        jobs[at].Name.Length > 0 && jobs.Take(at).Any(earlier => earlier.Name == jobs[at].Name)
            ? [new ConfigFault("name", $"is \"{jobs[at].Name}\", which an earlier job has already")]
            : [];

    private static IEnumerable<ConfigFault> Schedule(JobOptions job)
    {
        TimeZoneInfo? zone = null;
        if (job.TimeZone is { Length: > 0 } name && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone))
        {
            yield return new ConfigFault("timeZone", $"is \"{name}\", which this machine does not know: give a name such as Europe/Berlin, as the IANA time zones have them");
        }

        if (job.Cron.Length > 0 && JobSchedule.WhyNot(job.Cron) is { } why)
        {
            yield return new ConfigFault("cron", $"is \"{job.Cron}\", which is no schedule: {why}");
        }
        else if (job.Cron.Length > 0 && new JobSchedule(job.Cron, zone).Next(DateTimeOffset.UnixEpoch) is null)
        {
            yield return new ConfigFault("cron", $"is \"{job.Cron}\", which never comes");
        }
    }

    private static IEnumerable<ConfigFault> Command(JobOptions job) => job.Run.Count == 0 ? [] : JobCommand.FaultsOf(job.Run).Select(fault => new ConfigFault("run", fault));
}
