using System.Runtime.Versioning;
using System.Security.Principal;

namespace DocIngest.Pipeline.People.Windows;

/// <summary>The groups of the process' token.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsGroups
{
    /// <summary>Names as <c>DOMAIN\Group</c>; those of this machine and of the system itself without what is before the stroke as well.</summary>
    public static IReadOnlyList<string> OfThisProcess()
    {
        using var identity = WindowsIdentity.GetCurrent();
        return [.. (identity.Groups ?? []).SelectMany(NamesOf)];
    }

    private static IEnumerable<string> NamesOf(IdentityReference group)
    {
        string name;
        try
        {
            name = group.Translate(typeof(NTAccount)).Value;
        }
        catch (IdentityNotMappedException)
        {
            yield break;   // a group that was deleted: nobody can have registered it
        }

        yield return name;
        int at = name.IndexOf('\\', StringComparison.Ordinal);
        if (at > 0 && (name[..at].Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase) || name[..at].Equals("BUILTIN", StringComparison.OrdinalIgnoreCase)))
        {
            yield return name[(at + 1)..];
        }
    }
}
