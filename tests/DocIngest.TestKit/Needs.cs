using Xunit;

namespace DocIngest.TestKit;

/// <summary>Skips a test where the machine lacks something; a failure where <c>DOCINGEST_REQUIRE</c> names it.</summary>
public static class Needs
{
    /// <summary>A program on the path.</summary>
    public static void Tool(string name)
    {
        if (!Has(name))
        {
            Lacks(name, $"{name} is not installed.");
        }
    }

    /// <summary>Whether a program is on the path.</summary>
    public static bool Has(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Skips, or fails where it is required.</summary>
    public static void Lacks(string name, string message)
    {
        string[] required = (Environment.GetEnvironmentVariable("DOCINGEST_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        Assert.False(required.Contains(name, StringComparer.OrdinalIgnoreCase), message);
        Assert.Skip(message);
    }

    public static void Linux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");

    public static void Root()
    {
        Linux();
        if (!Environment.IsPrivilegedProcess)
        {
            Lacks("root", "Only root can set this up.");
        }
    }
}
