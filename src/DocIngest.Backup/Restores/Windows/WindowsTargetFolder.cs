using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;
using static DocIngest.Backup.Restores.Windows.TargetCalls;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>A folder on Windows by its path.</summary>
/// <remarks>
/// <para>Compiles everywhere; checked by reading only, until the tests of restores run on Windows.</para>
/// <para>Windows has no openat. Instead each folder is held open without leave to rename or delete it, from before its first entry until
/// after its last, and so are those above it: the path leads to the same folders all the time. Reparse points are refused when opened.</para>
/// <para>Not restored: security descriptors, NTFS extended attributes.</para>
/// </remarks>
internal sealed class WindowsTargetFolder : TargetFolder
{
    private const uint AnyShare = ShareRead | ShareWrite | ShareDelete;

    private readonly string _path;
    private readonly SafeFileHandle _folder;

    private WindowsTargetFolder(string path, SafeFileHandle folder) => (_path, _folder) = (path, folder);

    /// <param name="path">With the extended prefix.</param>
    /// <param name="mayBeLink">Only the target itself may.</param>
    internal static WindowsTargetFolder Open(string path, bool mayBeLink) =>
        TryOpen(path, mayBeLink) ?? throw new EntryNotRestoredException(RestoreProblemKind.NotWritten, "The folder is not there any more.");

    public override void Dispose() => _folder.Dispose();

    internal override TargetEntry? Find(FileName name)
    {
        const string Operation = "look at what stands there";
        using var entry = TargetCalls.CreateFile(Below(name), ReadAttributes, AnyShare, 0, OpenExisting, OpenReparsePoint | BackupSemantics, 0);
        if (entry.IsInvalid)
            return WindowsTargetError.IsAbsent(WindowsTargetError.Last) ? null : throw WindowsTargetError.From(WindowsTargetError.Last, Operation);
        if (!GetStandardInfo(entry, StandardInfoClass, out var standard, 24))
            throw WindowsTargetError.From(WindowsTargetError.Last, Operation);
        var attributes = WindowsTargetError.Guarded(Operation, () => File.GetAttributes(entry));
        string? link = WindowsTargetError.Guarded(Operation, () => new FileInfo(Below(name)).LinkTarget);
        byte[] target = link is null ? [] : FileName.FromUtf16(link).Bytes.ToArray();
        return new TargetEntry(
            Sources.Windows.WindowsNodes.TypeOf(attributes, link is not null), (ulong)standard.Size, standard.LinkCount, 0, target, WindowsTargetFile.IdentityOf(entry));
    }

    internal override TargetFolder? OpenFolder(FileName name) => TryOpen(Below(name), mayBeLink: false);

    internal override TargetFolder MakeFolder(FileName name) =>
        CreateFolder(Below(name), 0) ? Open(Below(name), mayBeLink: false) : throw WindowsTargetError.From(WindowsTargetError.Last, "make a folder");

    internal override void RemoveLeftovers() => WindowsTargetError.Guarded("list the folder that stands there", () =>
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(_path + '\\'))
        {
            if (TemporaryNames.IsOne(FileName.FromUtf16(Path.GetFileName(entry)).Bytes))
                _ = Remove(entry);   // one that stays harms nobody
        }

        return true;
    });

    internal override TargetFile CreateFile(FileName temporary) => new WindowsTargetFile(Opened(
        temporary, GenericRead | GenericWrite | WriteAttributes, ShareRead | ShareDelete, CreateNew, "make a file"));

    internal override TargetFile OpenFile(FileName name) => new WindowsTargetFile(Opened(
        name, GenericRead | WriteAttributes, AnyShare, OpenExisting, "read the file that stands there"));

    internal override MetadataOutcome MakeSpecial(FileName temporary, Node node)
    {
        if (node.Type is not NodeType.Symlink || !new FileName(node.LinkTarget.Span).TryToUtf16(out string target))
            throw new EntryNotRestoredException(RestoreProblemKind.Unsupported, "Windows has no entries of this kind.");
        _ = WindowsTargetError.Guarded("make a link", () => File.CreateSymbolicLink(Below(temporary), target));
        return DescribeSpecial(temporary, node);
    }

    internal override MetadataOutcome DescribeSpecial(FileName name, Node node)
    {
        using var entry = TargetCalls.CreateFile(
            Below(name), ReadAttributes | WriteAttributes, AnyShare, 0, OpenExisting, OpenReparsePoint | BackupSemantics, 0);
        return entry.IsInvalid ? throw WindowsTargetError.From(WindowsTargetError.Last, "look at an entry") : WindowsMetadata.Write(entry, node);
    }

    internal override TargetIdentity? TryLink(TargetFolder from, FileName name, FileName temporary)
    {
        if (CreateLink(Below(temporary), ((WindowsTargetFolder)from).Below(name), 0))
        {
            using var made = Opened(temporary, ReadAttributes, AnyShare, OpenExisting, "look at a link");
            return WindowsTargetFile.IdentityOf(made);
        }

        return WindowsTargetError.Last is WindowsTargetError.NotSameDevice or WindowsTargetError.InvalidFunction or WindowsTargetError.NotSupported or WindowsTargetError.TooManyLinks
            ? null
            : throw WindowsTargetError.From(WindowsTargetError.Last, "make a further name of a file");
    }

    internal override void Publish(FileName temporary, FileName name, bool replaces)
    {
        if (!Move(Below(temporary), Below(name), MoveWriteThrough | (replaces ? MoveReplaceExisting : 0)))
            throw WindowsTargetError.From(WindowsTargetError.Last, "give an entry its name");
    }

    internal override void Discard(FileName temporary) => _ = Remove(Below(temporary));

    internal override MetadataOutcome Describe(Node? node) =>
        node is null ? new MetadataOutcome(false, []) : WindowsMetadata.Write(_folder, node);

    private static WindowsTargetFolder? TryOpen(string path, bool mayBeLink)
    {
        const string Operation = "open the folder that stands there";
        uint flags = BackupSemantics | (mayBeLink ? 0 : OpenReparsePoint);
        var folder = TargetCalls.CreateFile(path, ListFolder | ReadAttributes | WriteAttributes, ShareRead | ShareWrite, 0, OpenExisting, flags, 0);
        if (folder.IsInvalid)
            return WindowsTargetError.IsAbsent(WindowsTargetError.Last) ? null : throw WindowsTargetError.From(WindowsTargetError.Last, Operation);
        var attributes = WindowsTargetError.Guarded(Operation, () => File.GetAttributes(folder));
        if (attributes.HasFlag(FileAttributes.Directory) && (mayBeLink || !attributes.HasFlag(FileAttributes.ReparsePoint)))
            return new WindowsTargetFolder(path, folder);
        folder.Dispose();
        throw new EntryNotRestoredException(RestoreProblemKind.Conflict, "Cannot open the folder that stands there: it is none, or a link.");
    }

    private SafeFileHandle Opened(FileName name, uint access, uint share, uint disposition, string operation)
    {
        var file = TargetCalls.CreateFile(Below(name), access, share, 0, disposition, OpenReparsePoint, 0);
        return file.IsInvalid ? throw WindowsTargetError.From(WindowsTargetError.Last, operation) : file;
    }

    private string Below(FileName name) =>
        name.TryToUtf16(out string text) ? $@"{_path}\{text}" : throw new EntryNotRestoredException(RestoreProblemKind.UnsafeName, "No Windows name is like this.");
}
