using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace DocIngest.Worker.Alarms.Ways.Windows;

/// <summary>The event log <c>Application</c>, source <c>DocIngest</c>: 1 critical, 2 warning, 3 information.</summary>
[SupportedOSPlatform("windows")]
internal static partial class EventLog
{
    private const string Source = "DocIngest";
    private const int LongestLine = 31_000;   // the event log takes 31,839 characters

    // EVENTLOG_ERROR_TYPE and its neighbours.
    private const ushort Error = 1;
    private const ushort Warning = 2;
    private const ushort Information = 4;

    /// <exception cref="AlarmNotAcceptedException">The log does not take it.</exception>
    public static void Write(AlarmSeverity severity, string line, string kind)
    {
        var (type, id) = severity switch
        {
            AlarmSeverity.Critical => (Error, 1u),
            AlarmSeverity.Warning => (Warning, 2u),
            AlarmSeverity.Info => (Information, 3u),
            _ => throw new UnreachableException(),
        };
        nint log = RegisterEventSource(null, Source);
        if (log == 0)
        {
            throw Failed();
        }

        try
        {
            string[] words = [line.Length > LongestLine ? line[..LongestLine] : line, kind];
            if (!ReportEvent(log, type, 0, id, 0, (ushort)words.Length, 0, words, 0))
            {
                throw Failed();
            }
        }
        finally
        {
            DeregisterEventSource(log);
        }
    }

    private static AlarmNotAcceptedException Failed() => new($"The event log does not take entries (error {Marshal.GetLastPInvokeError()}).");

    [LibraryImport("advapi32", EntryPoint = "RegisterEventSourceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint RegisterEventSource(string? server, string source);

    [LibraryImport("advapi32", EntryPoint = "ReportEventW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool ReportEvent(nint log, ushort type, ushort category, uint id, nint user, ushort count, uint dataSize, string[] strings, nint data);

    [LibraryImport("advapi32", EntryPoint = "DeregisterEventSource")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeregisterEventSource(nint log);
}
