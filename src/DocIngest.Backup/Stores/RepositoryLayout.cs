using System.Diagnostics;

namespace DocIngest.Backup.Stores;

/// <summary>Where files lie below the root of a repository: restic's "default" layout (restic-format 1.1).</summary>
internal static class RepositoryLayout
{
    internal const string Config = "config";

    /// <summary>More than any program writes into a config; it is read into memory whole.</summary>
    internal const int MaxConfigBytes = 1024 * 1024;

    private const int PackFolderDigits = 2;

    /// <summary>The folder of a kind. Packs lie one level deeper.</summary>
    internal static string Folder(FileKind kind) => kind switch
    {
        FileKind.Key => "keys",
        FileKind.Snapshot => "snapshots",
        FileKind.Index => "index",
        FileKind.Lock => "locks",
        FileKind.Pack => "data",
        FileKind.Config => throw new ArgumentException("There is one config, and it has members of its own.", nameof(kind)),
        _ => throw new UnreachableException(),
    };

    /// <summary>The folder this file lies in.</summary>
    internal static string Folder(FileKind kind, FileId id) =>
        kind is FileKind.Pack ? $"{Folder(kind)}/{id.ToString()[..PackFolderDigits]}" : Folder(kind);

    internal static string Path(FileKind kind, FileId id) => $"{Folder(kind, id)}/{id}";

    /// <summary>Whether a name is the one that files are opened by. Upper case can be read, but not found again.</summary>
    internal static bool TryParse(string name, out FileId id) => FileId.TryParse(name, out id) && id.ToString() == name;

    /// <summary>Whether a name below <c>data</c> holds packs.</summary>
    internal static bool IsPackFolder(string name) => name.Length == PackFolderDigits && name.All(char.IsAsciiHexDigitLower);
}
