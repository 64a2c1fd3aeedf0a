using System.Security.Cryptography;
using System.Text;
using DocIngest.Worker.Hosting.Linux;
using DocIngest.Worker.Hosting.Windows;

namespace DocIngest.Worker.Hosting;

/// <summary>Where the number of a process means one process: a machine, or one container.</summary>
internal static class ProcessSpace
{
    // Longer would be no more unique, only harder to tell apart in a message.
    private const int DigitCount = 12;

    // The ids of a machine are not to be shown: others derive secrets from them (machine-id(5)).
    private const string Purpose = "docingest repository lock";

    /// <summary>
    /// A host name for locks in shared repositories: this machine's, and digits that no other machine or container has. Whoever finds a lock
    /// with this name may look whether its process lives.
    /// </summary>
    /// <remarks>
    /// On a machine the name stays for ever. In a container it is new with each start: its host name and ids may be those of others, and
    /// then their living locks would pass for those of dead processes. So locks of a killed container go stale after half an hour, as
    /// those of any other host.
    /// </remarks>
    public static string UniqueHostName { get; } = $"{Environment.MachineName}-{Digits(OperatingSystem.IsWindows() ? WindowsMachine.Ids() : LinuxMachine.Ids())}";

    private static string Digits(IEnumerable<string> ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', ids.Prepend(Purpose)))))[..DigitCount];
}
