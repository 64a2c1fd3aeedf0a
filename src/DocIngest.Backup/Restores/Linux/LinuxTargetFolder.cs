using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>An open folder by its handle. Every name is one element, given to the kernel with that handle and O_NOFOLLOW or its like.</summary>
internal sealed class LinuxTargetFolder : TargetFolder
{
    private const uint OwnerOnlyFile = 0x180;   // 0600
    private const uint OwnerOnlyFolder = 0x1c0;   // 0700

    private static readonly int OpenFlags = LibC.ReadOnly | LibC.Folder | LibC.NoFollow | LibC.CloseOnExec;

    private readonly SafeFileHandle _folder;
    private readonly LinuxVolumes _volumes;
    private readonly LinuxVolume _volume;
    private readonly uint? _lockedMode;   // what it forbade us, for as long as we work in it

    /// <param name="folder">Taken over.</param>
    /// <param name="volumes">The file systems met so far.</param>
    /// <param name="lockedMode">The mode that had to be changed to open it.</param>
    internal LinuxTargetFolder(SafeFileHandle folder, LinuxVolumes volumes, uint? lockedMode = null)
    {
        _folder = folder;
        _volumes = volumes;
        _lockedMode = lockedMode;
        try
        {
            var found = Stat("\0"u8, LibC.EmptyPathAt, "look at a folder");
            _volume = volumes.Of(IdentityOf(found).Device, folder);
            if (!volumes.IsDryRun && !Environment.IsPrivilegedProcess && (found.Mode & OwnerOnlyFolder) != OwnerOnlyFolder
                && WriteCalls.SetMode(folder, (found.Mode & MetadataWriter.ChmodMask) | OwnerOnlyFolder) == 0)
                _lockedMode = found.Mode & MetadataWriter.ChmodMask;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public override void Dispose() => _folder.Dispose();

    /// <summary>Gives up the lock that keeps other restores out, if there is one.</summary>
    internal void Unlock() => _ = WriteCalls.Lock(_folder, WriteCalls.LockRelease);

    internal override TargetEntry? Find(FileName name)
    {
        const string Operation = "look at what stands there";
        byte[] path = Terminated(name);
        if (LibC.StatX(_folder, path, LibC.NoFollowAt | LibC.NoAutomountAt, StatX.Basic, out var found) != 0)
            return TargetError.Last == TargetError.ENOENT ? null : throw TargetError.From(TargetError.Last, Operation);
        var type = LinuxNodes.TypeOf(found);
        byte[] target = type is NodeType.Symlink ? LinkTargets.Read(_folder, path) ?? throw TargetError.From(TargetError.Last, Operation) : [];
        return new TargetEntry(type, found.Size, found.LinkCount, LinuxNodes.SpecialDevice(found), target, IdentityOf(found));
    }

    internal override TargetFolder? OpenFolder(FileName name)
    {
        byte[] path = Terminated(name);
        uint? lockedMode = null;
        var folder = LibC.OpenAt(_folder, path, OpenFlags);
        if (folder.IsInvalid && TargetError.Last == TargetError.EACCES && !_volumes.IsDryRun)
            folder = OpenAfterUnlocking(path, out lockedMode);
        if (!folder.IsInvalid)
            return new LinuxTargetFolder(folder, _volumes, lockedMode);
        return TargetError.Last == TargetError.ENOENT ? null : throw TargetError.From(TargetError.Last, "open the folder that stands there");
    }

    internal override TargetFolder MakeFolder(FileName name)
    {
        if (WriteCalls.MakeFolderAt(_folder, Terminated(name), OwnerOnlyFolder) != 0)
            throw TargetError.From(TargetError.Last, "make a folder");
        return OpenFolder(name) ?? throw new EntryNotRestoredException(RestoreProblemKind.NotWritten, "Somebody removed the folder that was just made.");
    }

    internal override void RemoveLeftovers()
    {
        var again = LibC.OpenAt(_folder, ".\0"u8, LibC.ReadOnly | LibC.Folder | LibC.CloseOnExec);
        if (again.IsInvalid)
            throw TargetError.From(TargetError.Last, "list the folder that stands there");
        foreach (byte[] name in FolderNames.Read(again))
        {
            if (TemporaryNames.IsOne(name.AsSpan(0, name.Length - 1)))
                _ = WriteCalls.UnlinkAt(_folder, name, 0);   // one that stays harms nobody
        }
    }

    internal override TargetFile CreateFile(FileName temporary)
    {
        const int Flags = WriteCalls.ReadWrite | WriteCalls.CreateNew;
        var file = WriteCalls.CreateAt(_folder, Terminated(temporary), Flags | LibC.NoFollow | LibC.CloseOnExec, OwnerOnlyFile);
        return file.IsInvalid ? throw TargetError.From(TargetError.Last, "make a file") : new LinuxTargetFile(file, _volume);
    }

    /// <inheritdoc />
    /// <remarks>Whoever was asked what stands there knows that it is a regular file; if it no longer is one, this does not wait for it.</remarks>
    internal override TargetFile OpenFile(FileName name)
    {
        var file = LibC.OpenAt(
            _folder, Terminated(name), LibC.ReadOnly | LibC.NoFollow | LibC.NonBlocking | LibC.NoControllingTerminal | LibC.CloseOnExec);
        return file.IsInvalid ? throw TargetError.From(TargetError.Last, "read the file that stands there") : new LinuxTargetFile(file, _volume);
    }

    internal override MetadataOutcome MakeSpecial(FileName temporary, Node node)
    {
        byte[] path = Terminated(temporary);
        int made = node.Type switch
        {
            NodeType.Symlink => WriteCalls.MakeLinkAt([.. node.LinkTarget.Span, 0], _folder, path),
            NodeType.Fifo => WriteCalls.MakeFifoAt(_folder, path, OwnerOnlyFile),
            _ => MakeDevice(path, node),
        };
        if (made != 0)
            throw TargetError.From(TargetError.Last, "make an entry of this kind");
        return DescribeSpecial(temporary, node);
    }

    internal override MetadataOutcome DescribeSpecial(FileName name, Node node)
    {
        byte[] path = Terminated(name);
        var found = Stat(path, LibC.NoFollowAt, "look at an entry");
        return new MetadataWriter(_folder, path).Write(found, node);
    }

    internal override TargetIdentity? TryLink(TargetFolder from, FileName name, FileName temporary)
    {
        byte[] path = Terminated(temporary);
        if (WriteCalls.LinkAt(((LinuxTargetFolder)from)._folder, Terminated(name), _folder, path, 0) == 0)
            return IdentityOf(Stat(path, LibC.NoFollowAt, "look at a link"));

        // EPERM: a file system without links, or a file that the kernel protects from them (fs.protected_hardlinks).
        return TargetError.Last is TargetError.EXDEV or TargetError.EMLINK or TargetError.EPERM or TargetError.EOPNOTSUPP or TargetError.ENOSYS
            ? null
            : throw TargetError.From(TargetError.Last, "make a further name of a file");
    }

    internal override void Publish(FileName temporary, FileName name, bool replaces)
    {
        byte[] from = Terminated(temporary), to = Terminated(name);
        int renamed = replaces
            ? WriteCalls.RenameAt(_folder, from, _folder, to)
            : WriteCalls.RenameAt2(_folder, from, _folder, to, WriteCalls.NoReplace);
        if (renamed != 0 && !replaces && TargetError.Last is TargetError.EINVAL or TargetError.ENOSYS)
            renamed = RenameWithoutKernelsHelp(from, to);
        if (renamed != 0)
            throw TargetError.From(TargetError.Last, "give an entry its name");
    }

    internal override void Discard(FileName temporary) => _ = WriteCalls.UnlinkAt(_folder, Terminated(temporary), 0);

    internal override MetadataOutcome Describe(Node? node)
    {
        var outcome = new MetadataOutcome(false, []);
        if (node is not null)
            outcome = new MetadataWriter(_folder).Write(Stat("\0"u8, LibC.EmptyPathAt, "look at a folder"), node);
        else if (_lockedMode is { } mode)
            _ = WriteCalls.SetMode(_folder, mode);   // as it was a moment ago, and it is ours
        if (_volume.FlushesEach && WriteCalls.Sync(_folder) != 0)
            throw LinuxVolumes.Failure("flush a folder");
        return outcome;
    }

    /// <summary>Opens a folder of our own that forbids us to read it: its mode is set when all is in it.</summary>
    private SafeFileHandle OpenAfterUnlocking(byte[] path, out uint? lockedMode)
    {
        lockedMode = null;
        using var passage = LibC.OpenAt(_folder, path, LibC.PathOnly | LibC.Folder | LibC.NoFollow | LibC.CloseOnExec);
        if (!passage.IsInvalid && LibC.StatX(passage, "\0"u8, LibC.EmptyPathAt, StatX.Basic, out var found) == 0
            && WriteCalls.SetMode(ProcPath.Of(passage), OwnerOnlyFolder) == 0)
            lockedMode = found.Mode & MetadataWriter.ChmodMask;
        return LibC.OpenAt(_folder, path, OpenFlags);
    }

    private int MakeDevice(byte[] path, Node node)
    {
        uint kind = node.Type is NodeType.CharDevice ? 0x2000u : 0x6000u;
        try
        {
            return WriteCalls.MakeNodeAt(_folder, path, kind | OwnerOnlyFile, node.Device);
        }
        catch (EntryPointNotFoundException)
        {
            throw new EntryNotRestoredException(RestoreProblemKind.Unsupported, "The C library of this machine is too old to make devices.");
        }
    }

    /// <summary>For file systems that cannot rename without replacing (NFS, some FUSE): two names for a moment, none that is replaced.</summary>
    private int RenameWithoutKernelsHelp(byte[] from, byte[] to)
    {
        if (WriteCalls.LinkAt(_folder, from, _folder, to, 0) == 0)
            return WriteCalls.UnlinkAt(_folder, from, 0);
        if (TargetError.Last is not (TargetError.EPERM or TargetError.EOPNOTSUPP or TargetError.ENOSYS))
            return -1;

        // No links either: looking and renaming are two steps here. Only who writes into the target at the same time could lose by it.
        if (LibC.StatX(_folder, to, LibC.NoFollowAt, StatX.Basic, out _) == 0)
            throw TargetError.From(TargetError.EEXIST, "give an entry its name");
        return WriteCalls.RenameAt(_folder, from, _folder, to);
    }

    internal static TargetIdentity IdentityOf(in StatX found)
    {
        var (device, inode) = LinuxNodes.Identity(found);
        return new TargetIdentity(device, inode);
    }

    private StatX Stat(ReadOnlySpan<byte> path, int flags, string operation) =>
        LibC.StatX(_folder, path, flags, StatX.Basic, out var found) == 0 ? found : throw TargetError.From(TargetError.Last, operation);

    private static byte[] Terminated(FileName name) => [.. name.Bytes, 0];
}
