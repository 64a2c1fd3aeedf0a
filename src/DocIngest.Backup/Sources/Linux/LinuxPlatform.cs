using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Names are bytes, and all paths begin at one root.</summary>
internal sealed class LinuxPlatform : LocalPlatform
{
    internal override IEqualityComparer<FileName> NameComparer => EqualityComparer<FileName>.Default;

    internal override (uint UserId, uint GroupId) Account => (LibC.EffectiveUserId(), LibC.EffectiveGroupId());

    internal override IReadOnlyList<FileName> Parse(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw new ArgumentException("A path to back up must be absolute.", nameof(path));
        return [.. Elements(path, '/').Select(FileName.FromRaw)];
    }

    internal override string Cleaned(string path) => $"/{string.Join('/', Elements(path, '/'))}";

    internal override LocalFolder OpenTop(bool toList)
    {
        var root = LibC.Open("/\0"u8, (toList ? LibC.ReadOnly : LibC.PathOnly) | LibC.Folder | LibC.CloseOnExec);
        return root.IsInvalid ? throw LinuxError.From(LinuxError.Last, "open the root folder") : new LinuxFolder(root);
    }
}
