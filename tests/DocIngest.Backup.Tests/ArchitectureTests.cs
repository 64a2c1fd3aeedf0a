namespace DocIngest.Backup.Tests;

/// <summary>What project references cannot hold (DESIGN section 3).</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void Of_our_projects_it_knows_storage_alone() => Assert.Equal(["DocIngest.Storage"], Names().Where(name => name.StartsWith("DocIngest.", StringComparison.Ordinal)));

    [Fact]
    public void It_reaches_Azure_by_storage_alone() => Assert.DoesNotContain(Names(), name => name.StartsWith("Azure.", StringComparison.Ordinal));

    private static IEnumerable<string> Names() => typeof(FileId).Assembly.GetReferencedAssemblies().Select(reference => reference.Name ?? "");
}
