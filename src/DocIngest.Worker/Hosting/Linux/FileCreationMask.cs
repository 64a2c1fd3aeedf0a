using System.Runtime.InteropServices;

namespace DocIngest.Worker.Hosting.Linux;

/// <summary>What other accounts may do with files that this process makes, and the processes it starts.</summary>
internal static partial class FileCreationMask
{
    private const uint OthersAndGroupWrite = 0x17;   // octal 027

    /// <summary>
    /// Closes every file and folder made from now on to accounts outside our group: catalog, archive, quarantine and receipts hold
    /// personal data, whoever made the folder around them. What the administrator closed further stays closed.
    /// </summary>
    public static void CloseToOthers()
    {
        uint before = SetMask(OthersAndGroupWrite);   // it cannot fail, and reading it is setting it
        _ = SetMask(before | OthersAndGroupWrite);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint SetMask(uint mask);
}
