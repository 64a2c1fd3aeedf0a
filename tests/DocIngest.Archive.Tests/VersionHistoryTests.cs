using CsCheck;

namespace DocIngest.Archive.Tests;

/// <summary>Whatever history an object has, every version reads back as it was written and the independent validator is content.</summary>
public sealed class VersionHistoryTests
{
    private static readonly string[] Names = ["original.pdf", "record.json", "text.json", "rendition.pdf", "pages/0001.tif", "pages/0002.tif", "pages/deep/a.b-c"];

    // Few contents, so that equal files, unchanged files and files that come back are common.
    private static readonly Gen<Dictionary<string, string>> State =
        Gen.Select(Gen.Shuffle(Names), Gen.Int[0, Names.Length], Gen.Int[0, 4].Select(number => new string('x', number)).Array[Names.Length])
            .Select((names, count, texts) => names.Take(count).Zip(texts).ToDictionary(pair => pair.First, pair => pair.Second));

    [Fact]
    public async Task Any_history_reads_back_and_is_valid() =>
        await State.Array[1, 6].SampleAsync(
            async states =>
            {
                var world = await ArchiveWorld.CreateAsync();
                for (int version = 1; version <= states.Length; version++)
                {
                    await world.ArchiveAsync(new VersionPlan(Some.ObjectId, $"scan-{version}", version, states[version - 1]));
                }

                for (int version = 1; version <= states.Length; version++)
                {
                    Assert.Equal(states[version - 1], world.ReadVersion(Some.ObjectId, version));
                }

                int distinct = states.SelectMany(state => state.Values).Distinct().Count();
                Assert.Equal(distinct, world.Read(Some.ObjectId).File.Inventory.Manifest.Count);
                world.AssertValid();
            },
            iter: 200);

    [Fact]
    public void Any_inventory_that_is_read_is_written_as_the_same_bytes() =>
        State.Array[1, 6].Sample(
            states =>
            {
                var written = InventoryWriter.Write(Build(states));

                var again = InventoryWriter.Write(InventoryReader.Read(written.Bytes, "inventory.json").Inventory);

                Assert.Equal(written.Bytes, again.Bytes);
            },
            iter: 200);

    private static Inventory Build(Dictionary<string, string>[] states)
    {
        var manifest = new OrderedDictionary<Sha512Digest, IReadOnlyList<string>>();
        var versions = new List<InventoryVersion>();
        foreach (var (index, state) in states.Index())
        {
            var digests = new SortedDictionary<string, Sha512Digest>(StringComparer.Ordinal);
            foreach (var (path, text) in state)
            {
                digests[path] = Sha512Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));
                manifest.TryAdd(digests[path], [$"v{index + 1}/content/{path}"]);
            }

            versions.Add(Some.Info(index + 1).ToBlock(digests));
        }

        return new Inventory { Id = Some.ObjectId, Manifest = manifest, Versions = versions };
    }
}
