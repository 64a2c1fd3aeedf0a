namespace DocIngest.Backup.Encoding;

/// <summary>Permissions and kind of a file in the bits of Go's <c>os.FileMode</c>, which trees hold instead of <c>st_mode</c> (restic-format 9.5).</summary>
public readonly record struct GoFileMode(uint Value)
{
    /// <summary>Read, write and execute of owner, group and others.</summary>
    public const uint PermissionMask = 0x1ff;

    /// <summary>A directory.</summary>
    public const uint Directory = 1u << 31;

    /// <summary>A symbolic link.</summary>
    public const uint Symlink = 1u << 27;

    /// <summary>A device; with <see cref="CharDevice"/> one of characters, else of blocks.</summary>
    public const uint Device = 1u << 26;

    /// <summary>A named pipe.</summary>
    public const uint Fifo = 1u << 25;

    /// <summary>A socket.</summary>
    public const uint Socket = 1u << 24;

    /// <summary>Runs as its owner.</summary>
    public const uint SetUid = 1u << 23;

    /// <summary>Runs as its group.</summary>
    public const uint SetGid = 1u << 22;

    /// <summary>A device of characters.</summary>
    public const uint CharDevice = 1u << 21;

    /// <summary>Only owners delete in it.</summary>
    public const uint Sticky = 1u << 20;

    /// <summary>Nothing of the above.</summary>
    public const uint Irregular = 1u << 19;

    /// <summary>The bits that say what kind of thing it is; none of them is set for a regular file.</summary>
    public const uint KindMask = Directory | Symlink | Device | Fifo | Socket | CharDevice | Irregular;

    private const uint StatKindMask = 0xf000;
    private const uint StatSetUid = 0x800;
    private const uint StatSetGid = 0x400;
    private const uint StatSticky = 0x200;

    private static readonly (uint Stat, uint Go)[] Kinds =
    [
        (0x8000, 0), (0x4000, Directory), (0xa000, Symlink), (0x6000, Device), (0x2000, Device | CharDevice), (0x1000, Fifo), (0xc000, Socket),
    ];

    private static readonly (uint Stat, uint Go)[] Flags = [(StatSetUid, SetUid), (StatSetGid, SetGid), (StatSticky, Sticky)];

    /// <summary>The nine permission bits.</summary>
    public uint Permissions => Value & PermissionMask;

    /// <summary>The bits of <see cref="KindMask"/>.</summary>
    public uint Kind => Value & KindMask;

    /// <summary>Whether there are bits that restic never stores, such as those of <c>st_mode</c>.</summary>
    internal bool HasForeignBits => (Value & ~(PermissionMask | KindMask | SetUid | SetGid | Sticky)) != 0;

    /// <summary>From what <c>stat(2)</c> calls <c>st_mode</c>.</summary>
    public static GoFileMode FromStat(uint mode)
    {
        uint value = mode & PermissionMask;
        value |= Array.Find(Kinds, kind => kind.Stat == (mode & StatKindMask)) is { Stat: not 0 } known ? known.Go : Irregular;
        foreach (var (stat, go) in Flags)
            value |= (mode & stat) != 0 ? go : 0;
        return new GoFileMode(value);
    }

    /// <summary>What <c>chmod(2)</c> takes: permissions, set-id and sticky bits, without the kind.</summary>
    public uint ToChmod()
    {
        uint mode = Permissions;
        foreach (var (stat, go) in Flags)
            mode |= (Value & go) != 0 ? stat : 0;
        return mode;
    }

    /// <summary>Decimal, as a tree holds it.</summary>
    public override string ToString() => $"{Value}";
}
