using System.Text.Json;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Snapshots;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Snapshots;

/// <summary>The real restic decides on a repository with snapshots of many times and zones: our policy must decide the same.</summary>
public sealed class When_restic_forgets : IDisposable
{
    /// <summary>Since 0.16 the oldest snapshot stays while counts are left.</summary>
    private static readonly Version KeepsOldest = new(0, 16, 0);

    /// <summary>Local time, zone, host, tags.</summary>
    private static readonly (string Time, string Zone, string Host, string Tags)[] Made =
    [
        ("2019-12-29 23:59:59", "UTC", "a", ""), ("2019-12-30 00:00:01", "UTC", "a", "x"), ("2020-01-01 00:30:00", "Asia/Tokyo", "a", ""),
        ("2020-02-29 12:00:00", "UTC", "a", "x,y"), ("2020-12-28 01:00:00", "UTC", "a", ""), ("2021-01-03 23:00:00", "UTC", "a", "y"),
        ("2021-01-04 00:00:00", "UTC", "a", ""), ("2022-02-28 23:30:00", "America/New_York", "a", ""), ("2022-03-01 00:30:00", "UTC", "a", "x"),
        ("2023-03-26 01:30:00", "Europe/Berlin", "a", ""), ("2023-03-26 03:30:00", "Europe/Berlin", "a", ""), ("2023-10-29 01:30:00", "Europe/Berlin", "a", ""),
        ("2023-10-29 03:30:00", "Europe/Berlin", "a", "z"), ("2023-12-31 23:59:59", "UTC", "a", ""), ("2024-01-01 00:00:00", "UTC", "a", ""),
        ("2024-01-31 10:00:00", "UTC", "a", ""), ("2024-02-29 10:00:00", "UTC", "a", "x"), ("2024-03-30 10:00:00", "UTC", "a", ""),
        ("2024-03-31 09:00:00", "UTC", "a", ""), ("2024-03-31 09:00:01", "Pacific/Kiritimati", "a", ""), ("2024-03-31 09:59:59", "UTC", "a", "x,y"),
        ("2024-03-31 10:00:00", "UTC", "a", ""), ("2024-03-31 10:00:01", "UTC", "a", ""), ("2099-01-01 00:00:00", "UTC", "a", ""),
        ("2024-03-01 08:00:00", "UTC", "b", "x"), ("2024-03-02 08:00:00", "UTC", "b", ""), ("2024-03-09 08:00:00", "Pacific/Pago_Pago", "b", "y,x"),
    ];

    private static readonly string[] Policies =
    [
        "last=1", "last=3", "last=99", "hourly=2", "hourly=99", "daily=1", "daily=4", "daily=99", "weekly=3", "weekly=99", "monthly=2", "monthly=5",
        "monthly=99", "yearly=2", "yearly=99", "last=2 daily=3 weekly=2 monthly=4 yearly=3", "within=1h", "within=1d", "within=1m", "within=1m1d", "within=3y",
        "within=1y2m3d4h", "within-hourly=2d", "within-daily=1m", "within-weekly=6m", "within-monthly=1y", "within-yearly=9y",
        "within=2h within-hourly=2d within-daily=1m within-weekly=4m within-monthly=2y within-yearly=4y", "tag=x", "tag=x,y", "tag=z last=1", "tag=x tag=y", "tag= daily=2",
    ];

    private readonly Restic _restic = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _restic.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Our_policy_keeps_what_restic_keeps_for_the_same_reasons()
    {
        _folder.File("file", "content");
        foreach (var (time, zone, host, tags) in Made)
            _restic.RunIn(zone, ["backup", "--quiet", "--time", time, "--host", host, "--tag", tags, _folder.Path]);
        var snapshots = _restic.Json("snapshots").EnumerateArray().Select(Snapshot).ToList();
        Assert.Equal(Made.Length, snapshots.Count);
        Assert.True(snapshots.Select(snapshot => snapshot.Time.OffsetMinutes).Distinct().Count() >= 6, "The zones are not installed.");

        var now = UnixTime.Now(TimeProvider.System);
        foreach (string policy in Policies)
        {
            Compare(policy, snapshots, "host,paths", SnapshotGrouping.HostAndPaths, now);
        }

        Compare("daily=3 yearly=9", snapshots, "", SnapshotGrouping.None, now);
        Compare("daily=3 yearly=9", snapshots, "tags", SnapshotGrouping.Tags, now);
        Compare("daily=3 yearly=9", snapshots, "host,tags", SnapshotGrouping.Host | SnapshotGrouping.Tags, now);
    }

