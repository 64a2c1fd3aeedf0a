namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Skips a test where the machine lacks something; a failure where <c>DOCINGEST_REQUIRE</c> names it.</summary>
internal static class Needs
{
    public static void Lacks(string name, string message)
    {
        string[] required = (Environment.GetEnvironmentVariable("DOCINGEST_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        Assert.False(required.Contains(name, StringComparer.OrdinalIgnoreCase), message);
        Assert.Skip(message);
    }
}
