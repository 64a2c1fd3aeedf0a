using System.Text;
using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>What every archive promises to those who file, read and destroy, and what a crash at any operation leaves of it. One class derives from it per place.</summary>
public abstract class ArchiveContract
{
    private const string A = "urn:uuid:0190c6f0-0000-7000-8000-00000000000a";
    private const string B = "urn:uuid:0190c6f0-0000-7000-8000-00000000000b";
    private const string X = "urn:uuid:0190c6f0-0000-7000-8000-000000000001";

    private static readonly VersionPlan A1 = Some.Version(1, A, ("original.pdf", "a1"), ("record.json", "a1 record"));
    private static readonly VersionPlan A2 = Some.Version(2, A, ("original.pdf", "a1"), ("record.json", "a2 record"), ("pages/0001.tif", "a2 page"));
    private static readonly VersionPlan B1 = Some.Version(1, B, ("original.pdf", "b1"), ("copy.pdf", "b1"));
    private static readonly VersionPlan B2 = Some.Version(2, B, ("original.pdf", "b1"));   // nothing new: no content folder
    private static readonly VersionPlan X1 = Some.Version(1, X, ("original.pdf", "x1"), ("record.json", "x1 record"));

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>In how long steps the operations are cut: a server is slow.</summary>
    protected virtual int Stride => 1;

    private protected abstract Task<ArchiveSite> NewSiteAsync();

    [Fact]
    public async Task What_a_group_committed_is_found_read_measured_verified_and_listed()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await CommitAsync(archive, A1, B1);
        await CommitAsync(archive, A2, B2, X1);

        Assert.Equal(A2.Files, Read(archive, A, 2));
        Assert.Equal(A1.Files, Read(archive, A, 1));
        Assert.Equal(B2.Files, Read(archive, B, 2));
        Assert.True(archive.Verify(A, new VersionNumber(2), Cancellation) is { IsSound: true, FilesChecked: 3 });
        Assert.Equal("B001", archive.Verify("urn:uuid:0190c6f0-0000-7000-8000-00000000000c", new VersionNumber(1), Cancellation).Findings[0].Code);
        Assert.Equal(new ObjectExtent(2, 4, 2 + 9 + 9 + 7, archive.Find(A)!.InventoryDigest), archive.Measure(A));   // found above
        Assert.Null(archive.Find("urn:uuid:0190c6f0-0000-7000-8000-00000000000c"));
        Assert.Null(archive.Measure("urn:uuid:0190c6f0-0000-7000-8000-00000000000c"));
        Assert.True(archive.IsThere(A));
        Assert.False(archive.IsThere("urn:uuid:0190c6f0-0000-7000-8000-00000000000c"));
        Assert.Equal(archive.Find(A)!.Path, archive.PathOf(A));
        Assert.Equal(
            [X, A, B],
            archive.EnumerateObjects().Select(listing => Assert.IsType<ObjectListing.Readable>(listing).Object.Id).Order(StringComparer.Ordinal));
        using (var content = archive.OpenContent(archive.Find(A)!, new VersionNumber(1), "original.pdf"))
        {
            Assert.Equal(2, content.Length);
        }

