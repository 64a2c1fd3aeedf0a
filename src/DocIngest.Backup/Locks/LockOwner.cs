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

    /// <summary>Whether a process of this number lives on this host.</summary>
    public required Func<int, bool> IsAlive { get; init; }

    /// <summary>As <c>id -u</c> says; 0 on Windows.</summary>
    public uint UserId { get; init; }

    /// <summary>As <c>id -g</c> says; 0 on Windows.</summary>
    public uint GroupId { get; init; }

    /// <summary>This process under a host name that no other machine or container has.</summary>
    public static LockOwner ThisProcess(string hostName)
    {
        using var self = Process.GetCurrentProcess();
        return new LockOwner
        {
            HostName = hostName,
            UserName = Environment.UserName,
            ProcessId = self.Id,
            Started = UnixTime.From(new DateTimeOffset(self.StartTime)),
            IsAlive = IsAliveHere,
        };
    }

    /// <summary>Whether the lock is that of a process of this host that is no more.</summary>
    public bool IsDead(LockFile file)
    {
        if (file.HostName != HostName)
            return false;
        return file.ProcessId == ProcessId ? file.Time.Instant < Started : !IsAlive(file.ProcessId);
    }

    /// <summary>Whether the lock belongs to nobody any more, as restic's <c>unlock</c> decides it.</summary>
    public bool IsStale(LockFile file, DateTimeOffset now) => UnixTime.From(now) - file.Time.Instant > LockFile.StaleAfter || IsDead(file);

    private static bool IsAliveHere(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return true;   // it may not be looked at, so there is one
        }
    }
}
