using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Locks;

/// <summary>Who works in a repository just now (restic-format 11).</summary>
/// <param name="Time">When the lock was taken, or last refreshed.</param>
/// <param name="IsExclusive">Whether nobody else may work there.</param>
/// <param name="HostName">On which host; unique, also among containers.</param>
/// <param name="UserName">For whom.</param>
/// <param name="ProcessId">In which process.</param>
/// <param name="UserId">For whom, as a number; 0 on Windows.</param>
/// <param name="GroupId">For whose group; 0 on Windows.</param>
public sealed record LockFile(ZonedTime Time, bool IsExclusive, string HostName, string UserName, int ProcessId, uint UserId, uint GroupId)
{
    /// <summary>A lock that was not refreshed for so long belongs to nobody. restic's own figure.</summary>
    public static TimeSpan StaleAfter { get; } = TimeSpan.FromMinutes(30);

    /// <summary>For messages: who, where and since when.</summary>
    public override string ToString() => $"{(IsExclusive ? "exclusive " : "")}lock of {UserName} on {HostName}, process {ProcessId}, refreshed {Time}";

    /// <exception cref="InvalidDataException">No lock.</exception>
    internal static LockFile Read(ReadOnlyMemory<byte> json) => JsonFields.Read(json, fields => new LockFile(
        fields.Time("time") ?? throw new InvalidDataException("The lock has no time."),
        fields.Boolean("exclusive") ?? false,
        fields.Text("hostname") ?? "",
        fields.Text("username") ?? "",
        (int)Math.Clamp(fields.Integer("pid") ?? 0, 0, int.MaxValue),
        fields.UnsignedInteger("uid") ?? 0,
        fields.UnsignedInteger("gid") ?? 0));

    internal ReadOnlyMemory<byte> Write()
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("time"u8);
        json.Time(Time);
        json.Name("exclusive"u8);
        json.Boolean(IsExclusive);
        json.Name("hostname"u8);
        json.String(HostName);
        json.Name("username"u8);
        json.String(UserName);
        json.Name("pid"u8);
        json.Number((long)ProcessId);
        WriteUnlessZero(json, "uid"u8, UserId);
        WriteUnlessZero(json, "gid"u8, GroupId);
        json.EndObject();
        return json.Written;
    }

    private static void WriteUnlessZero(GoJson json, ReadOnlySpan<byte> name, uint value)
    {
        if (value == 0)
            return;
        json.Name(name);
        json.Number((ulong)value);
    }
}
