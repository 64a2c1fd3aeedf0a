using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Extraction;

public sealed class PagesReadBeforeTests
{
    private readonly RecordIdSource _ids = new(TimeProvider.System);
    private readonly PagesReadBefore _pages = new(1000);

    [Fact]
    public void What_is_too_much_is_forgotten_oldest_first()
    {
        var parts = Enumerable.Range(0, 4).Select(_ => Keep(200)).ToList();   // 264 each, with the page itself
        Assert.Equal([false, true, true, true], parts.Select(IsKept));
        _pages.Forget(parts[2]);
        parts.Add(Keep(200));
        Assert.Equal([false, true, false, true, true], parts.Select(IsKept));
    }

    [Fact]
    public void What_is_too_much_by_itself_is_not_kept()
    {
        Assert.False(IsKept(Keep(2000)));
        Assert.True(IsKept(Keep(900)));
    }

    [Fact]
    public void Pages_without_text_take_room_too()
    {
        var first = Keep(0);
        foreach (int _ in Enumerable.Range(0, 100))
        {
            Keep(0);
        }

        Assert.False(IsKept(first));
    }

    private bool IsKept(RecordId part) => _pages.Find(part) is not null;

    private RecordId Keep(int characters)
    {
        var part = _ids.Draw();
        _pages.Keep(part, new KnownPages(
            new DocumentText([new PageText(1, new string('a', characters), TextSource.Layer)]), [new PageFacts(1, PageContent.Text)], null, []));
        return part;
    }
}
