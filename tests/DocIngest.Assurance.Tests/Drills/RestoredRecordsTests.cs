using System.Text;
using DocIngest.Archive;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
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
    public async Task What_was_filed_passes()
    {
        var (check, item, sound) = await LookAsync(inventory => inventory);
        Assert.Equal((1, 0, 0), (check.Passed, check.Failed, check.Skipped));
        Assert.Equal(Id, Assert.Single(sound).Id);
        Assert.Equal((ItemResult.Passed, true), (item.Result, item.Drawn));
        Assert.Equal(item.Expected, item.Actual);
    }

    [Fact]
    public async Task An_object_that_is_valid_and_is_not_the_one_that_was_filed_fails()
    {
        var (check, item, sound) = await LookAsync(_ => new string('a', 128));
        Assert.Equal((0, 1, 0), (check.Passed, check.Failed, check.Skipped));
        Assert.Empty(sound);
        Assert.Equal(("inventory", new string('a', 128)), (item.Note, item.Expected));
    }

    [Fact]
    public async Task A_record_without_a_digest_in_the_audit_is_skipped_and_never_passed()
    {
        var (check, item, _) = await LookAsync(_ => null);
        Assert.Equal((0, 0, 1), (check.Passed, check.Failed, check.Skipped));
        Assert.NotEmpty(check.SkippedBecause);
        Assert.Equal(ItemResult.Skipped, item.Result);
    }

    [Theory]
    [InlineData(2, "version-missing")]
    [InlineData(1, "missing")]
    public async Task What_is_not_there_fails(int version, string note)
    {
        var (check, item, _) = await LookAsync(inventory => inventory, version, isThere: version > 1);
        Assert.Equal(1, check.Failed);
        Assert.Equal(note, item.Note);
    }

    private static async Task<(ReportedCheck Check, ReportItem Item, IReadOnlyList<RestoredOriginal> Sound)> LookAsync(Func<string, string?> expect, int version = 1, bool isThere = true)
    {
        var folder = new MemoryVolume().FolderAt("");
        var root = await OcflStorageRoot.OpenOrCreateAsync(folder, "archive", "staging", Cancellation);
        string inventory = "";
        if (isThere)
        {
            var staged = root.StageNewObject(Id.ToString(), Id.ToBareString());
            staged.AddContent("original.pdf", Bytes);
            staged.Seal(new VersionInfo { Created = DateTimeOffset.UnixEpoch, Message = "Filed", UserName = "tester", UserAddress = "urn:test:tester" });
            await root.CommitGroupAsync([staged], Cancellation);
            inventory = staged.InventoryDigest?.Hex ?? "";
        }

        using var file = new MemoryStream();
        using var items = new ReportItemsWriter(file);
        var record = new RunRecord(items, id => id == Id.ToString(), 7, TimeProvider.System);
        var sound = new RestoredRecords(folder, root, record).Run([KeyValuePair.Create(Id, new ExpectedRecord(version, expect(inventory), DateTimeOffset.UnixEpoch))], static _ => true, Cancellation);
        file.Position = 0;
        return (Assert.Single(record.Checks), Assert.Single(ReportItemsReader.Read(file)), sound);
    }
}
