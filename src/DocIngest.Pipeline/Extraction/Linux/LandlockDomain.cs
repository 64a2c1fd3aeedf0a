using System.Runtime.InteropServices;

namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>What a path beneath a rule may be used for.</summary>
[Flags]
internal enum LandlockAccess : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Run a program.</summary>
    Execute = 1 << 0,

    /// <summary>Write into an existing file.</summary>
    WriteFile = 1 << 1,

    /// <summary>Read a file.</summary>
    ReadFile = 1 << 2,

    /// <summary>List a folder.</summary>
    ReadFolder = 1 << 3,

    /// <summary>Remove a file.</summary>
    RemoveFile = 1 << 5,

    /// <summary>Make a regular file.</summary>
    MakeFile = 1 << 8,

    /// <summary>Cut a file short; only interface 3 and newer refuse it.</summary>
    Truncate = 1 << 14,

    /// <summary>What the rule on a scratch folder gets: files, and nothing that could lead out of it.</summary>
    Scratch = Read | WriteFile | RemoveFile | MakeFile | Truncate,

    /// <summary>What rules on a folder of data get.</summary>
    Read = ReadFile | ReadFolder,

    /// <summary>What rules on a folder of programs get.</summary>
    ReadAndExecute = Read | Execute,
}

/// <summary>
/// The kernel's allow-list of paths for the calling thread and whatever it executes: all else, and all writing, networking and
/// signalling out of the domain, is refused. Cannot be undone.
/// </summary>
/// <remarks>Documentation/userspace-api/landlock.rst; kernel 5.13 and newer, where enabled.</remarks>
internal static class LandlockDomain
{
    private const int CreateRuleset = 444;
    private const int AddRule = 445;
    private const int RestrictSelf = 446;
    private const int QueryVersion = 1;
    private const int PathBeneath = 1;

    private const LandlockAccess OnFiles = LandlockAccess.Execute | LandlockAccess.WriteFile | LandlockAccess.ReadFile;
    private const ulong BindAndConnect = 3;         // since version 4
    private const ulong SocketsAndSignals = 3;      // scopes, since version 6

    /// <summary>The kernel's version of the interface; 0 where there is none.</summary>
    public static int Version => (int)Math.Max(0, LinuxNative.SystemCall(CreateRuleset, 0, 0, QueryVersion, 0));

    /// <summary>Restricts the calling thread. Paths that do not exist are left out.</summary>
    /// <returns>Whether the kernel took it.</returns>
    public static unsafe bool TryEnter(int version, IEnumerable<(string Path, LandlockAccess Access)> rules)
    {
        var attributes = new RulesetAttributes
        {
            HandledFiles = AllFileAccess(version),
            HandledNetwork = BindAndConnect,
            Scoped = SocketsAndSignals,
        };
        nint size = version >= 6 ? 24 : version >= 4 ? 16 : 8;   // an older kernel refuses fields it does not know
        int ruleset = (int)LinuxNative.SystemCall(CreateRuleset, (nint)(&attributes), size, 0, 0);
        if (ruleset < 0)
        {
            return false;
        }

        try
        {
            return rules.All(rule => TryAllow(ruleset, rule.Path, rule.Access & (LandlockAccess)AllFileAccess(version)))
                && LinuxNative.SystemCall(RestrictSelf, ruleset, 0, 0, 0) == 0;
        }
        finally
        {
            LinuxNative.Close(ruleset);
        }
    }

    /// <summary>Every kind of access this version knows: what is not handled is not refused.</summary>
    private static ulong AllFileAccess(int version) => version switch
    {
        1 => (1UL << 13) - 1,
        2 => (1UL << 14) - 1,        // and moving between folders
        3 or 4 => (1UL << 15) - 1,   // and truncating
        _ => (1UL << 16) - 1,        // and device controls
    };

    private static unsafe bool TryAllow(int ruleset, string path, LandlockAccess access)
    {
        int descriptor = LinuxNative.Open(path, LinuxNative.OpenPath | LinuxNative.CloseOnExec);
        if (descriptor < 0)
        {
            return true;   // not there, or out of reach: then nothing needs it
        }

        try
        {
            var rule = new PathRule
            {
                Allowed = (ulong)(System.IO.Directory.Exists(path) ? access : access & OnFiles),
                Parent = descriptor,
            };
            return LinuxNative.SystemCall(AddRule, ruleset, PathBeneath, (nint)(&rule), 0) == 0;
        }
        finally
        {
            LinuxNative.Close(descriptor);
        }
    }

    /// <summary>struct landlock_ruleset_attr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct RulesetAttributes
    {
        public ulong HandledFiles;
        public ulong HandledNetwork;
        public ulong Scoped;
    }

    /// <summary>struct landlock_path_beneath_attr, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathRule
    {
        public ulong Allowed;
        public int Parent;
    }
}
