using DocIngest.Backup.Encoding;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Makes nodes of what <c>statx</c> found, with the same fields that restic sets.</summary>
internal static class LinuxNodes
{
    internal static Node Of(FileName name, in StatX found)
    {
        var mode = GoFileMode.FromStat(found.Mode);
        var type = NodeTypes.FromMode(mode);
        var modified = new ZonedTime(new UnixTime(found.WriteSeconds, (int)found.WriteNanoseconds));
        return new Node
        {
            Name = name,
            Type = type,
            Mode = mode,
            Modified = modified,
            Accessed = modified,
            Changed = new ZonedTime(new UnixTime(found.ChangeSeconds, (int)found.ChangeNanoseconds)),
            UserId = found.UserId,
            GroupId = found.GroupId,
            User = AccountNames.OfUser(found.UserId),
            Group = AccountNames.OfGroup(found.GroupId),
            Inode = found.Inode,
            DeviceId = Device(found.DeviceMajor, found.DeviceMinor),
            SizeBytes = type is NodeType.File ? found.Size : 0,
            LinkCount = type is NodeType.File or NodeType.Symlink or NodeType.Device or NodeType.CharDevice ? found.LinkCount : 0,
            Device = type is NodeType.Device or NodeType.CharDevice ? SpecialDevice(found) : 0,
        };
    }

    internal static NodeType TypeOf(in StatX found) => NodeTypes.FromMode(GoFileMode.FromStat(found.Mode));

    /// <summary>The device that a device node is.</summary>
    internal static ulong SpecialDevice(in StatX found) => Device(found.SpecialMajor, found.SpecialMinor);

    /// <summary>What a file is whatever its name, as nodes have it.</summary>
    internal static (ulong Device, ulong Inode) Identity(in StatX found) => (Device(found.DeviceMajor, found.DeviceMinor), found.Inode);

    /// <summary>The number that <c>stat(2)</c> gives: <c>makedev(3)</c>.</summary>
    private static ulong Device(ulong major, ulong minor) =>
        (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xfful) << 12) | ((major & ~0xffful) << 32);
}
