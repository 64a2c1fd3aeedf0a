namespace DocIngest.Storage.Linux;

/// <summary>Reads kind and identity out of what <c>statx</c> found.</summary>
internal static class LinuxStamp
{
    internal const uint Wanted = StatX.BasicAndBirth;

    private const int KindMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;
    private const int Link = 0xA000;

    internal static FolderEntry Entry(string name, in StatX found)
    {
        // ext4 keeps times up to 2446, and anybody may set one: beyond what the stamp can say (1677 to 2262) it says the nearest.
        long written = long.CreateSaturating(((Int128)found.WriteSeconds * 1_000_000_000) + found.WriteNanoseconds);
        return new FolderEntry(name, KindOf(found), new FileStamp(FileId(found), (long)found.Size, written), found.LinkCount);
    }

    internal static EntryKind KindOf(in StatX found) => (found.Mode & KindMask) switch
    {
        Regular => EntryKind.File,
        Folder => EntryKind.Folder,
        Link => EntryKind.Link,
        _ => EntryKind.Special,
    };

    internal static VolumeId VolumeOf(in StatX found) => new(((ulong)found.DeviceMajor << 32) | found.DeviceMinor);

    /// <summary>Device, inode and birth time. The birth time is written once, with the inode: it tells a reused inode number from the first.</summary>
    /// <remarks>A device of major 0 (NFS, btrfs, overlay) gets a new number at each mount, so that is left out: an identity outlives a restart.</remarks>
    private static string FileId(in StatX found)
    {
        string device = found.DeviceMajor == 0 ? "0" : $"{found.DeviceMajor:x}.{found.DeviceMinor:x}";
        string birth = (found.Mask & StatX.HasBirth) != 0 ? $":{found.BirthSeconds:x}.{found.BirthNanoseconds:x}" : "";
        return $"{device}:{found.Inode:x}{birth}";
    }
}
