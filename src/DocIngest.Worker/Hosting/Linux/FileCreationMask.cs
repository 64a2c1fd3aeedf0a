using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace DocIngest.Worker.Hosting.Linux;

/// <summary>What other accounts may do with files that this process makes, and the processes it starts.</summary>
internal static partial class FileCreationMask
{
    private const uint OthersAndGroupWrite = 0x17;   // octal 027
    private const uint GroupWrite = 0x10;            // octal 020
    private const uint GroupRead = 0x20;             // octal 040
    private const UnixFileMode SharedFolder = UnixFileMode.SetGroup | UnixFileMode.GroupWrite;

    /// <summary>
    /// Closes every file and folder made from now on to accounts outside our group: catalog, archive, quarantine and receipts hold
    /// personal data, whoever made the folder around them. What the administrator closed further stays closed.
    /// </summary>
    public static void CloseToOthers()
    {
        uint before = SetMask(OthersAndGroupWrite);   // it cannot fail, and reading it is setting it
        _ = SetMask(before | OthersAndGroupWrite);
    }

    /// <summary>
    /// Lets members of a data folder's group write what this process makes there, where the administrator shared it with them: it belongs to the group, and passes
    /// that on (<c>chmod 2770</c>). Where everything was closed to the group (<c>umask 077</c>), it stays closed.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static void FollowFolder(string path)
    {
        if ((File.GetUnixFileMode(path) & SharedFolder) == SharedFolder)
        {
            uint before = SetMask(OthersAndGroupWrite);
            _ = SetMask((before & GroupRead) == 0 ? before & ~GroupWrite : before);
        }
    }

    /// <summary>Whether files are made for the group to write.</summary>
    public static bool IsOpenToGroup
    {
        get
        {
            uint mask = SetMask(OthersAndGroupWrite);   // reading it is setting it
            _ = SetMask(mask);
            return (mask & GroupWrite) == 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint SetMask(uint mask);
}
