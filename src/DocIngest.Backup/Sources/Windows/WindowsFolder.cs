using DocIngest.Backup.Trees;
using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Windows;

/// <summary>A folder on Windows by its path.</summary>
/// <remarks>
/// <para>Compiles everywhere; its behaviour has been checked by reading only, until the tests of sources run on Windows.</para>
/// <para>Windows has no openat: who may put reparse points into the folders while we read can lead us astray. Files that a program has
/// open without sharing cannot be read; they are told of, since no shadow copy is made here.</para>
/// </remarks>
/// <param name="path">With the extended prefix, so that no name is mended on the way, and no separator at the end.</param>
internal sealed class WindowsFolder(string path) : LocalFolder
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    public override void Dispose()
    {
        // A path holds nothing open.
    }

    internal override IEnumerable<SourceEntry> List(CancellationToken cancellation)
    {
        foreach (var (name, entry) in Entries())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Describe(name, entry) is { } described)
                yield return described;
        }
    }

    internal override SourceEntry? Describe(FileName name)
    {
        if (!name.TryToUtf16(out string text))
            return null;
        var file = new FileInfo(Below(text));
        return Describe(name, file.Attributes.HasFlag(FileAttributes.Directory) && (int)file.Attributes != -1 ? new DirectoryInfo(Below(text)) : file);
    }

    internal override SourceEntry DescribePassage(FileName name)
    {
        var entry = Describe(name);
        if (entry is null)
            return new SourceEntry(name, null, new SourceProblem(SourceProblemKind.Missing, "Cannot reach what was to be backed up: a folder above it is not there."));
        return entry.Node is { Type: NodeType.Symlink } link
            ? entry with { Node = link with { Type = NodeType.Directory, Mode = new(link.Mode.Permissions | NodeType.Directory.ModeKind()), LinkTarget = default } }
            : entry;
    }

    internal override LocalFolder OpenFolder(FileName name)
    {
        string inner = Below(Text(name));
        var attributes = Attributes(inner, "open a folder");
        return attributes.HasFlag(FileAttributes.Directory) && !attributes.HasFlag(FileAttributes.ReparsePoint)
            ? new WindowsFolder(inner)
            : throw new RefusedEntryException("Cannot open a folder: it is no folder any more.");
    }

    internal override LocalFolder OpenPassage(FileName name) => new WindowsFolder(Below(Text(name)));

    internal override SourceFile OpenFile(Node file)
    {
        const string Operation = "open a file";
        var opened = Kernel32.CreateFile(
            Below(Text(file.Name)), Kernel32.GenericRead, Kernel32.ShareAll, 0, Kernel32.OpenExisting,
            Kernel32.OpenReparsePoint | Kernel32.BackupSemantics | Kernel32.SequentialScan, 0);
        if (opened.IsInvalid)
            throw WindowsError.From(System.Runtime.InteropServices.Marshal.GetLastPInvokeError(), Operation);
        try
        {
            return new SourceFile(Opened(file, opened), new SourceFileStream(opened, static error => WindowsError.From(WindowsError.CodeOf(error), "read a file")));
        }
        catch (Exception error) when (error is IOException and not StorageException or UnauthorizedAccessException)
        {
            opened.Dispose();
            throw WindowsError.From(WindowsError.CodeOf(error), Operation);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What is true of the open file.</summary>
    private static Node Opened(Node listed, SafeFileHandle opened)
    {
        var attributes = File.GetAttributes(opened);
        if (WindowsNodes.TypeOf(attributes, isLink: false) is not NodeType.File)
            throw new RefusedEntryException("Cannot open a file: it is no regular file any more.");
        return WindowsNodes.Of(
            listed.Name, NodeType.File, attributes, File.GetCreationTimeUtc(opened), File.GetLastWriteTimeUtc(opened), RandomAccess.GetLength(opened));
    }

    private List<(FileName Name, FileSystemInfo Entry)> Entries()
    {
        try
        {
            var entries = new DirectoryInfo(path + '\\').EnumerateFileSystemInfos("*", Everything).Select(entry => (FileName.FromUtf16(entry.Name), entry)).ToList();
            entries.Sort(static (left, right) => left.Item1.CompareTo(right.Item1));
            return entries;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WindowsError.From(WindowsError.CodeOf(error), "list a folder");
        }
    }

    private static SourceEntry? Describe(FileName name, FileSystemInfo entry)
    {
        try
        {
            entry.Refresh();
            if (!entry.Exists)
                return null;
            string? target = entry.LinkTarget;
            var type = WindowsNodes.TypeOf(entry.Attributes, target is not null);
            if (type is NodeType.Unknown)
                return new SourceEntry(name, null, new SourceProblem(SourceProblemKind.Unsupported, "It is a reparse point that is no link, or a device."));
            var node = WindowsNodes.Of(name, type, entry.Attributes, entry.CreationTimeUtc, entry.LastWriteTimeUtc, (entry as FileInfo)?.Length ?? 0);
            return new SourceEntry(name, target is null ? node : node with { LinkTarget = FileName.FromUtf16(target).Bytes.ToArray() });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            int code = WindowsError.CodeOf(error);
            return WindowsError.IsAbsent(code) ? null : new SourceEntry(name, null, WindowsError.Problem(SourceProblemKind.Unreadable, code, "look at it"));
        }
    }

    private static FileAttributes Attributes(string entry, string operation)
    {
        try
        {
            return File.GetAttributes(entry);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WindowsError.From(WindowsError.CodeOf(error), operation);
        }
    }

    private string Below(string name) => $@"{path}\{name}";

    private static string Text(FileName name) =>
        name.TryToUtf16(out string text) ? text : throw new EntryNotFoundException("Cannot open an entry: no Windows name is like this.");
}
