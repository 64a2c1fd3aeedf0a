using System.Runtime.InteropServices;
using DocIngest.Pipeline.Extraction.Child;
using DocIngest.Pipeline.Extraction.Ocr;

namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>
/// Session of its own, no new privileges, resource limits, Landlock, seccomp; then the program executes itself again. The last
/// two bind the calling thread and what it executes, and the runtime has several threads by now: only a new image has none that
/// stayed outside.
/// </summary>
internal sealed class LinuxCell : WorkerCell
{
    // Code, stacks, the collector's own bookkeeping: RLIMIT_DATA counts all private writable memory.
    // Measured over the PdfPig corpus: 59 MiB at start, 186 MiB at most, managed heap included.
    private const long RuntimeBytes = 512L << 20;
    private const ulong MaxOpenFiles = 256;
    private const ulong MaxFileBytes = 2UL << 30;   // of each file in the scratch folder; a page of 100 million pixels in colour has 300 MB
    private const string OwnProgram = "/proc/self/exe";

    // What the loader and the runtime look up. All of /proc, because its entries come and go as different files of one name;
    // what is another process' own in there is refused by the domain anyhow.
    private static readonly string[] LookedUp =
        ["/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/proc", "/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom"];

    // Language models of tesseract; fonts and encodings of poppler.
    private static readonly string[] ReadByPrograms =
        ["/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/share/poppler", "/usr/share/fonts", "/etc/fonts", "/usr/share/fontconfig", "/var/cache/fontconfig"];

    private IReadOnlyList<string> _enforced = [];

    private static string ProgramPath => File.ResolveLinkTarget(OwnProgram, returnFinalTarget: false)?.FullName ?? OwnProgram;

    /// <inheritdoc />
    public override string Confinement =>
        _enforced.Any(name => name.StartsWith("landlock", StringComparison.Ordinal)) ? "landlock" : "none";

    /// <inheritdoc />
    public override IReadOnlyList<string> Enforced => _enforced;

    /// <inheritdoc />
    public override string HarmlessProgram => "/bin/true";

    /// <inheritdoc />
    public override void Enter(WorkerArguments arguments)
    {
        if (arguments.Enforced is { } enforced)
        {
            _enforced = enforced;
            LinuxNative.Control(LinuxNative.SetDumpable, 0, 0, 0, 0);   // a core would hold the document; execve has reset it
            return;
        }

        // Fails only for a process that leads its group already: then the group is its own as well.
        LinuxNative.StartSession();
        Execute(GiveUp(arguments));
    }

    /// <inheritdoc />
    public override void EndGroup()
    {
        if (LinuxNative.ProcessGroup() == Environment.ProcessId)
        {
            LinuxNative.Kill(0, LinuxNative.SigKill);
        }

        Environment.FailFast(null);   // started by hand, in somebody else's group
    }

    /// <inheritdoc />
    public override long PrivateBytes()
    {
        // proc(5), statm: size, resident and shared pages.
        string[] fields = File.ReadAllText("/proc/self/statm").Split(' ');
        return (long.Parse(fields[1]) - long.Parse(fields[2])) * Environment.SystemPageSize;
    }

    /// <inheritdoc />
    public override CellFindings Probe(string? forbiddenFile) => new(
        CanOpenSocket(),
        CanSignal(LinuxNative.ParentProcess()),
        CanLeaveGroup(),
        CanTruncate: forbiddenFile is not null && LinuxNative.Truncate(forbiddenFile, (nint)new FileInfo(forbiddenFile).Length) == 0);

    private static bool CanOpenSocket()
    {
        const int Unix = 1;
        const int Stream = 1;
        int socket = LinuxNative.Socket(Unix, Stream, 0);
        if (socket >= 0)
        {
            LinuxNative.Close(socket);
        }

        return socket >= 0;
    }

