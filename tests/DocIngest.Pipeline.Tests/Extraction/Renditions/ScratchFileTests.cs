using System.Security.Cryptography;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

/// <summary>A captured worker may put anything under the name of what it was to make.</summary>
public sealed class ScratchFileTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_file_is_copied_with_its_digest()
    {
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        var copy = new MemoryStream();
        var taken = await TakeAsync(_scratch.Write("made", content), 300_000, copy);
        Assert.Equal((Convert.ToHexStringLower(SHA512.HashData(content)), 300_000L), (taken!.Value.Hex, taken.Value.Length));
        Assert.Equal(content, copy.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task No_bytes_and_too_many_bytes_are_nothing(int bytes) => Assert.Null(await TakeAsync(_scratch.Write("made", new byte[bytes]), 100, new MemoryStream()));

    [Fact]
    public async Task A_file_that_is_not_there_is_nothing() => Assert.Null(await TakeAsync(Path.Combine(_scratch.Folder, "none"), 100, new MemoryStream()));

    [Fact]
    public async Task No_link_is_followed_and_no_pipe_or_folder_read()
    {
        Needs.Linux();
        string secret = _scratch.Write("secret", "somebody else's"u8.ToArray());
        string link = Path.Combine(_scratch.Folder, "link");
        File.CreateSymbolicLink(link, secret);
        Assert.Null(await TakeAsync(link, 100, new MemoryStream()));
        string pipe = Path.Combine(_scratch.Folder, "pipe");
        Assert.Equal(0, RenditionWorld.Run("mkfifo", pipe).Code);
        Assert.Null(await TakeAsync(pipe, 100, new MemoryStream()));
        Assert.Null(await TakeAsync(Directory.CreateDirectory(Path.Combine(_scratch.Folder, "folder")).FullName, 100, new MemoryStream()));
    }

    private static async Task<(string Hex, long Length)?> TakeAsync(string path, long most, MemoryStream copy) =>
        await ScratchFile.TakeAsync(path, most, () => copy, TestContext.Current.CancellationToken) is { } taken ? (taken.Digest.Hex, taken.SizeBytes) : null;
}
