using System.Net;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>Whether a host is this machine itself, so that what is sent to it leaves it by no cable.</summary>
internal static class Loopback
{
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
