using CsCheck;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Backup.Tests.Snapshots;

public sealed class SnapshotCodecTests
{
    private static readonly Gen<Sha256Digest> Digest = Gen.Byte.Array[32].Select(bytes => new Sha256Digest(bytes));

    private static readonly Gen<string> Text = Gen.String.Where(text => !text.Any(char.IsSurrogate));

    private static readonly Gen<Snapshot> AnySnapshot =
        Gen.Select(Digest, Gen.Long[0, 4_000_000_000], Gen.Int[0, 999_999_999], Gen.UInt, Text.Array[0, 4], Gen.ULong, Gen.Int[-14, 14]).Select(
            (digest, seconds, nanoseconds, number, texts, large, hours) => new Snapshot
            {
                Time = new ZonedTime(new UnixTime(seconds, nanoseconds), hours * 60),
                Parent = number % 2 == 0 ? new FileId(digest) : null,
                Tree = new BlobId(digest),
                Paths = texts,
                HostName = texts.FirstOrDefault(""),
                UserName = texts.LastOrDefault(""),
                UserId = number,
                GroupId = number % 3,
                Excludes = texts,
                Tags = [.. texts.Skip(1)],
                Original = number % 3 == 0 ? new FileId(digest) : null,
                ProgramVersion = texts.FirstOrDefault("docingest 1.0.0"),
                Summary = number % 5 == 0 ? null : new SnapshotSummary
                {
                    Start = new ZonedTime(new UnixTime(seconds, 0)),
                    End = new ZonedTime(new UnixTime(seconds, nanoseconds)),
                    FilesNew = large,
                    FilesChanged = 1,
                    FilesUnmodified = 2,
                    DirectoriesNew = 3,
                    DirectoriesChanged = 4,
                    DirectoriesUnmodified = 5,
                    DataBlobs = 6,
                    TreeBlobs = 7,
                    BytesAdded = large,
                    BytesAddedPacked = 8,
                    FilesProcessed = 9,
                    BytesProcessed = 10,
                },
            });

    /// <summary>The fields of restic 0.19, without the blanks.</summary>
    private static readonly string Newest = (
        """{"time":"2026-06-01T10:00:00.5+02:00","parent":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" """ +
        """,  "tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","paths":["/a\u0026b"],"hostname":"h","username":"u","uid":1000,"gid":100""" +
        """,  "excludes":["*.tmp"],"tags":["t1","t2"],"original":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","program_version":"restic+0.19.1" """ +
        """,  "summary":{"backup_start":"2026-06-01T10:00:00.5+02:00","backup_end":"2026-06-01T10:00:01+02:00","files_new":2,"files_changed":0,"files_unmodified":1""" +
        """,  "dirs_new":0,"dirs_changed":3,"dirs_unmodified":0,"data_blobs":2,"tree_blobs":4,"data_added":12345,"data_added_packed":999""" +
        """,  "total_files_processed":3,"total_bytes_processed":14}}""").Replace(" ", "");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_was_written_is_read() => AnySnapshot.Sample(snapshot =>
    {
        var json = SnapshotCodec.Write(snapshot);
        var read = SnapshotCodec.Read(json);
        Assert.Equal(snapshot.Summary, read.Summary);
        Assert.Equal(snapshot with { Paths = [], Excludes = [], Tags = [] }, read with { Paths = [], Excludes = [], Tags = [] });
        Assert.Equal([snapshot.Paths, snapshot.Excludes, snapshot.Tags], [read.Paths, read.Excludes, read.Tags]);
        Assert.Equal(json.ToArray(), SnapshotCodec.Write(read).ToArray());
    });

    [Fact]
    public void A_summary_has_the_bytes_that_restic_writes()
    {
        var snapshot = SnapshotCodec.Read(System.Text.Encoding.UTF8.GetBytes(Newest));
        Assert.Equal(Newest, System.Text.Encoding.UTF8.GetString(SnapshotCodec.Write(snapshot).Span));
        Assert.Equal(2u, snapshot.Summary?.FilesNew);
        Assert.Equal(14UL, snapshot.Summary?.BytesProcessed);
    }

    /// <summary>All of restic's own, to the byte but for the line feed of old versions.</summary>
    [Theory]
    [InlineData(ResticFixture.Made2)]
    [InlineData("small-repo")]
    [InlineData("repo-layout-default")]
    [InlineData("repo-same-timestamps")]
    [InlineData("repo-index-missing")]
    [InlineData("copy-unstable-json")]
    public async Task Snapshots_of_restic_are_written_as_restic_wrote_them(string fixture)
    {
        using var repository = await ResticFixture.OpenAsync(fixture);
        await foreach (var listed in repository.ListSnapshotsAsync(Cancellation))
        {
            using var json = await repository.LoadUnpackedAsync(FileKind.Snapshot, listed.Id, Cancellation);
            Assert.Equal(
                System.Text.Encoding.UTF8.GetString(json.Span).TrimEnd('\n'),
                System.Text.Encoding.UTF8.GetString(SnapshotCodec.Write(SnapshotCodec.Read(json.Memory)).Span));
        }
    }

    [Fact]
    public void Nothing_but_time_and_tree_is_needed()
    {
        var snapshot = SnapshotCodec.Read(
            """{"tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","label":"x","time":"2023-11-14T22:13:20.1234567+00:00","paths":null,"parent":null}"""u8.ToArray());
        Assert.Equal(new UnixTime(1_700_000_000, 123_456_700), snapshot.Time.Instant);
        Assert.Empty(snapshot.Paths);
        Assert.Null(snapshot.Parent);
        Assert.Equal("", snapshot.HostName);
    }

    [Fact]
    public void What_is_no_unicode_is_replaced_as_in_restic()
    {
        byte[] json = [.. """{"time":"2023-11-14T22:13:20Z","tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","hostname":"a"""u8, 0xff, .. "\\ud800b\"}"u8];
        Assert.Equal("a\ufffd\ufffdb", SnapshotCodec.Read(json).HostName);
    }
}