    private void Compare(string policy, List<PolicySnapshot> snapshots, string groupBy, SnapshotGrouping grouping, UnixTime now)
    {
        var theirs = _restic.Json(["forget", "--dry-run", "--group-by", groupBy, .. policy.Split(' ').Select(rule => $"--keep-{rule}")])
            .EnumerateArray().SelectMany(Reasons).Order(StringComparer.Ordinal);
        var ours = SnapshotGroup.Of(snapshots, grouping).SelectMany(group =>
        {
            var verdict = Parse(policy).Apply(group.Snapshots, now);
            return verdict.Kept.Select(kept => kept with { Reasons = Known(kept.Reasons) }).Where(kept => kept.Reasons.Count > 0)
                .Select(kept => $"{kept.Snapshot.Time} {string.Join("; ", kept.Reasons)}");
        }).Order(StringComparer.Ordinal);
        Assert.Equal($"{policy} by {groupBy}:\n{string.Join('\n', theirs)}", $"{policy} by {groupBy}:\n{string.Join('\n', ours)}");
    }

    private IReadOnlyList<string> Known(IReadOnlyList<string> reasons) =>
        _restic.Version >= KeepsOldest ? reasons : [.. reasons.Where(reason => !reason.StartsWith("oldest ", StringComparison.Ordinal))];

    private static IEnumerable<string> Reasons(JsonElement group) => group.GetProperty("reasons") is { ValueKind: JsonValueKind.Array } reasons
        ? reasons.EnumerateArray().Select(one =>
            $"{one.GetProperty("snapshot").GetProperty("time").GetString()} {string.Join("; ", one.GetProperty("matches").EnumerateArray().Select(match => match.GetString()))}")
        : [];

    private static PolicySnapshot Snapshot(JsonElement json)
    {
        Assert.True(ZonedTime.TryParse(json.GetProperty("time").GetString(), out var time));
        Assert.True(FileId.TryParse(json.GetProperty("id").GetString(), out var id));
        return new PolicySnapshot(id, time, json.GetProperty("hostname").GetString()!, Words(json, "paths"), Words(json, "tags"));
    }

    private static string[] Words(JsonElement json, string name) =>
        json.TryGetProperty(name, out var words) ? [.. words.EnumerateArray().Select(word => word.GetString()!)] : [];

    private static SnapshotPolicy Parse(string words)
    {
        var policy = new SnapshotPolicy();
        foreach (string rule in words.Split(' '))
        {
            string[] parts = rule.Split('=');
            _ = int.TryParse(parts[1], out int count);
            _ = CalendarSpan.TryParse(parts[1], out var span);
            policy = parts[0] switch
            {
                "last" => policy with { KeepLast = count },
                "hourly" => policy with { KeepHourly = count },
                "daily" => policy with { KeepDaily = count },
                "weekly" => policy with { KeepWeekly = count },
                "monthly" => policy with { KeepMonthly = count },
                "yearly" => policy with { KeepYearly = count },
                "within" => policy with { KeepWithin = span },
                "within-hourly" => policy with { KeepWithinHourly = span },
                "within-daily" => policy with { KeepWithinDaily = span },
                "within-weekly" => policy with { KeepWithinWeekly = span },
                "within-monthly" => policy with { KeepWithinMonthly = span },
                "within-yearly" => policy with { KeepWithinYearly = span },
                _ => policy with { KeepTags = [.. policy.KeepTags, parts[1].Split(',')] },
            };
        }

        return policy;
    }
}
