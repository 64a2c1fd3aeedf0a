using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Pipeline.Extraction.Windows;

/// <summary>
/// A job object around the worker: it dies with the handle, so also with this process however that ends, and its memory is
/// limited. It keeps nothing from reading files: on Windows the service account's own rights are the bound.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed partial class JobFence : WorkerFence
{
    private const int ExtendedLimitInformation = 9;
    private const uint KillOnJobClose = 0x2000;
    private const uint DieOnUnhandledException = 0x400;
    private const uint JobMemory = 0x200;
    private const uint ActiveProcess = 0x8;

    // The worker, its console host, and one tool with a child of its own.
    private const uint MaxProcesses = 4;

    // What the runtime needs beyond the managed heap: code, stacks, bookkeeping.
    private const long RuntimeBytes = 512L << 20;

    private readonly SafeFileHandle _job;

    public JobFence(long heapLimitBytes)
    {
        _job = CreateJobObject(0, null);
        if (_job.IsInvalid)
        {
            throw new Win32Exception();
        }

        var limits = new ExtendedLimits
        {
            Basic = { LimitFlags = KillOnJobClose | DieOnUnhandledException | JobMemory | ActiveProcess, ActiveProcessLimit = MaxProcesses },
            JobMemoryLimit = (nuint)(heapLimitBytes + RuntimeBytes),
        };
        if (!SetInformationJobObject(_job, ExtendedLimitInformation, in limits, Marshal.SizeOf<ExtendedLimits>()))
        {
            throw new Win32Exception();
        }
    }

    /// <inheritdoc />
    /// <remarks>Between start and this call the worker only starts its runtime: it has been given nothing to read.</remarks>
    public override void Enclose(Process worker)
    {
        if (!AssignProcessToJobObject(_job, worker.SafeHandle))
        {
            throw new Win32Exception();
        }
    }

    /// <inheritdoc />
    public override void Kill(Process worker)
    {
        if (!_job.IsClosed)   // closed, it has killed already
        {
            TerminateJobObject(_job, 1);
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _job.Dispose();
        }

        base.Dispose(disposing);
    }

    [LibraryImport("kernel32.dll", EntryPoint = "CreateJobObjectW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle CreateJobObject(nint attributes, string? name);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(SafeFileHandle job, int kind, in ExtendedLimits limits, int bytes);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(SafeFileHandle job, SafeProcessHandle process);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateJobObject(SafeFileHandle job, uint exitCode);

    /// <summary>JOBOBJECT_BASIC_LIMIT_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BasicLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
    }

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION; the six counters are IO_COUNTERS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimits
    {
        public BasicLimits Basic;
        public ulong ReadOperationCount;
        public ulong WriteOperationCount;
        public ulong OtherOperationCount;
        public ulong ReadTransferCount;
        public ulong WriteTransferCount;
        public ulong OtherTransferCount;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }
}
