using System.Runtime.InteropServices;

namespace DocIngest.Pipeline.Extraction.Linux;

/// <summary>
/// A system call filter for the calling thread and whatever it executes: calls a reader of documents has no use for fail with
/// EACCES. It completes Landlock, which knows nothing of sockets other than TCP, of file modes, owners, times and attributes,
/// of truncation before version 3 and of signals before version 6; and it also holds where the kernel has no Landlock.
/// To be installed in the process that is to be confined: the filter names its id, which execve keeps.
/// </summary>
/// <remarks>Numbers: asm/unistd_64.h for x64, asm-generic/unistd.h for arm64; from 424 on they are the same.</remarks>
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
    private const uint ArgumentsAt = 16;
    private const uint ArgumentBytes = 8;
    private const uint OtherNumbering = 0x40000000;           // x32 calls

    // fcntl: who gets the signal of a file, chosen by F_SETSIG and sent by the kernel itself.
    private const uint SetOwner = 8;                          // F_SETOWN
    private const uint SetOwnerExtended = 15;                 // F_SETOWN_EX

    private static readonly Calls X64 = new(
        Architecture: 0xC000003E,
        Refused:
        [
            41, 42, 49, 53,                              // socket, connect, bind, socketpair
            425, 426, 427,                               // io_uring_setup, _enter, _register
            101, 310, 311, 438,                          // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd
            129, 200, 297, 424,                          // rt_sigqueueinfo, tkill, rt_tgsigqueueinfo, pidfd_send_signal
            109, 112,                                    // setpgid, setsid: the group is killed as one
            29, 64, 68, 240,                             // shmget, semget, msgget, mq_open: what they make outlives the worker
            76,                                          // truncate; ftruncate needs a file open for writing
            298, 321, 323,                               // perf_event_open, bpf, userfaultfd
            248, 249, 250,                               // add_key, request_key, keyctl
            155, 161, 165, 166, 272, 304, 308,           // pivot_root, chroot, mount, umount2, unshare, open_by_handle_at, setns
            428, 429, 430, 432, 442, 467,                // open_tree, move_mount, fsopen, fsmount, mount_setattr, open_tree_attr
            175, 176, 246, 313, 320,                     // init_module, delete_module, kexec_load, finit_module, kexec_file_load
            90, 91, 268, 452,                            // chmod, fchmod, fchmodat, fchmodat2
            92, 93, 94, 260,                             // chown, fchown, lchown, fchownat
            132, 235, 261, 280,                          // utime, utimes, futimesat, utimensat
            188, 189, 190, 197, 198, 199,                // setxattr and removexattr, and their l and f forms
            463, 466, 469,                               // setxattrat, removexattrat, file_setattr
        ],
        Guarded:
        [
            Only(62, argument: 0, 0),                    // kill: own group
            Only(302, argument: 0, 0),                   // prlimit64: own process
            Only(234, argument: 0, OwnProcess),          // tgkill: the runtime signals its own threads
            Never(72, argument: 1, SetOwner, SetOwnerExtended),   // fcntl
        ]);

    private static readonly Calls Arm64 = new(
        Architecture: 0xC00000B7,
        Refused:
        [
            198, 199, 200, 203,
            425, 426, 427,
            117, 270, 271, 438,
            138, 130, 240, 424,
            154, 157,
            194, 190, 186, 180,
            45,
            241, 280, 282,
            217, 218, 219,
            39, 40, 41, 51, 97, 265, 268,
            428, 429, 430, 432, 442, 467,
            104, 105, 106, 273, 294,
            52, 53, 452,
            54, 55,
            88,
            5, 6, 7, 14, 15, 16,
            463, 466, 469,
        ],
        Guarded:
        [
            Only(129, argument: 0, 0),
            Only(261, argument: 0, 0),
            Only(131, argument: 0, OwnProcess),
            Never(25, argument: 1, SetOwner, SetOwnerExtended),
        ]);

    private static uint OwnProcess => (uint)Environment.ProcessId;

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

        foreach (var guard in calls.Guarded)
        {
            program.Add(new Instruction(JumpEqual, 0, (byte)((2 * guard.Values.Length) + 2), guard.Number));
            program.Add(new Instruction(LoadWord, 0, 0, ArgumentsAt + (ArgumentBytes * guard.Argument)));
            foreach (uint value in guard.Values)
            {
                program.Add(new Instruction(JumpEqual, 0, 1, value));
                program.Add(new Instruction(Return, 0, 0, guard.Pass ? ReturnAllow : ReturnErrorAccess));
            }

            program.Add(new Instruction(Return, 0, 0, guard.Pass ? ReturnErrorAccess : ReturnAllow));
        }

        program.Add(new Instruction(Return, 0, 0, ReturnAllow));
        return [.. program];
    }

    private static Guard Only(uint number, uint argument, uint value) => new(number, argument, [value], Pass: true);

    private static Guard Never(uint number, uint argument, params uint[] values) => new(number, argument, values, Pass: false);

    private sealed record Calls(uint Architecture, uint[] Refused, Guard[] Guarded);

    /// <summary>A call that is judged by one of its arguments, each of 32 bits.</summary>
    private sealed record Guard(uint Number, uint Argument, uint[] Values, bool Pass);

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
