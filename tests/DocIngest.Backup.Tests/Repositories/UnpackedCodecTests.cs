using DocIngest.Backup.Crypto;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Tests.Repositories;

public sealed class UnpackedCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_file_that_does_not_read_as_it_was_given_is_noticed_before_it_is_saved(int version)
    {
        using var key = MasterKey.Draw();
        using var codec = new UnpackedCodec(key, version);
        byte[] stored = codec.Encode("""{"a":1}"""u8);
        codec.Verify("""{"a":1}"""u8, stored);
        Assert.Throws<UnsoundEncodingException>(() => codec.Verify("""{"a":2}"""u8, stored));
        Assert.Throws<UnsoundEncodingException>(() => codec.Verify("""{"a":1}"""u8, stored.AsSpan(..10)));
        stored[^1] ^= 1;
        var error = Assert.Throws<UnsoundEncodingException>(() => codec.Verify("""{"a":1}"""u8, stored));
        Assert.IsType<InvalidDataException>(error.InnerException);
        Assert.Contains("It was not saved.", error.Message, StringComparison.Ordinal);
    }
}