        await site.AssertValidAsync("after commits");
    }

    [Fact]
    public async Task One_that_is_refused_does_not_disturb_the_others_and_a_second_of_one_object_is_out_of_sync()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await CommitAsync(archive, A1);
        StagedVersion[] group =
        [
            Stage(archive, Some.Version(1, A, ("original.pdf", "another")) with { StagingName = "again" }),
            Stage(archive, B1),
            Stage(archive, A2),
            Stage(archive, A2 with { StagingName = "twice" }, original: "twice"),
        ];

        var results = await archive.CommitGroupAsync(group, Cancellation);

        Assert.IsType<ObjectExistsException>(Assert.IsType<CommitResult.Refused>(results[0]).Reason);
        Assert.IsType<CommitResult.Committed>(results[1]);
        Assert.IsType<CommitResult.Committed>(results[2]);
        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(results[3]).Reason);
        Assert.Equal(A2.Files, Read(archive, A, 2));
        await site.AssertValidAsync("after refusals");
    }

    [Fact]
    public async Task Committing_again_changes_nothing_and_a_cancelled_group_neither()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => archive.CommitGroupAsync([Stage(archive, A1)], new CancellationToken(canceled: true)));
        Assert.Null(archive.Find(A));
        await CommitAsync(archive, A1);
        var before = await site.SnapshotAsync();

        Assert.IsType<CommitResult.AlreadyCommitted>(Assert.Single(await archive.CommitGroupAsync([Stage(archive, A1)], Cancellation)));

        Assert.Equal(before, await site.SnapshotAsync());
    }

    [Fact]
    public async Task Damage_is_told_and_its_bytes_are_not_handed_out()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await CommitAsync(archive, A1);
        await site.OverwriteAsync($"{archive.PathOf(A)}/v1/content/original.pdf", "xx"u8.ToArray());

        Assert.Throws<FixityException>(() => Read(archive, A, 1));
        Assert.Equal("E092", Assert.Single(archive.Verify(A, VersionNumber.First, Cancellation).Findings).Code);
        await site.OverwriteAsync($"{archive.PathOf(A)}/inventory.json", "{}"u8.ToArray());
        Assert.Equal("E060", Assert.Throws<DamagedObjectException>(() => archive.Find(A)).Finding.Code);
        Assert.Equal("E060", Assert.IsType<ObjectListing.Unreadable>(Assert.Single(archive.EnumerateObjects())).Damage.Finding.Code);
        Assert.IsType<RecoveryOutcome.Damaged>(await archive.RecoverAsync(A, VersionNumber.First, "none", Cancellation));
        Assert.True(archive.IsThere(A));
    }

    [Fact]
    public async Task Closed_staging_is_swept_and_the_rest_stays()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        Stage(archive, A1);
        Stage(archive, B1);
        Assert.Equal(1, archive.SweepStaging(name => name == A1.StagingName));
        archive.Discard(A1.StagingName);
        archive.Discard(A1.StagingName);
        Assert.Empty(site.Disk.FolderAt("data/staging").List(""));
    }

    /// <summary>A group is stopped at each operation, on the disk and on the store; then, as after a restart, recovered, and what is absent is staged and committed again.</summary>
    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    public async Task A_commit_cut_short_at_any_operation_is_settled_by_recovery(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired; n += Stride)
        {
            using var site = await NewSiteAsync();
            await CommitAsync(await site.OpenAsync(), A1, B1);
            DiscardAll(await site.OpenAsync());
            await site.DieAsync();
            var plan = new FaultPlan(n + 1, kind);
            string because = $"{kind} at {n + 1}";
            var results = await TryCommitAsync(await site.OpenAsync(plan), A2, B2, X1);
            fired = plan.Fired;
            await site.DieAsync();
            if (kind == FaultKind.PowerCut)
            {
                site.Disk.PowerCut(PowerCutChoice.Random(n));
            }

            var archive = await site.OpenAsync();
            foreach (var version in new[] { A2, B2, X1 })
            {
                var outcome = await archive.RecoverAsync(version.ObjectId, new VersionNumber(version.Version), version.StagingName, Cancellation);
                bool isThere = archive.Find(version.ObjectId)?.Head.Value == version.Version;
                Assert.True(isThere == outcome is RecoveryOutcome.Committed or RecoveryOutcome.RolledForward, $"{because}: {outcome}");
                Assert.False(outcome is RecoveryOutcome.Damaged, $"{because}: {outcome}");
                Assert.True(isThere || results?.Any(result => result is CommitResult.Committed && result.Staged.ObjectId == version.ObjectId) != true, $"{because}: a commit was lost");
                if (!isThere)
                {
                    archive.Discard(version.StagingName);
                    await CommitAsync(archive, version);
                }
            }

            await site.AssertValidAsync(because);
            Assert.Equal(A2.Files, Read(archive, A, 2));
            Assert.Equal(B2.Files, Read(archive, B, 2));
            Assert.Equal(X1.Files, Read(archive, X, 1));
        }

        Assert.True(n >= (kind == FaultKind.FlushFails ? 3 : 20), $"only {n} operations");
    }

    [Fact]
    public async Task What_is_destroyed_is_gone_with_everything_that_lay_in_it()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await CommitAsync(archive, B1);
        var before = await site.SnapshotAsync();
        await CommitAsync(archive, A1);
        await CommitAsync(archive, A2);
        await site.AddAsync($"{archive.PathOf(A)}/logs/somebody.txt", [1]);
        var found = archive.Find(A)!;   // committed above

        Assert.IsType<DestroyOutcome.Changed>(await archive.DestroyAsync(A, Sha512Digest.Of([]), cancellation: Cancellation));
        Assert.Equal(A2.Files, Read(archive, A, 2));
        Assert.IsType<DestroyOutcome.Destroyed>(await archive.DestroyAsync(A, found.InventoryDigest, cancellation: Cancellation));

        Assert.Null(archive.Find(A));
        Assert.False(archive.IsThere(A));
        Assert.Equal(before, await site.SnapshotAsync());
        Assert.Empty(archive.ListUnfinishedDestructions());
        Assert.IsType<DestroyOutcome.AlreadyGone>(await archive.DestroyAsync(A, found.InventoryDigest, cancellation: Cancellation));
        string[] many = [A, B, .. Enumerable.Range(0, 100).Select(n => $"urn:uuid:00000000-0000-7000-8000-0000000{n:00000}")];
        Assert.Equal(B, Assert.Single(archive.WhichAreThere(many)));
        Assert.Equal(B, Assert.Single(archive.WhichAreThere([A, B])));
        Assert.False(await archive.RecoverDestroyAsync(A));
        Assert.Equal("B001", archive.Verify(A, VersionNumber.First, Cancellation).Findings[0].Code);
        await site.AssertValidAsync("destroyed");
    }

    [Fact]
    public async Task What_is_damaged_is_destroyed_only_where_that_was_accepted()
    {
        using var site = await NewSiteAsync();
        var archive = await site.OpenAsync();
        await CommitAsync(archive, A1);
        var digest = archive.Find(A)!.InventoryDigest;
        await site.OverwriteAsync($"{archive.PathOf(A)}/inventory.json", "{}"u8.ToArray());

        Assert.IsType<DestroyOutcome.Damaged>(await archive.DestroyAsync(A, digest, cancellation: Cancellation));
        Assert.True(archive.IsThere(A));
        Assert.IsType<DestroyOutcome.Destroyed>(await archive.DestroyAsync(A, digest, acceptsDamage: true, Cancellation));
        Assert.False(archive.IsThere(A));
    }

    /// <summary>A destruction is stopped at each operation, reads too; then finished by a start, or by the same call again.</summary>
    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    public async Task A_destruction_cut_short_at_any_operation_is_finished(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired; n += Stride)
        {
            using var site = await NewSiteAsync();
            var first = await site.OpenAsync();
            await CommitAsync(first, A1, B1);
            await CommitAsync(first, A2);
            var digest = first.Find(A)!.InventoryDigest;
            await site.DieAsync();
            var plan = new FaultPlan(n + 1, kind, countReads: true);
            string because = $"{kind} at {n + 1}";
            bool isTold = false;
            try
            {
                isTold = await (await site.OpenAsync(plan)).DestroyAsync(A, digest, cancellation: Cancellation) is DestroyOutcome.Destroyed;
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                Assert.True(plan.Fired, $"{error}");
            }

            fired = plan.Fired;
            await site.DieAsync();
            if (kind == FaultKind.PowerCut)
            {
                site.Disk.PowerCut(PowerCutChoice.Random(n));
            }

            var archive = await site.OpenAsync();
            Assert.True(!isTold || !archive.IsThere(A), $"{because}: told as destroyed, and there");
            Assert.True(archive.Find(A) is not { } whole || whole.InventoryDigest == digest, $"{because}: half of it can be read");
            foreach (string unfinished in archive.ListUnfinishedDestructions())
            {
                Assert.Equal(A, unfinished);
                bool isUntouched = (await site.SnapshotAsync()).ContainsKey($"{archive.PathOf(A)}/inventory.json.sha512");
                bool isFinished = await archive.RecoverDestroyAsync(A);
                Assert.True(isFinished != archive.IsThere(A), $"{because}: finished, and there; or whole, and said to be finished");
                Assert.True(!isUntouched || archive.IsThere(A), $"{because}: it was whole, and nobody asked again whether it may go");
            }

            if (n % 2 == 0)
            {
                Assert.True(await archive.DestroyAsync(A, digest, cancellation: Cancellation) is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone, because);
                Assert.False(archive.IsThere(A));
            }
            else if (archive.Find(A) is not null)
            {
                Assert.Equal(A2.Files, Read(archive, A, 2));   // it never began, so it is whole
            }

            Assert.Empty(archive.ListUnfinishedDestructions());
            Assert.Equal(B1.Files, Read(archive, B, 1));
            await site.AssertValidAsync(because);
        }

        Assert.True(n >= (kind == FaultKind.FlushFails ? 3 : 15), $"only {n} operations");
    }

    private static StagedVersion Stage(IArchive archive, VersionPlan plan, string? original = null)
    {
        var current = plan.Version == 1 ? null : archive.Find(plan.ObjectId) ?? throw new InvalidOperationException("No such object.");
        var staged = current is null ? archive.StageNewObject(plan.ObjectId, plan.StagingName) : archive.StageNextVersion(current, plan.StagingName);
        foreach (var gone in current?.ListVersion(current.Head).Where(file => !plan.Files.ContainsKey(file.LogicalPath)) ?? [])
        {
            staged.RemoveContent(gone.LogicalPath);
        }

        foreach (var (logicalPath, text) in plan.Files)
        {
            staged.AddContent(logicalPath, Encoding.UTF8.GetBytes(logicalPath == "original.pdf" ? original ?? text : text));
        }

        staged.Seal(Some.Info(plan.Version));
        return staged;
    }

    private static async Task CommitAsync(IArchive archive, params VersionPlan[] versions)
    {
        foreach (var result in await archive.CommitGroupAsync([.. versions.Select(version => Stage(archive, version))], Cancellation))
        {
            Assert.True(result is CommitResult.Committed, $"{result}");
            archive.Discard(result.Staged.StagingName);
        }
    }

    private static async Task<IReadOnlyList<CommitResult>?> TryCommitAsync(IArchive archive, params VersionPlan[] versions)
    {
        try
        {
            return await archive.CommitGroupAsync([.. versions.Select(version => Stage(archive, version))], Cancellation);
        }
        catch (Exception error) when (error is PowerCutException or StorageException)
        {
            return null;
        }
    }

    private static void DiscardAll(IArchive archive) => archive.SweepStaging(_ => false);

    private static Dictionary<string, string> Read(IArchive archive, string objectId, int version)
    {
        var found = archive.Find(objectId) ?? throw new InvalidOperationException("Not there.");
        return found.ListVersion(new VersionNumber(version)).ToDictionary(file => file.LogicalPath, file =>
        {
            using var reader = new StreamReader(archive.OpenContent(found, new VersionNumber(version), file.LogicalPath));
            return reader.ReadToEnd();
        });
    }
}
