using DocIngest.Pipeline.Filing;

namespace DocIngest.Pipeline.Tests.Filing;

public sealed class LateBytesTests
{
    [Theory]
    [InlineData(1_000, 2_000, 0, true)]
    [InlineData(1_000, 2_000, 60, true)]      // pointers that appending rewrites
    [InlineData(1_000, 2_000, 65, false)]
    [InlineData(1_000, 1_000, 0, false)]
    [InlineData(40, 2_000, 40, false)]        // tiny, and wholly another
    [InlineData(0, 2_000, 0, false)]
    [InlineData(400_000, 400_001, 10, true)]
    public void Only_a_longer_file_that_begins_alike_continues(int before, int after, int changed, bool continues)
    {
        byte[] archived = new byte[before];
        byte[] grown = new byte[after];
        grown.AsSpan(0, changed).Fill(1);
        Assert.Equal(continues, LateBytes.Continues(new MemoryStream(archived), before, new MemoryStream(grown), after));
    }
}
