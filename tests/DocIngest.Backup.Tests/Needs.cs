namespace DocIngest.Backup.Tests;

/// <summary>Skips a test where the machine lacks something; a failure where <c>DOCINGEST_REQUIRE</c> names it.</summary>
internal static class Needs
{
    public static void Tool(string name)
    {
        if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name))))
            return;
        string message = $"{name} is not installed.";
        string[] required = (Environment.GetEnvironmentVariable("DOCINGEST_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (required.Contains(name, StringComparer.OrdinalIgnoreCase))
            Assert.Fail(message);
        Assert.Skip(message);
    }

    public static void Linux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
}
