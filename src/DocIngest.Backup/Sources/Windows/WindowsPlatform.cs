using System.Diagnostics.CodeAnalysis;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Sources.Windows;

/// <summary>Names are UTF-16 and ignore case, and paths begin at volumes: <c>C:\x</c> is stored as <c>C</c>, then <c>x</c>.</summary>
/// <remarks>Compiles everywhere; checked by reading only, until the tests of sources run on Windows.</remarks>
internal sealed class WindowsPlatform : LocalPlatform
{
    private const string SharePrefix = @"\\";

    internal override IEqualityComparer<FileName> NameComparer { get; } = new IgnoringCase();

    internal override (uint UserId, uint GroupId) Account => (0, 0);   // as in restic's snapshots and locks

    internal override IReadOnlyList<FileName> Parse(string path)
    {
        string[] elements = Elements(path, '\\', '/');
        if (path.StartsWith(SharePrefix, StringComparison.Ordinal) && elements.Length >= 2 && elements[0] != "?")
            return [.. elements.Select(FileName.FromUtf16)];
        if (elements is not [[var letter, ':'], ..] || !char.IsAsciiLetter(letter) || path is not [_, _, '\\' or '/', ..])
            throw new ArgumentException("A path to back up must be absolute, with its volume.", nameof(path));
        return [FileName.FromUtf16($"{letter}"), .. elements[1..].Select(FileName.FromUtf16)];
    }

    internal override string Cleaned(string path)
    {
        string[] elements = Elements(path, '\\', '/');
        string prefix = path.StartsWith(SharePrefix, StringComparison.Ordinal) ? SharePrefix : "";
        return prefix + string.Join('\\', elements) + (elements.Length == 1 ? "\\" : "");
    }

    internal override LocalFolder OpenTop(bool toList) =>
        toList ? throw new RefusedEntryException("Cannot list all volumes: name those to be backed up.") : new Machine();

    /// <summary>What volumes and servers are entries of.</summary>
    private sealed class Machine : LocalFolder
    {
        public override void Dispose()
        {
            // Nothing is held open.
        }

        internal override IEnumerable<SourceEntry> List(CancellationToken cancellation) => throw new NotSupportedException();

        internal override SourceEntry? Describe(FileName name)
        {
            var volume = new DirectoryInfo(Text(name));
            return volume.Exists
                ? new SourceEntry(name, WindowsNodes.Of(name, NodeType.Directory, volume.Attributes, volume.CreationTimeUtc, volume.LastWriteTimeUtc, 0))
                : null;
        }

        internal override SourceEntry DescribePassage(FileName name) =>
            IsVolume(name)
                ? Describe(name) ?? new SourceEntry(name, null, new SourceProblem(SourceProblemKind.Missing, "The volume of what was to be backed up is not there."))
                : new SourceEntry(name, WindowsNodes.Of(name, NodeType.Directory, FileAttributes.Directory, DateTime.UnixEpoch, DateTime.UnixEpoch, 0));

        internal override LocalFolder OpenFolder(FileName name) => OpenPassage(name);

        internal override LocalFolder OpenPassage(FileName name) => new WindowsFolder(Text(name).TrimEnd('\\'));

        internal override SourceFile OpenFile(Node file) => throw new NotSupportedException();

        private static bool IsVolume(FileName name) => name.Bytes.Length == 1;

        private static string Text(FileName name) =>
            IsVolume(name) ? $@"\\?\{(char)name.Bytes[0]}:\" : name.TryToUtf16(out string server) ? $@"\\?\UNC\{server}" : "";
    }

    private sealed class IgnoringCase : IEqualityComparer<FileName>
    {
        public bool Equals(FileName x, FileName y) => StringComparer.OrdinalIgnoreCase.Equals(Text(x), Text(y));

        public int GetHashCode([DisallowNull] FileName obj) => StringComparer.OrdinalIgnoreCase.GetHashCode(Text(obj));

        private static string Text(FileName name) => name.TryToUtf16(out string text) ? text : "";
    }
}
