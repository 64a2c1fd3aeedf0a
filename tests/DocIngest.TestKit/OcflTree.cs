using DocIngest.Storage;

namespace DocIngest.TestKit;

/// <summary>A file tree to validate: a real directory, or a durable folder (so that volumes in memory can be checked after a power cut).</summary>
internal abstract class OcflTree
{
    public static OcflTree Of(string directory) => new DirectoryTree(directory);

    public static OcflTree Of(IDurableFolder folder) => new FolderTree(folder);

    /// <summary>What is directly inside a directory; <c>""</c> is the top.</summary>
    public abstract IReadOnlyList<OcflEntry> List(string path);

    public abstract Stream Open(string path);

    public byte[] Read(string path)
    {
        using var file = Open(path);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }

    private sealed class DirectoryTree(string directory) : OcflTree
    {
        public override IReadOnlyList<OcflEntry> List(string path) =>
            [.. new DirectoryInfo(Path.Combine(directory, path)).EnumerateFileSystemInfos().Select(Describe)];

        public override Stream Open(string path) => File.OpenRead(Path.Combine(directory, path));

        private static OcflEntry Describe(FileSystemInfo info) => new(info.Name, info switch
        {
            { LinkTarget: not null } => OcflEntryKind.Other,
            DirectoryInfo => OcflEntryKind.Directory,
            _ => OcflEntryKind.File,
        });
    }

    private sealed class FolderTree(IDurableFolder folder) : OcflTree
    {
        public override IReadOnlyList<OcflEntry> List(string path) => [.. folder.List(path).Select(Describe)];

        public override Stream Open(string path) => folder.OpenRead(path);

        private static OcflEntry Describe(FolderEntry entry) => new(entry.Name, entry.Kind switch
        {
            EntryKind.Folder => OcflEntryKind.Directory,
            EntryKind.File when entry.LinkCount <= 1 => OcflEntryKind.File,
            _ => OcflEntryKind.Other,
        });
    }
}

internal enum OcflEntryKind
{
    File,
    Directory,

    /// <summary>A link of either sort, or a device: E090.</summary>
    Other,
}

internal sealed record OcflEntry(string Name, OcflEntryKind Kind)
{
    public bool IsFile => Kind == OcflEntryKind.File;

    public bool IsDirectory => Kind == OcflEntryKind.Directory;
}
