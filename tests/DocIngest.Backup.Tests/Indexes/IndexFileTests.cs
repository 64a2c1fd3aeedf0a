using CsCheck;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Tests.Indexes;

public sealed class IndexFileTests
{
    private const string Id = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private static readonly Gen<Sha256Digest> Digest = Gen.Byte.Array[32].Select(bytes => new Sha256Digest(bytes));

    private static readonly Gen<(FileId Pack, PackedBlob[] Blobs)[]> Packs = Gen.Select(
        Digest.Select(digest => new FileId(digest)),
        Gen.Select(Gen.Bool, Digest, Gen.UInt[0, uint.MaxValue / 2], Gen.UInt[32, uint.MaxValue / 2], Gen.UInt).Select((isTree, id, offset, length, uncompressed) =>
            new PackedBlob(isTree ? BlobType.Tree : BlobType.Data, new BlobId(id), offset, length, uncompressed)).Array[0, 20]).Array[0, 20];

    [Fact]
    public void What_was_written_is_read() => Packs.Sample(packs =>
    {
        var writer = new IndexFileWriter();
        foreach (var (pack, blobs) in packs)
            writer.Add(pack, blobs);
        Assert.Equal(packs.Sum(pack => pack.Blobs.Length), writer.BlobCount);
        var read = Read(writer.Finish().Span);
        Assert.Equal(packs.Select(pack => pack.Pack), read.Select(pack => pack.Pack));
        Assert.Equal(packs.SelectMany(pack => pack.Blobs), read.SelectMany(pack => pack.Blobs));
    });

    [Fact]
    public void It_has_the_bytes_that_restic_writes()
    {
        var writer = new IndexFileWriter();
        Assert.True(FileId.TryParse(Id, out var pack) && BlobId.TryParse(Id, out _));
        writer.Add(pack, [new PackedBlob(BlobType.Data, new BlobId(pack.Digest), 0, 40, 0), new PackedBlob(BlobType.Tree, new BlobId(pack.Digest), 40, 50, 60)]);
        Assert.Equal(
            $$"""{"packs":[{"id":"{{Id}}","blobs":[{"id":"{{Id}}","type":"data","offset":0,"length":40},""" +
            $$"""{"id":"{{Id}}","type":"tree","offset":40,"length":50,"uncompressed_length":60}]}]}""" + "\n",
            System.Text.Encoding.UTF8.GetString(writer.Finish().Span));
        writer.Clear();
        Assert.Equal("{\"packs\":[]}\n", System.Text.Encoding.UTF8.GetString(writer.Finish().Span));
    }

    [Theory]
    [InlineData("""{"supersedes":["x"],"packs":[{"blobs":[{"length":40,"x":{"y":[{}]},"type":"tree","id":"ID","offset":7,"uncompressed_length":0}],"time":1,"id":"ID"}],"packs_to_delete":[{"id":"ID","blobs":[]}]}""")]
    [InlineData(""" { "packs" : [ { "id" : "ID" , "blobs" : [ { "id" : "ID" , "type" : "tree" , "offset" : 7 , "length" : 40 } ] } ] } """)]
    [InlineData("""{"packs":[{"id":"UP","blobs":[{"id":"UP","type":"tree","offset":7,"length":40,"uncompressed_length":null}]}]}""")]
    [InlineData("""{"packs":[{"id":"\u0030ES","blobs":[{"id":"ID","type":"tr\u0065e","offset":7,"length":40}]}]}""")]
    public void It_reads_what_restic_reads(string json)
    {
        var (pack, blobs) = Assert.Single(Read(Bytes(json)));
        Assert.Equal(Id, $"{pack}");
        Assert.Equal([new PackedBlob(BlobType.Tree, new BlobId(pack.Digest), 7, 40, 0)], blobs);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"packs":null}""")]
    [InlineData("""{"packs":[]}""")]
    public void An_index_of_nothing_is_an_index(string json) => Assert.Empty(Read(Bytes(json)));

    [Theory]
    [InlineData("""{"packs":[{"id":"ID","blobs":null}]}""")]
    [InlineData("""{"packs":[{"id":"ID"}]}""")]
    public void A_pack_of_nothing_is_a_pack(string json) => Assert.Empty(Assert.Single(Read(Bytes(json))).Blobs);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{\"packs\":[")]
    [InlineData("""{"packs":{}}""")]
    [InlineData("""{"packs":[7]}""")]
    [InlineData("""{"packs":[{"blobs":[]}]}""")]
    [InlineData("""{"packs":[{"id":"00","blobs":[]}]}""")]
    [InlineData("""{"packs":[{"id":7,"blobs":[]}]}""")]
    [InlineData("""{"packs":[{"id":null,"blobs":[]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[null]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"type":"data","offset":0,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","offset":0,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"Data","offset":0,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0,"length":31}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":-1,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":1.0,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0,"length":4294967296}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":4294967290,"length":40}]}]}""")]
    [InlineData("""{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0,"length":"40"}]}]}""")]
    public void Anything_else_is_refused(string json) => Assert.Throws<InvalidDataException>(() => Read(Bytes(json)));

    [Fact]
    public void The_format_before_restic_0_2_is_told_apart() =>
        Assert.Throws<UnsupportedRepositoryException>(() => Read("""[{"id":"x"}]"""u8));

    private static byte[] Bytes(string json) => System.Text.Encoding.UTF8.GetBytes(
        json.Replace("ID", Id).Replace("UP", Id.ToUpperInvariant()).Replace("ES", Id[1..]));

    private static List<(FileId Pack, PackedBlob[] Blobs)> Read(ReadOnlySpan<byte> json)
    {
        var packs = new List<(FileId, PackedBlob[])>();
        IndexFileReader.Read(json, (pack, blobs) => packs.Add((pack, blobs.ToArray())));
        return packs;
    }
}
