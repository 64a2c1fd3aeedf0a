using DocIngest.Backup.Restores.Windows;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>What Windows makes of names is known everywhere.</summary>
public sealed class WindowsNamesTests
{
    [Theory]
    [InlineData("a.txt")]
    [InlineData(".hidden")]
    [InlineData("console")]
    [InlineData("COM")]
    [InlineData("com10")]
    [InlineData("nul1")]
    [InlineData("Prüfung (1).pdf")]
    public void An_ordinary_name_is_taken(string name) => Assert.True(WindowsNames.Takes(FileName.FromUtf16(name)));

    [Theory]
    [InlineData("..")]
    [InlineData("C:")]
    [InlineData("file:stream")]
    [InlineData(@"..\evil")]
    [InlineData("a/b")]
    [InlineData("dot.")]
    [InlineData("space ")]
    [InlineData("NUL")]
    [InlineData("nul.txt")]
    [InlineData("Con")]
    [InlineData("aux .log")]
    [InlineData("COM1")]
    [InlineData("lpt9.dat")]
    [InlineData("COM\u00b2")]
    [InlineData("CONOUT$")]
    [InlineData("what?")]
    [InlineData("tab\t")]
    public void A_name_that_leads_elsewhere_is_refused(string name) => Assert.False(WindowsNames.Takes(FileName.FromUtf16(name)));

    [Fact]
    public void Bytes_that_are_no_Windows_name_are_refused() => Assert.False(WindowsNames.Takes(new FileName([0x61, 0xff])));
}
