using System.Runtime.Versioning;
using Microsoft.Win32;

namespace DocIngest.Worker.Hosting.Windows;

/// <summary>What tells the process numbers of this system from those of another.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsMachine
{
    private const string Key = @"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography";
    private const string Name = "MachineGuid";   // set once at installation

    /// <summary>The id of the installation. Containers have host names of their own.</summary>
    public static IEnumerable<string> Ids() => [Registry.GetValue(Key, Name, null) as string ?? ""];
}
