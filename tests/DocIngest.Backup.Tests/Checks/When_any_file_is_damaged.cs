using CsCheck;
using DocIngest.Backup.Checks;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>Whatever single thing happens to any file of a repository, a full check tells, and never throws.</summary>
public sealed class When_any_file_is_damaged
{
    private static readonly Gen<Func<byte[], int, byte[]?>> AnyDamage = Gen.Int[0, 4].Select<int, Func<byte[], int, byte[]?>>(kind => kind switch
    {
        0 => (content, at) => content[..(at % content.Length)],
        1 => (content, at) => [.. content, (byte)at],
        2 => (_, _) => null,
        _ => Flipped,
    });

    [Fact]
    public async Task A_full_check_tells()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        var inner = world.Tree(RepositoryBuilder.File("a", 506, world.Data("123456"), world.Data(new byte[500], compress: true)));
        await world.SavePacksAsync();
        await world.SaveAsync(world.Tree(RepositoryBuilder.Directory("d", inner), RepositoryBuilder.File("e", 3, world.Data("abc"))));
        Assert.Empty(await world.Repository.CodesAsync());
        var files = world.Folder.Files("");
        Assert.Equal(8, files.Count);   // config, key, four packs, index, snapshot
        await Gen.Select(Gen.Int[0, files.Count - 1].Select(file => files[file]), AnyDamage, Gen.Int[0, int.MaxValue]).SampleAsync(
            async (path, damage, at) =>
            {
                byte[] content = world.Folder.Read(path);
                if (damage(content, at) is { } damaged)
                    world.Folder.Write(path, damaged);
                else
                    world.Folder.Delete(path);
                var result = await world.Repository.CheckAsync();
                world.Folder.Write(path, content);
                return result.Verdict is CheckVerdict.Errors;
            },
            iter: 1000,
            threads: 1);
        Assert.Empty(await world.Repository.CodesAsync());
    }

    /// <summary>The same without reading packs, for what shows without that.</summary>
    [Fact]
    public async Task A_missing_or_truncated_file_shows_without_reading_packs()
    {
        using var world = await RepositoryBuilder.CreateAsync();
        await world.SaveAsync(world.Tree(RepositoryBuilder.File("e", 3, world.Data("abc"))));
        foreach (string path in world.Folder.Files(""))
        {
            byte[] content = world.Folder.Read(path);
            foreach (int length in Enumerable.Range(-1, content.Length))
            {
                if (length < 0)
                    world.Folder.Delete(path);
                else
                    world.Folder.Write(path, content[..length]);
                Assert.Equal(CheckVerdict.Errors, (await world.Repository.CheckAsync(new PackReading.Nothing())).Verdict);
            }

            world.Folder.Write(path, content);
        }
    }

    private static byte[] Flipped(byte[] content, int at)
    {
        byte[] flipped = [.. content];
        flipped[at / 8 % content.Length] ^= (byte)(1 << (at % 8));
        return flipped;
    }
}
