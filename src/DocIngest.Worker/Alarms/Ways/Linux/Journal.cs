using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace DocIngest.Worker.Alarms.Ways.Linux;

/// <summary>The journal by its own protocol, wherever the service was started; where there is none, syslog.</summary>
/// <remarks>https://systemd.io/JOURNAL_NATIVE_PROTOCOL: one datagram an entry, a field a line. RFC 3164 for <c>/dev/log</c>.</remarks>
internal static class Journal
{
    public const string JournalSocket = "/run/systemd/journal/socket";
    public const string SyslogSocket = "/dev/log";

    private const int Daemon = 3 << 3;   // syslog's facility

    public static void Write(AlarmSeverity severity, string line, string kind)
    {
        if (File.Exists(JournalSocket))
        {
            Send(JournalSocket, JournalEntry(severity, line, kind));
        }
        else
        {
            Send(SyslogSocket, SyslogEntry(severity, line));
        }
    }

    /// <summary>An entry as the journal takes it.</summary>
    public static byte[] JournalEntry(AlarmSeverity severity, string line, string kind) => Encoding.UTF8.GetBytes(
        $"MESSAGE={OneLine(line)}\nPRIORITY={PriorityOf(severity)}\nSYSLOG_IDENTIFIER=docingest\nDOCINGEST_ALARM={OneLine(kind)}\n");

    /// <summary>An entry as syslog takes it.</summary>
    public static byte[] SyslogEntry(AlarmSeverity severity, string line) => Encoding.UTF8.GetBytes($"<{Daemon | PriorityOf(severity)}>docingest: {OneLine(line)}");

    /// <summary>Sends a datagram.</summary>
    /// <exception cref="AlarmNotAcceptedException">Nobody takes it.</exception>
    public static void Send(string path, byte[] datagram)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };   // a log that hangs must not hold us
            socket.SendTo(datagram, new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException error)
        {
            throw new AlarmNotAcceptedException($"The system's log does not take entries ({error.SocketErrorCode}): neither {JournalSocket} nor {SyslogSocket}.");
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static int PriorityOf(AlarmSeverity severity) => severity switch
    {
        AlarmSeverity.Critical => 2,
        AlarmSeverity.Warning => 4,
        AlarmSeverity.Info => 6,
        _ => throw new UnreachableException(),
    };
}
