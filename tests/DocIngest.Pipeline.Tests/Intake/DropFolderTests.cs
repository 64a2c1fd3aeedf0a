using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Intake;

public sealed class DropFolderTests
{
    [Theory]
    [InlineData("/scan.pdf", "/")]
    [InlineData("/", "/")]
    [InlineData("/drop/scan.pdf", "/drop")]
    [InlineData("sub/scan.pdf", "sub")]
    [InlineData("scan.pdf", "")]
    [InlineData("E:/scan.pdf", "E:")]   // a folder's name like any other
    public void The_folder_of_an_absolute_path_can_be_opened(string path, string folder)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths of Linux.");
        Assert.Equal(folder, DropFolder.FolderOf(path));
    }

    [Fact]
    public void The_folder_of_an_absolute_Windows_path_can_be_opened()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Paths of Windows.");
        Assert.Equal("E:/", DropFolder.FolderOf(DropFolder.Slashed(@"E:\scan.pdf")));
        Assert.Equal("E:/", DropFolder.FolderOf(DropFolder.Slashed(@"E:\")));
        Assert.Equal("//server/share", DropFolder.FolderOf(DropFolder.Slashed(@"\\server\share\scan.pdf")));
        Assert.Equal("sub", DropFolder.FolderOf("sub/scan.pdf"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/drop")]
    [InlineData("/drop/")]
    public void A_path_comes_back_from_a_folder_that_may_be_the_root(string absolute)
    {
        var folder = new DropFolder(new ProfileOptions(), new MemoryVolume().FolderAt(""), absolute);
        Assert.Equal(absolute.TrimEnd('/') + "/a.pdf", folder.Absolute("a.pdf"));
        Assert.Equal(absolute.Length > 1 ? absolute.TrimEnd('/') : "/", DropFolder.FolderOf(folder.Absolute("a.pdf")));
    }
}
