using DocIngest.Storage.Windows;

namespace DocIngest.Storage.Tests;

public sealed class WindowsPathTests
{
    [Theory]
    [InlineData("E:/", "", @"\\?\E:\")]
    [InlineData(@"E:\", "a/b", @"\\?\E:\a\b")]
    [InlineData("E:/scans/", "", @"\\?\E:\scans")]
    [InlineData(@"\\server\share", "a", @"\\?\UNC\server\share\a")]
    public void A_path_is_taken_as_it_is_and_a_drive_by_its_root_folder(string folder, string path, string full) =>
        Assert.Equal(full, WindowsPath.Below(WindowsPath.Extended(folder), EntryPath.Parse(path)));

    [Theory]
    [InlineData("a:b")]
    [InlineData(@"a\b")]
    [InlineData("a\n")]
    public void A_name_that_Windows_does_not_allow_is_refused(string name) =>
        Assert.Throws<NameNotAllowedException>(() => WindowsPath.Below(@"\\?\E:", EntryPath.Parse(name)));
}