    private static bool CanSignal(int process)
    {
        nint killThread = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 200 : 130;   // tkill, which libc does not wrap
        return LinuxNative.Kill(process, 0) == 0
            || LinuxNative.KillThread(process, process, 0) == 0
            || LinuxNative.SystemCall(killThread, process, 0, 0, 0) == 0;
    }

    // A leader cannot leave, its children could: who refuses is what counts.
    private static bool CanLeaveGroup() =>
        !IsRefused(LinuxNative.StartSession()) || !IsRefused(LinuxNative.SetProcessGroup(0, 0));

    private static bool IsRefused(int result) => result < 0 && Marshal.GetLastPInvokeError() == LinuxNative.AccessDenied;

    private static List<string> GiveUp(WorkerArguments arguments)
    {
        var enforced = new List<string>();
        Note(LinuxNative.Control(LinuxNative.SetNoNewPrivileges, 1, 0, 0, 0) == 0, "no-new-privileges");
        Note(Limit(LinuxNative.ResourceCore, 0), "no-core");
        Note(Limit(LinuxNative.ResourceFileSize, MaxFileBytes), "file-size");
        Note(Limit(LinuxNative.ResourceOpenFiles, MaxOpenFiles), "open-files");
        Note(Limit(LinuxNative.ResourceData, (ulong)(arguments.HeapLimitBytes + RuntimeBytes)), "memory");
        int version = LandlockDomain.Version;
        Note(version > 0 && LandlockDomain.TryEnter(version, AllowedPaths(arguments)), $"landlock-{version}");
        Note(SeccompFilter.TryInstall(), "seccomp");
        return enforced;

        void Note(bool done, string name)
        {
            if (done)
            {
                enforced.Add(name);
            }
        }
    }

    private static bool Limit(int resource, ulong value) => LinuxNative.SetLimit(resource, LinuxNative.ResourceLimit.Of(value)) == 0;

    private static IEnumerable<(string Path, LandlockAccess Access)> AllowedPaths(WorkerArguments arguments)
    {
        foreach (string folder in arguments.ReadableFolders)
        {
            yield return (folder, LandlockAccess.Read);
        }

        if (arguments.ScratchFolder is { } scratch)
        {
            yield return (scratch, LandlockAccess.Scratch);
        }

        foreach (string program in arguments.Programs)
        {
            yield return (program, LandlockAccess.Execute | LandlockAccess.ReadFile);
        }

        foreach (string file in arguments.Programs.Count > 0 ? ReadByPrograms.Concat(OwnOf(arguments.Programs)) : [])
        {
            yield return (file, LandlockAccess.Read);
        }

        // The program, its runtime (shared/NAME/VERSION/ below the root that also holds the host) and the loader's libraries.
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        yield return (AppContext.BaseDirectory, LandlockAccess.ReadAndExecute);
        yield return (Path.GetFullPath(Path.Combine(runtime, "../../..")), LandlockAccess.ReadAndExecute);
        yield return (ProgramPath, LandlockAccess.ReadAndExecute);
        foreach (string libraries in new[] { "/lib", "/lib64", "/usr/lib", "/usr/lib64" })
        {
            yield return (libraries, LandlockAccess.ReadAndExecute);
        }

        foreach (string file in LookedUp)
        {
            yield return (file, LandlockAccess.Read);
        }

        yield return ("/dev/null", LandlockAccess.ReadFile | LandlockAccess.WriteFile);
    }

    private static IEnumerable<string> OwnOf(IReadOnlyList<string> programs) => ProgramFolders.Of(
        programs, Environment.GetEnvironmentVariable(OcrPrograms.LanguageFolderVariable), Environment.GetEnvironmentVariable(OcrPrograms.LibraryPathVariable));

    private static void Execute(List<string> enforced)
    {
        string[] given = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        string?[] command = [.. given, WorkerArguments.ConfinedFlag, string.Join(',', enforced), null];
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}");
        LinuxNative.Execute(ProgramPath, command, [.. variables, null]);
        throw new InvalidOperationException($"The worker could not execute itself again (error {Marshal.GetLastPInvokeError()}).");
    }
}
