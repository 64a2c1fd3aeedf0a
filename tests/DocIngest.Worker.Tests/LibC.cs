using System.Runtime.InteropServices;

namespace DocIngest.Worker.Tests;

/// <summary>What the framework does not offer: signals, pipes with names, names that are bytes.</summary>
internal static partial class LibC
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int MakePipe(string path, uint mode);
}
