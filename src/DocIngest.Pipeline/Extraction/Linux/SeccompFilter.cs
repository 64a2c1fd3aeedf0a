using System.Runtime.InteropServices;

namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>
/// A system call filter for the calling thread and whatever it executes: calls a reader of documents has no use for fail with
/// EACCES. It completes Landlock, which knows nothing of sockets other than TCP, of file modes, owners, times and attributes,
/// and it also holds where the kernel has no Landlock.
/// </summary>
internal static class SeccompFilter
{
    private const nuint FilterMode = 2;
    private const uint ReturnAllow = 0x7FFF0000;
    private const uint ReturnKillProcess = 0x80000000;
    private const uint ReturnErrorAccess = 0x00050000 | 13;   // SECCOMP_RET_ERRNO with EACCES
    private const ushort LoadWord = 0x20;
    private const ushort JumpEqual = 0x15;
    private const ushort JumpGreaterOrEqual = 0x35;
    private const ushort Return = 0x06;

    // struct seccomp_data; both architectures are little-endian, so the low word of an argument comes first.
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint FirstArgumentAt = 16;
    private const uint OtherNumbering = 0x40000000;           // x32 calls

    private static readonly Calls X64 = new(
        Architecture: 0xC000003E,
        Refused:
        [
            41, 42, 49, 53,                              // socket, connect, bind, socketpair
            425, 426, 427,                               // io_uring_setup, _enter, _register
            101, 310, 311, 438,                          // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd
            129, 297, 424,                               // rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
            298, 321, 323,                               // perf_event_open, bpf, userfaultfd
            248, 249, 250,                               // add_key, request_key, keyctl
            155, 161, 165, 166, 272, 304, 308,           // pivot_root, chroot, mount, umount2, unshare, open_by_handle_at, setns
            428, 429, 430, 432, 442,                     // open_tree, move_mount, fsopen, fsmount, mount_setattr
            175, 176, 246, 313, 320,                     // init_module, delete_module, kexec_load, finit_module, kexec_file_load
            90, 91, 92, 93, 94, 260, 268, 452,           // chmod, fchmod, chown, fchown, lchown, fchownat, fchmodat, fchmodat2
            132, 235, 261, 280,                          // utime, utimes, futimesat, utimensat
            188, 189, 190, 197, 198, 199,                // setxattr and removexattr, and their l and f forms
        ],
        OnlyWithZero: [62, 302]);                        // kill (own group only), prlimit64 (own process only)

    private static readonly Calls Arm64 = new(
        Architecture: 0xC00000B7,
        Refused:
        [
            198, 199, 200, 203,
            425, 426, 427,
            117, 270, 271, 438,
            138, 240, 424,
            241, 280, 282,
            217, 218, 219,
            39, 40, 41, 51, 97, 265, 268,
            428, 429, 430, 432, 442,
            104, 105, 106, 273, 294,
            52, 53, 54, 55, 452,
            88,
            5, 6, 7, 14, 15, 16,
        ],
        OnlyWithZero: [129, 261]);

    /// <summary>Installs the filter. The thread must have given up new privileges.</summary>
    /// <returns>Whether the kernel took it; false also on an architecture we have no numbers for.</returns>
    public static unsafe bool TryInstall()
    {
        Calls? calls = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => X64,
            Architecture.Arm64 => Arm64,
            _ => null,
        };
        if (calls is null)
        {
            return false;
        }

        var program = Assemble(calls);
        fixed (Instruction* first = program)
        {
            var description = new ProgramDescription { Length = (ushort)program.Length, Instructions = (nint)first };
            return LinuxNative.Control(LinuxNative.SetSeccomp, FilterMode, (nuint)(&description), 0, 0) == 0;
        }
    }

    private static Instruction[] Assemble(Calls calls)
    {
        var program = new List<Instruction>
        {
            new(LoadWord, 0, 0, ArchitectureAt),
            new(JumpEqual, 1, 0, calls.Architecture),
            new(Return, 0, 0, ReturnKillProcess),             // 32-bit calls have other numbers
            new(LoadWord, 0, 0, NumberAt),
            new(JumpGreaterOrEqual, 0, 1, OtherNumbering),
            new(Return, 0, 0, ReturnErrorAccess),
        };
        foreach (uint number in calls.Refused)
        {
            program.Add(new Instruction(JumpEqual, 0, 1, number));
            program.Add(new Instruction(Return, 0, 0, ReturnErrorAccess));
        }

        foreach (uint number in calls.OnlyWithZero)
        {
            program.Add(new Instruction(JumpEqual, 0, 4, number));
            program.Add(new Instruction(LoadWord, 0, 0, FirstArgumentAt));
            program.Add(new Instruction(JumpEqual, 0, 1, 0));
            program.Add(new Instruction(Return, 0, 0, ReturnAllow));
            program.Add(new Instruction(Return, 0, 0, ReturnErrorAccess));
        }

        program.Add(new Instruction(Return, 0, 0, ReturnAllow));
        return [.. program];
    }

    private sealed record Calls(uint Architecture, uint[] Refused, uint[] OnlyWithZero);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramDescription
    {
        public ushort Length;
        public nint Instructions;
    }
}
