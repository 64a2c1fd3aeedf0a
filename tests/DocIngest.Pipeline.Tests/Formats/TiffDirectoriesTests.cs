using DocIngest.Pipeline.Formats;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Formats;

public sealed class TiffDirectoriesTests
{
    [Theory]
    [InlineData(1, false, false)]
    [InlineData(7, true, false)]
    [InlineData(7, false, true)]
    [InlineData(300, true, true)]
    public void Every_page_is_found_with_its_size(int pages, bool bigEndian, bool bigTiff)
    {
        var builder = A.Tiff().Pages(pages).Size(10, 4);
        builder = bigEndian ? builder.BigEndian() : builder;
        builder = bigTiff ? builder.BigTiff() : builder;
        var (end, found) = Walk(builder.ToBytes());
        Assert.Equal(TiffChainEnd.Closed, end);
        Assert.Equal(Enumerable.Repeat(new TiffDirectory(10, 4, IsReduced: false), pages), found);
    }

    [Fact]
    public void Thumbnails_say_that_they_are()
    {
        var (_, found) = Walk(A.Tiff().Pages(2).Thumbnails(1).ToBytes());
        Assert.Equal([false, false, true], found.Select(directory => directory.IsReduced));
    }

    [Fact]
    public void A_circle_ends_after_one_round()
    {
        var (end, found) = Walk(A.Tiff().Pages(4).Looping().ToBytes());
        Assert.Equal(TiffChainEnd.Malformed, end);
        Assert.Equal(4, found.Count);
    }

    [Fact]
    public void The_walk_stops_at_its_limit()
    {
        var (end, found) = Walk(A.Tiff().Pages(50).ToBytes(), maxDirectories: 20);
        Assert.Equal(TiffChainEnd.LimitReached, end);
        Assert.Equal(20, found.Count);
    }

    [Fact]
    public void A_spent_budget_is_not_taken_for_damage()
    {
        var file = new BudgetedFile(new MemoryStream(A.Tiff().Pages(400).Size(100, 100).ToBytes()), reads: 8);
        Assert.Equal(TiffChainEnd.LimitReached, TiffDirectories.Walk(file, int.MaxValue, checkData: false, found: null));
    }

    private static (TiffChainEnd End, List<TiffDirectory> Found) Walk(byte[] content, int maxDirectories = 1000)
    {
        var found = new List<TiffDirectory>();
        var file = new BudgetedFile(new MemoryStream(content), reads: 4096);
        return (TiffDirectories.Walk(file, maxDirectories, checkData: true, found.Add), found);
    }
}
