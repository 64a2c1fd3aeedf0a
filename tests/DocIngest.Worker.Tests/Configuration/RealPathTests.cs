using DocIngest.TestKit;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Configuration;

public sealed class RealPathTests : IDisposable
{
    private readonly TempFolder _disk = new();

    [Theory]
    [InlineData("folder/file", "folder/file")]
    [InlineData("relative/file", "folder/file")]
    [InlineData("absolute/file", "folder/file")]
    [InlineData("chain/file", "folder/file")]
    [InlineData("folder/inner/out/file", "folder/file")]   // its '..' starts where the link is, not where the path came from
    [InlineData("relative/inner/out/inner", "folder/inner")]
    [InlineData("relative/absent/file", "folder/absent/file")]
    [InlineData("dangling/file", "nowhere/file")]
    public void Every_link_on_the_way_is_followed(string path, string expected)
    {
        Needs.Linux();
        _disk.Folder("folder/inner");
        Directory.CreateSymbolicLink(_disk["relative"], "./folder/");
        Directory.CreateSymbolicLink(_disk["absolute"], _disk["folder"]);
        Directory.CreateSymbolicLink(_disk["chain"], "relative");
        Directory.CreateSymbolicLink(_disk["dangling"], "nowhere");
        Directory.CreateSymbolicLink(_disk["folder/inner/out"], "../../chain");
        Assert.Equal(RealPath.Of(_disk[expected]), RealPath.Of(_disk[path]));
        Assert.EndsWith($"/{expected}", RealPath.Of(_disk[path]), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_in_a_circle_lead_nowhere_and_come_to_an_end()
    {
        Needs.Linux();
        Directory.CreateSymbolicLink(_disk["a"], "b");
        Directory.CreateSymbolicLink(_disk["b"], "a");
        Assert.EndsWith("/file", RealPath.Of(_disk["a/file"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_is_itself() => Assert.Equal(Path.GetPathRoot(_disk.Path), RealPath.Of(Path.GetPathRoot(_disk.Path) ?? ""));

    public void Dispose() => _disk.Dispose();
}
