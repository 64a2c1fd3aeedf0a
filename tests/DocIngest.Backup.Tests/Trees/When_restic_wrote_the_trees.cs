using DocIngest.Backup.Chunking;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

/// <summary>Every tree in restic's own repositories is read without a fault and written again byte for byte.</summary>
public sealed class When_restic_wrote_the_trees
{
    /// <summary>
    /// Its link target is no UTF-8, and it is older than the field for raw targets: what the bytes were cannot be known, only that they were
    /// replaced.
    /// </summary>
    private const string Lossy = "copy-unstable-json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResticFixture.Made2, 10)]
    [InlineData(Lossy, 1)]
    [InlineData("duplicate-packs-in-index-test-repo", 0)]
    [InlineData("repo-data-missing", 4)]
    [InlineData("repo-duplicates", 8)]
    [InlineData("repo-index-missing-blob", 4)]
    [InlineData("repo-index-missing", 4)]
    [InlineData("repo-layout-default", 3)]
    [InlineData("repo-mixed", 4)]
    [InlineData("repo-obsolete-index", 4)]
    [InlineData("repo-restore-permissions-test", 2)]
    [InlineData("repo-same-timestamps", 2)]
    [InlineData("repo-unreferenced-data", 4)]
    [InlineData("repo-unused-data-missing", 4)]
    [InlineData("small-repo", 6)]
    public async Task They_are_written_again_byte_for_byte(string fixture, int expected)
    {
        using var repository = await ResticFixture.OpenAsync(fixture);
        int equal = 0;
        int others = 0;
        foreach (var (_, tree) in await TreesAsync(repository))
        {
            var reader = new TreeReader(tree);
            var nodes = new List<Node>();
            while (reader.Read())
            {
                Assert.Equal(NodeFaults.None, reader.Faults);
                nodes.Add(reader.Current);
            }

            if (TreeWriter.Write(nodes).AsSpan().SequenceEqual(tree))
                equal++;
            else
                others++;
        }

        Assert.Equal((expected, fixture == Lossy ? 1 : 0), (equal, others));
    }

    [Fact]
    public async Task Files_of_many_chunks_are_cut_at_the_same_places()
    {
        using var repository = await ResticFixture.OpenAsync(ResticFixture.Made2);
        var index = await repository.LoadIndexAsync(Cancellation);
        var chunker = new Chunker(repository.Config.ChunkerPolynomial);
        var files = (await TreesAsync(repository)).Values.SelectMany(tree => TreeReader.ReadAll(tree)).Where(node => node.Content?.Count > 1).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var content = new MemoryStream();
            foreach (var id in file.Content!)
            {
                using var blob = await repository.LoadBlobAsync(index, BlobType.Data, id, Cancellation);
                content.Write(blob.Span);
            }

            Assert.Equal(file.SizeBytes, (ulong)content.Length);
            content.Position = 0;
            using var reader = new ChunkReader(chunker);
            reader.Open(content);
            var cut = new List<BlobId>();
            for (var chunk = await reader.ReadAsync(Cancellation); !chunk.IsEmpty; chunk = await reader.ReadAsync(Cancellation))
                cut.Add(BlobId.Of(chunk.Span));
            Assert.Equal(file.Content, cut);
        }
    }

    private static async Task<Dictionary<BlobId, byte[]>> TreesAsync(Repository repository)
    {
        var index = await repository.LoadIndexAsync(Cancellation);
        var trees = new Dictionary<BlobId, byte[]>();
        for (int number = 0; number < index.Count; number++)
        {
            if (index[number].Blob is not { Type: BlobType.Tree } blob)
                continue;
            try
            {
                using var plaintext = await repository.LoadBlobAsync(index[number], Cancellation);
                trees[blob.Id] = plaintext.Span.ToArray();
            }
            catch (DamagedRepositoryException)
            {
                // A pack that the fixture lacks: what the fixture is about. The counts above say how many trees there must be.
            }
        }

        return trees;
    }
}
