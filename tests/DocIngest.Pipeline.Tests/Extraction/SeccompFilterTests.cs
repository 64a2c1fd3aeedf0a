using System.Runtime.InteropServices;
using DocIngest.Pipeline.Extraction.Linux;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>
/// The filter alone, as on a kernel whose Landlock knows less. Calls go through libc by their names where it wraps them, so that
/// the numbers of the machine's own architecture are checked too.
/// </summary>
public sealed partial class SeccompFilterTests
{
    private const int PrivateKey = 0;        // IPC_PRIVATE
    private const int CreateForMe = 0x380;   // IPC_CREAT | 0600
    private const int Mode = 0x180;          // 0600
    private const int SetOwner = 8;          // F_SETOWN
    private const int GetFlags = 3;          // F_GETFL

    private static int Parent => LinuxNative.ParentProcess();

    public static TheoryData<string> RefusedCalls => [.. Refused("").Keys];

    [Theory]
    [MemberData(nameof(RefusedCalls))]
    public void What_a_reader_has_no_use_for_is_refused(string call)
    {
        using var scratch = new Scratch();
        string file = scratch.Write("file", "content");
        var (result, error) = InFilter(Refused(file)[call]);
        Assert.Equal((-1, LinuxNative.AccessDenied), (result, error));
        Assert.Equal("content", File.ReadAllText(file));
    }

    [Fact]
    public void Its_own_threads_group_and_files_it_may_touch()
    {
        Assert.Equal(0, InFilter(() => LinuxNative.KillThread(Environment.ProcessId, Environment.ProcessId, 0)).Result);
        Assert.Equal(0, InFilter(() => LinuxNative.Kill(0, 0)).Result);
        Assert.True(InFilter(() => FileControl(0, GetFlags, 0)).Result >= 0);
    }

    private static Dictionary<string, Func<nint>> Refused(string file)
    {
        bool isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        return new()
        {
            ["setsid"] = () => LinuxNative.StartSession(),
            ["setpgid"] = () => LinuxNative.SetProcessGroup(0, 0),
            ["truncate"] = () => LinuxNative.Truncate(file, 0),
            ["kill"] = () => LinuxNative.Kill(Parent, 0),
            ["tkill"] = () => LinuxNative.SystemCall(isX64 ? 200 : 130, Parent, 0, 0, 0),
            ["tgkill"] = () => LinuxNative.KillThread(Parent, Parent, 0),
            ["fcntl of an owner"] = () => FileControl(0, SetOwner, Parent),
            ["socket"] = () => LinuxNative.Socket(1, 1, 0),
            ["shmget"] = () => MakeSharedMemory(PrivateKey, 4096, CreateForMe),
            ["semget"] = () => MakeSemaphores(PrivateKey, 1, CreateForMe),
            ["msgget"] = () => MakeQueue(PrivateKey, CreateForMe),
            ["mq_open"] = () => LinuxNative.SystemCall(isX64 ? 240 : 180, 0, 0, 0, 0),
            ["chmod"] = () => ChangeMode(file, Mode),
            ["setxattrat"] = () => LinuxNative.SystemCall(463, 0, 0, 0, 0),
            ["removexattrat"] = () => LinuxNative.SystemCall(466, 0, 0, 0, 0),
            ["open_tree_attr"] = () => LinuxNative.SystemCall(467, -1, 0, 0, 0),
            ["file_setattr"] = () => LinuxNative.SystemCall(469, 0, 0, 0, 0),
        };
    }

    /// <summary>On a thread of its own, which takes the filter with it when it ends.</summary>
    private static (nint Result, int Error) InFilter(Func<nint> call)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The filter is Linux's.");
        bool installed = false;
        nint result = 0;
        int error = 0;
        var thread = new Thread(() =>
        {
            LinuxNative.Control(LinuxNative.SetNoNewPrivileges, 1, 0, 0, 0);
            installed = SeccompFilter.TryInstall();
            if (installed)
            {
                result = call();
                error = Marshal.GetLastPInvokeError();
            }
        });
        thread.Start();
        thread.Join();
        Assert.True(installed);
        return (result, error);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "shmget", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakeSharedMemory(int key, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "semget", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakeSemaphores(int key, int count, int flags);

    [LibraryImport("libc", EntryPoint = "msgget", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakeQueue(int key, int flags);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeMode(string path, int mode);
}
