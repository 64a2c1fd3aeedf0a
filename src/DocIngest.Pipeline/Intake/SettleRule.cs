using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>What the settle rule says of a file.</summary>
internal enum SettleVerdict
{
    /// <summary>Look again later.</summary>
    Wait,

    /// <summary>It stands still and looks whole, or has stood still for very long: claim it.</summary>
    Settled,

    /// <summary>It has been changing or half written for longer than the profile allows: keep waiting, call somebody.</summary>
    StillGrowing,
}

/// <summary>What was seen of a file so far. Times are <see cref="TimeProvider.GetTimestamp"/> values.</summary>
/// <param name="Stamp">As last seen.</param>
/// <param name="Sidecar">Its sidecar's, as last seen; null where there is none.</param>
/// <param name="FirstSeen">When the file was first seen.</param>
/// <param name="LastChange">When both stamps were first seen as they are now.</param>
/// <param name="LooksUnchanged">Looks since then that found them so; 0 on the look that found the change.</param>
internal sealed record Sighting(FileStamp Stamp, FileStamp? Sidecar, long FirstSeen, long LastChange, int LooksUnchanged)
{
    public Sighting Again(FileStamp stamp, FileStamp? sidecar, long now) => stamp == Stamp && sidecar == Sidecar
        ? this with { LooksUnchanged = LooksUnchanged + 1 }
        : new Sighting(stamp, sidecar, FirstSeen, now, 0);
}

/// <summary>
/// When a scan has arrived whole (DESIGN 4, Settle): size and time unchanged over two looks, minimum age, nobody writing, and
/// the end that its format demands; its sidecar, too, stands still and can be read. The same rule holds at start-up: the clock starts when this process first sees the file.
/// </summary>
/// <param name="profile">How long to wait.</param>
/// <param name="judgeTail">Looks at the end of a file's content.</param>
/// <param name="time">The clock.</param>
internal sealed class SettleRule(ProfileOptions profile, Func<Stream, TailVerdict> judgeTail, TimeProvider time)
{
    /// <summary>Judges a file that was just looked at. Opens it only once it has stood still long enough.</summary>
    /// <exception cref="StorageException">The file, or its sidecar, is not there any more or cannot be read.</exception>
    public SettleVerdict Judge(DropFolder folder, string relativePath, Sighting sighting)
    {
        var unchanged = time.GetElapsedTime(sighting.LastChange);
        if (sighting.LooksUnchanged >= 1)
        {
            if (unchanged >= profile.IncompleteAfter && CompanionsThere(folder, relativePath))
            {
                folder.Folder.OpenRead(relativePath).Dispose();   // what nobody lets us read is not ours to claim
                return SettleVerdict.Settled;   // regardless: an empty or torn file is quarantined or filed as damaged, never forgotten
            }

            if (unchanged >= profile.SettleTime && LooksWhole(folder, relativePath, sighting.Stamp)
                && CompanionsThere(folder, relativePath) && SidecarReads(folder, relativePath))
            {
                return SettleVerdict.Settled;
            }
        }

        return time.GetElapsedTime(sighting.FirstSeen) >= profile.GrowingAlarmAfter ? SettleVerdict.StillGrowing : SettleVerdict.Wait;
    }

    /// <summary>The earliest moment from now at which another look could settle the file.</summary>
    public TimeSpan DueIn(Sighting sighting)
    {
        var unchanged = time.GetElapsedTime(sighting.LastChange);
        var left = (unchanged < profile.SettleTime ? profile.SettleTime : profile.IncompleteAfter) - unchanged;
        return left > TimeSpan.Zero ? left : TimeSpan.MaxValue;   // it waits for a companion or permission: no moment is known
    }

    private bool CompanionsThere(DropFolder folder, string relativePath) =>
        (!profile.DoneFile || folder.FindCompanion(DropFolder.DonePath(relativePath)) is not null)
        && (profile.Sidecar == SidecarMode.None || SidecarThere(folder, DropFolder.SidecarPath(relativePath)));

    private bool SidecarThere(DropFolder folder, string path)
    {
        if (folder.FindCompanion(path) is not { } sidecar)
        {
            return profile.Sidecar != SidecarMode.Required;
        }

        folder.Folder.OpenRead(path).Dispose();   // one that cannot be read would be lost to its record
        return sidecar.Stamp.SizeBytes > 0 || profile.Sidecar != SidecarMode.Required;
    }

    // A half-written one is no JSON. One that stays so is filed as it is, flagged.
    private static bool SidecarReads(DropFolder folder, string relativePath) =>
        SidecarFile.Read(folder, relativePath) is not { } json || Sidecar.Read(json).Fault is null;

    private bool LooksWhole(DropFolder folder, string relativePath, FileStamp stamp)
    {
        if (stamp.SizeBytes == 0 || folder.Folder.ProbeWriter(relativePath) == WriterProbe.Writer)
        {
            return false;
        }

        using var content = folder.Folder.OpenRead(relativePath);
        return judgeTail(content) != TailVerdict.Incomplete;
    }
}
