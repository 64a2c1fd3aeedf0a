using System.Globalization;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources.Windows;

/// <summary>Makes nodes of what Windows tells, as restic does: no owners, no inodes, and the attributes as they are (restic-format 9.5, 9.6).</summary>
/// <remarks>
/// Not stored, although restic can: security descriptors and NTFS extended attributes. Alternate data streams are stored by nobody.
/// Hard links are stored as separate files.
/// </remarks>
internal static class WindowsNodes
{
    private const uint ReadOnlyPermissions = 0x124;   // 0444
    private const uint WritablePermissions = 0x1b6;   // 0666
    private const uint Searchable = 0x49;   // 0111

    /// <param name="name">Its name.</param>
    /// <param name="type">What it was found to be.</param>
    /// <param name="attributes">As the file system gives them.</param>
    /// <param name="createdUtc">Creation time.</param>
    /// <param name="modifiedUtc">Time of the last write, which takes the part of the ctime too.</param>
    /// <param name="sizeBytes">Of files.</param>
    internal static Node Of(FileName name, NodeType type, FileAttributes attributes, DateTime createdUtc, DateTime modifiedUtc, long sizeBytes)
    {
        var modified = new ZonedTime(UnixTime.From(new DateTimeOffset(modifiedUtc, TimeSpan.Zero)));
        return new Node
        {
            Name = name,
            Type = type,
            Mode = Mode(type, attributes),
            Modified = modified,
            Accessed = modified,
            Changed = modified,
            SizeBytes = type is NodeType.File ? (ulong)sizeBytes : 0,
            GenericAttributes =
            [
                new GenericAttribute("windows.creation_time", Json(FileTime(createdUtc.ToFileTimeUtc()))),
                new GenericAttribute("windows.file_attributes", Json(((uint)attributes).ToString(CultureInfo.InvariantCulture))),
            ],
        };
    }

    /// <summary>Unknown where there is a reparse point that is no link: what reading it would give, only its maker knows.</summary>
    internal static NodeType TypeOf(FileAttributes attributes, bool isLink) => attributes switch
    {
        _ when isLink => NodeType.Symlink,
        _ when attributes.HasFlag(FileAttributes.ReparsePoint) || attributes.HasFlag(FileAttributes.Device) => NodeType.Unknown,
        _ when attributes.HasFlag(FileAttributes.Directory) => NodeType.Directory,
        _ => NodeType.File,
    };

    private static GoFileMode Mode(NodeType type, FileAttributes attributes)
    {
        uint permissions = attributes.HasFlag(FileAttributes.ReadOnly) ? ReadOnlyPermissions : WritablePermissions;
        return new GoFileMode(type.ModeKind() | permissions | (type is NodeType.Directory ? Searchable : 0));
    }

    private static string FileTime(long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"LowDateTime\":{(uint)value},\"HighDateTime\":{(uint)(value >> 32)}}}");

    private static ReadOnlyMemory<byte> Json(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
