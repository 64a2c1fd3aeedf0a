using System.Diagnostics;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Locks;

/// <summary>In whose name locks are taken, and what is known of other processes on the same host.</summary>
public sealed record LockOwner
{
    /// <summary>Unique: two containers of one name would take each other's locks for those of dead processes.</summary>
    public required string HostName { get; init; }

    /// <summary>For people.</summary>
    public required string UserName { get; init; }

    /// <summary>This process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When this process began: an older lock of its number is that of a dead one. In a container the number is always the same.</summary>
    public required UnixTime Started { get; init; }

    /// <summary>
    /// When the process of this number on this host began: null where there is none, <c>default</c> where there is one of which that cannot
    /// be seen.
    /// </summary>
    public required Func<int, UnixTime?> StartOf { get; init; }

    /// <summary>As <c>id -u</c> says; 0 on Windows.</summary>
    public uint UserId { get; init; }

    /// <summary>As <c>id -g</c> says; 0 on Windows.</summary>
    public uint GroupId { get; init; }

    /// <summary>This process under a host name that no other machine or container has.</summary>
    public static LockOwner ThisProcess(string hostName)
    {
        using var self = Process.GetCurrentProcess();
        var account = ProcessAccount.OfThisProcess();
        return new LockOwner
        {
            HostName = hostName,
            UserName = account.UserName,
            ProcessId = self.Id,
            Started = UnixTime.From(new DateTimeOffset(self.StartTime)),
            StartOf = StartOfProcessHere,
            UserId = account.UserId,
            GroupId = account.GroupId,
        };
    }

    /// <summary>Whether the lock is that of a process of this host that is no more, also where its number is in use again.</summary>
    /// <remarks>
    /// Lock and process are timed by the same clock. Where that was put forward by more than the lock's age, a lock in use passes for dead
    /// until it is refreshed: its owner then finds it gone, and stops.
    /// </remarks>
    public bool IsDead(LockFile file)
    {
        if (file.HostName != HostName)
            return false;
        return (file.ProcessId == ProcessId ? Started : StartOf(file.ProcessId)) is not { } began || file.Time.Instant < began;
    }

    /// <summary>Whether the lock belongs to nobody any more, as restic's <c>unlock</c> decides it.</summary>
    public bool IsStale(LockFile file, DateTimeOffset now) => UnixTime.From(now) - file.Time.Instant > LockFile.StaleAfter || IsDead(file);

    private static UnixTime? StartOfProcessHere(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null : UnixTime.From(new DateTimeOffset(process.StartTime));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return null;   // there is none, or none any more
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return default(UnixTime);   // it may not be looked at, so there is one
        }
    }
}
