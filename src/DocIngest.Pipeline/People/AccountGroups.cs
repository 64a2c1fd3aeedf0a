namespace DocIngest.Pipeline.People;

/// <summary>The groups of the system that the account of this process is a member of.</summary>
public static class AccountGroups
{
    /// <summary>Their names, as the system's register of groups has them now. On Windows with the domain or machine, those of this machine without it as well.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static IReadOnlyList<string> OfThisProcess() => OperatingSystem.IsWindows() ? Windows.WindowsGroups.OfThisProcess() : Linux.LinuxGroups.OfThisProcess();

    /// <summary>Whether two names are of one group.</summary>
    internal static bool IsSame(string one, string other) =>
        string.Equals(one, other, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
