using DocIngest.Backup.Encoding;
using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>Sets what differs of an entry's metadata: of an open file or folder, or of an entry of an open folder without following it.</summary>
/// <remarks>
/// The order matters: a change of the owner takes set-id bits and capabilities away, an access list changes the mode, and everything
/// but the times changes no times.
/// </remarks>
internal readonly struct MetadataWriter
{
    /// <summary>What <c>chmod</c> sets of <c>st_mode</c>.</summary>
    internal const uint ChmodMask = 0xfff;

    private const uint StatSetUid = 0x800;
    private const uint StatSetGid = 0x400;

    private static readonly uint[] OwnGroups = LibC.FindOwnGroups();

    private readonly SafeFileHandle _handle;
    private readonly byte[]? _name;   // within the handle's folder; null: the handle's own

    internal MetadataWriter(SafeFileHandle file) => _handle = file;

    /// <param name="folder">Must stay open.</param>
    /// <param name="name">Zero-terminated. A link, FIFO or device.</param>
    internal MetadataWriter(SafeFileHandle folder, byte[] name) => (_handle, _name) = (folder, name);

    /// <summary>Whether there would be nothing to write, or nothing that this process may.</summary>
    internal bool IsWritten(in StatX found, Node node)
    {
        bool lacksUser = found.UserId != node.UserId;
        bool lacksGroup = found.GroupId != node.GroupId;
        if ((lacksUser && Environment.IsPrivilegedProcess) || (lacksGroup && MayGiveTo(node.GroupId)))
            return false;
        uint forbidden = Forbidden(lacksUser, lacksGroup);
        return (found.Mode & ChmodMask) == (node.Mode.ToChmod() & ~forbidden)
            && node.Modified.Instant == new UnixTime(found.WriteSeconds, (int)found.WriteNanoseconds)
            && Attributes().AreWritten(node.ExtendedAttributes);
    }

    /// <summary>Makes the entry what the node says.</summary>
    /// <param name="found">What it is now.</param>
    /// <param name="node">What it shall be.</param>
    internal MetadataOutcome Write(in StatX found, Node node)
    {
        var problems = new List<string>();
        var owner = SetOwner(found, node, problems);
        bool hasSetAttributes = Attributes().Write(node.ExtendedAttributes, problems);
        if (node.Type is not NodeType.Symlink)   // Linux gives links no mode
            SetMode(found, node.Mode.ToChmod() & ~owner.Forbidden, isTouched: owner.IsChanged || hasSetAttributes, problems);
        SetTimes(found, node, problems);
        return new MetadataOutcome(owner.IsMissing, problems);
    }

    private AttributeWriter Attributes() => _name is null ? new AttributeWriter(_handle) : new AttributeWriter(_handle, _name);

    /// <summary>Gives the entry to its owner, or at least to its group.</summary>
    /// <returns>Set-id bits that must not be set: they would lend the rights of somebody else than in the snapshot.</returns>
    private (bool IsMissing, bool IsChanged, uint Forbidden) SetOwner(in StatX found, Node node, List<string> problems)
    {
        if (found.UserId == node.UserId && found.GroupId == node.GroupId)
            return (false, false, 0);
        if (TrySetOwner(node.UserId, node.GroupId))
            return (false, true, 0);
        int error = TargetError.Last;
        bool hasGroup = found.GroupId == node.GroupId || TrySetOwner(WriteCalls.KeepId, node.GroupId);
        bool hasUser = found.UserId == node.UserId;
        if (hasGroup && hasUser)
            return (false, true, 0);
        if (error != TargetError.EPERM || Environment.IsPrivilegedProcess)
            problems.Add(TargetError.OfMetadata(error, "set owner and group"));
        return (true, hasGroup && found.GroupId != node.GroupId, Forbidden(!hasUser, !hasGroup));
    }

    private static uint Forbidden(bool lacksUser, bool lacksGroup) => (lacksUser ? StatSetUid : 0) | (lacksGroup ? StatSetGid : 0);

    private static bool MayGiveTo(uint group) => Environment.IsPrivilegedProcess || group == LibC.EffectiveGroupId() || OwnGroups.Contains(group);

    private bool TrySetOwner(uint user, uint group) =>
        (_name is null ? WriteCalls.SetOwner(_handle, user, group) : WriteCalls.SetOwnerAt(_handle, _name, user, group, WriteCalls.NoFollowAt)) == 0;

    private void SetMode(in StatX found, uint mode, bool isTouched, List<string> problems)
    {
        if (!isTouched && (found.Mode & ChmodMask) == mode)
            return;
        if (_name is null ? WriteCalls.SetMode(_handle, mode) != 0 : !TrySetModeOfSpecial(mode))
            problems.Add(TargetError.OfMetadata(TargetError.Last, "set permissions"));
    }

    /// <summary>Kernels before 6.6 have no chmod that follows no link, so the entry is opened without using it and named by its handle.</summary>
    private bool TrySetModeOfSpecial(uint mode)
    {
        using var entry = LibC.OpenAt(_handle, _name, LibC.PathOnly | LibC.NoFollow | LibC.CloseOnExec);
        return !entry.IsInvalid && WriteCalls.SetMode(ProcPath.Of(entry), mode) == 0;
    }

    /// <summary>Times that are right are left: setting them would change the ctime, and the next backup would read the file again.</summary>
    private void SetTimes(in StatX found, Node node, List<string> problems)
    {
        var (modified, accessed) = (node.Modified.Instant, node.Accessed.Instant);
        if (modified == new UnixTime(found.WriteSeconds, (int)found.WriteNanoseconds))
            return;
        var times = new TwoTimes
        {
            AccessSeconds = accessed.Seconds,
            AccessNanoseconds = accessed.Nanoseconds,
            WriteSeconds = modified.Seconds,
            WriteNanoseconds = modified.Nanoseconds,
        };
        int set = _name is null ? WriteCalls.SetTimes(_handle, times) : WriteCalls.SetTimesAt(_handle, _name, times, WriteCalls.NoFollowAt);
        if (set != 0)
            problems.Add(TargetError.OfMetadata(TargetError.Last, "set times"));
    }
}
