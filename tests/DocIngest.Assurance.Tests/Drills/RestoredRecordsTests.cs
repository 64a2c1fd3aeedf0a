using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Tests.Drills;

/// <summary>What was restored is held against what the audit says was taken in, not against what it says of itself.</summary>
public sealed class RestoredRecordsTests
{
    private static readonly RecordId Id = RecordId.Parse("01990000-0000-7000-8000-000000000001");
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("%PDF-1.4 a letter");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bytes_that_were_taken_in_pass()
    {
        var (check, items, sound) = await LookAsync(Digest(Bytes));
        Assert.Equal((1, 0, 0), (check.Passed, check.Failed, check.Skipped));
        Assert.Equal(Id, Assert.Single(sound).Id);
        Assert.Equal((ItemResult.Passed, Digest(Bytes), true), (items.Result, items.Actual, items.Drawn));
    }

    [Fact]
    public async Task An_object_that_is_valid_and_holds_other_bytes_fails()
    {
        string takenIn = Digest("%PDF-1.4 another letter"u8);
        var (check, items, sound) = await LookAsync(takenIn);
        Assert.Equal((0, 1, 0), (check.Passed, check.Failed, check.Skipped));
        Assert.Empty(sound);
        Assert.Equal(("digest", takenIn, Digest(Bytes)), (items.Note, items.Expected, items.Actual));
    }

    [Fact]
    public async Task A_record_without_a_digest_in_the_audit_is_skipped_and_never_passed()
    {
        var (check, items, _) = await LookAsync(null);
        Assert.Equal((0, 0, 1), (check.Passed, check.Failed, check.Skipped));
        Assert.NotEmpty(check.SkippedBecause);
        Assert.Equal(ItemResult.Skipped, items.Result);
    }

    [Theory]
    [InlineData(2, "version-missing")]
    [InlineData(1, "missing")]
    public async Task What_is_not_there_fails(int version, string note)
    {
        var (check, items, _) = await LookAsync(Digest(Bytes), version, isThere: version > 1);
        Assert.Equal(1, check.Failed);
        Assert.Equal(note, items.Note);
    }

    private static async Task<(ReportedCheck Check, ReportItem Item, IReadOnlyList<RestoredOriginal> Sound)> LookAsync(string? sha512, int version = 1, bool isThere = true)
    {
        var folder = new MemoryVolume().FolderAt("");
        var root = await OcflStorageRoot.OpenOrCreateAsync(folder, "archive", "staging", Cancellation);
        if (isThere)
        {
            var staged = root.StageNewObject(Id.ToString(), Id.ToBareString());
            staged.AddContent("original.pdf", Bytes);
            staged.Seal(new VersionInfo { Created = DateTimeOffset.UnixEpoch, Message = "Filed", UserName = "tester", UserAddress = "urn:test:tester" });
            await root.CommitGroupAsync([staged], Cancellation);
        }

        using var file = new MemoryStream();
        using var items = new ReportItemsWriter(file);
        var record = new DrillRecord(items, new HashSet<string>([Id.ToString()]), 7, TimeProvider.System);
        var sound = new RestoredRecords(root, record).Run([KeyValuePair.Create(Id, new ExpectedRecord(version, sha512, DateTimeOffset.UnixEpoch))], Cancellation);
        file.Position = 0;
        return (Assert.Single(record.Checks), Assert.Single(ReportItemsReader.Read(file)), sound);
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA512.HashData(bytes));
}
