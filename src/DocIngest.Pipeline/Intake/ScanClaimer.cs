using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>How copying a claimed scan ended.</summary>
internal enum CopyResult
{
    /// <summary>The private copy is whole, and the source and its sidecar stood still.</summary>
    Whole,

    /// <summary>The source changed or went away meanwhile. The claim is to be released.</summary>
    SourceChanged,
}

/// <summary>What became of files that were to be claimed: each is in one of the lists.</summary>
/// <param name="InHand">Claimed.</param>
/// <param name="ClaimedAlready">An open claim of the same file exists, here or in another process.</param>
/// <param name="Failed">Nothing was written of them.</param>
internal sealed record ClaimedGroup(
    IReadOnlyList<ScanInHand> InHand, IReadOnlyList<SettledScan> ClaimedAlready, IReadOnlyList<(SettledScan Scan, StorageException Error)> Failed);

/// <summary>A file in a drop folder, or its sidecar, cannot be read or claimed. Our own folders are well. Nothing was taken from it; a retry may help.</summary>
internal sealed class SourceUnreadableException(Exception cause) : StorageException(
    cause is StorageException ? "The file, or its sidecar, cannot be read where it lies." : $"The file cannot be taken in ({cause.GetType().Name}).",
    cause)
{
    public override bool MayRetry => true;

    public static SourceUnreadableException From(Exception error) => error as SourceUnreadableException ?? new(error);
}

/// <summary>
/// Claims scans: ledger row first, then a private copy while hashing, then a second look at the source (DESIGN 4, claim).
/// </summary>
/// <remarks>
/// The copy is not flushed here: the source is removed only after the object that the copy becomes part of was flushed, so one
/// flush covers both. A crash before leaves the source, and the open ledger row starts over (docs/adr/0005).
/// </remarks>
internal sealed class ScanClaimer(IDurableFolder data, SqliteDatabase database, RecordIdSource ids, TimeProvider time, string instance)
{
    private const int CopyBufferBytes = 256 * 1024;
    private const string AgainSuffix = ".again";

    /// <summary>Opens ledger rows for a group of files, in their order. One that cannot be claimed does not disturb the others.</summary>
    public async Task<ClaimedGroup> ClaimAsync(IReadOnlyList<SettledScan> scans, CancellationToken cancellation)
    {
        try
        {
            return await ClaimTogetherAsync(scans, cancellation);
        }
        catch (Exception error) when (OddFile.Caused(error, cancellation))
        {
            if (scans is [var odd])
            {
                odd.Folder.NoteOdd(odd.RelativePath, odd.Stamp);
                return new ClaimedGroup([], [], [(odd, SourceUnreadableException.From(error))]);
            }
        }

        var alone = new List<ClaimedGroup>(scans.Count);
        foreach (var scan in scans)
        {
            alone.Add(await ClaimAsync([scan], cancellation));
        }

        return new ClaimedGroup(
            [.. alone.SelectMany(group => group.InHand)],
            [.. alone.SelectMany(group => group.ClaimedAlready)],
            [.. alone.SelectMany(group => group.Failed)]);
    }

    private async Task<ClaimedGroup> ClaimTogetherAsync(IReadOnlyList<SettledScan> scans, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var claims = new List<(SettledScan Scan, Claim Claim)>(scans.Count);
        var failed = new List<(SettledScan, StorageException)>();
        foreach (var scan in scans)
        {
            try
            {
                claims.Add((scan, NewClaim(scan, now)));
            }
            catch (StorageException error)
            {
                failed.Add((scan, SourceUnreadableException.From(error)));
            }
        }

        using var connection = database.OpenReader();
        var opened = await database.WriteAsync(
            (_, transaction) => ScanTable.Open(
                transaction,
                [.. claims.Select(pair => pair.Claim with { LateOf = FindEarlier(connection, pair.Scan) })],
                instance),
            cancellation);
        var byId = opened.ToDictionary(claim => claim.Id);
        return new ClaimedGroup(
            [.. claims.Where(pair => byId.ContainsKey(pair.Claim.Id)).Select(pair => new ScanInHand(byId[pair.Claim.Id], pair.Scan.Folder))],
            [.. claims.Where(pair => !byId.ContainsKey(pair.Claim.Id)).Select(pair => pair.Scan)],
            failed);
    }

    /// <summary>Makes the private copy, hashing it, and looks at the source again.</summary>
    /// <exception cref="StorageException">Source or staging cannot be used. Staging holds a part at most; repeating is safe.</exception>
    public CopyResult Copy(ScanInHand scan, CancellationToken cancellation)
    {
        scan.Since = data.Mark();
        data.DeleteTree(scan.StagingPath);
        data.CreateFolder(scan.StagingPath);
        try
        {
            using var source = OfSource(() => scan.Folder.Folder.OpenRead(scan.RelativePath));
            scan.Digest = CopyHashing(source, scan, cancellation);
        }
        catch (Exception error) when (error is EntryNotFoundException or RefusedEntryException)
        {
            return CopyResult.SourceChanged;
        }

        bool unchanged = OfSource(() => scan.Folder.Folder.Find(scan.RelativePath)) is { Kind: EntryKind.File } after
            && after.Stamp == scan.Claim.Stamp
            && data.Find(scan.CopyPath)?.Stamp.SizeBytes == after.Stamp.SizeBytes
            && SidecarStands(scan);
        if (unchanged)
        {
            scan.Identify();
        }

        return unchanged ? CopyResult.Whole : CopyResult.SourceChanged;
    }

    private static bool SidecarStands(ScanInHand scan) => scan.Folder.Profile.Sidecar == SidecarMode.None
        || OfSource(() => SidecarFile.Read(scan.Folder, scan.RelativePath)) == scan.Claim.SidecarJson;

    /// <summary>Takes up a copy that an earlier attempt had finished, by writing it once more: a flush of the first one may have failed.</summary>
    /// <returns>False where it is not whole. It is as it was then.</returns>
    public bool TryResumeCopy(ScanInHand scan, Sha512Digest digest, CancellationToken cancellation)
    {
        if (data.Find(scan.CopyPath) is not { Kind: EntryKind.File } copy || copy.Stamp.SizeBytes != scan.Claim.Stamp.SizeBytes)
        {
            return false;
        }

        string again = scan.CopyPath + AgainSuffix;
        data.Delete(again);
        scan.Since = data.Mark();
        using (var content = data.OpenRead(scan.CopyPath))
        using (var anew = data.Create(again))
        {
            scan.Digest = Hash(buffer => content.Read(buffer), block => anew.Write(block), cancellation);
        }

        if (scan.Digest != digest)
        {
            data.Delete(again);
            return false;
        }

        data.Replace(again, scan.CopyPath);
        scan.Identify();
        return true;
    }

    /// <summary>Notes whole copies in the ledger.</summary>
    public Task NoteCopiedAsync(IReadOnlyList<ScanInHand> scans, CancellationToken cancellation) =>
        database.WriteAsync(
            (_, transaction) =>
            {
                foreach (var scan in scans)
                {
                    ScanTable.NoteCopied(transaction, scan.Claim.Id, scan.Digest, scan.Identity);
                }

                return true;
            },
            cancellation);

    private Claim NewClaim(SettledScan scan, DateTimeOffset now)
    {
        string? sidecarJson = SidecarFile.Read(scan.Folder, scan.RelativePath);
        string? key = (sidecarJson is null ? null : Sidecar.Read(sidecarJson).Sidecar?.DocumentKey)
            ?? scan.Folder.KeyRule.Find(RawName.ToDisplay(DropFolder.NameOf(scan.RelativePath)));
        return new Claim(
            ids.Draw(),
            scan.Folder.Profile.Name,
            scan.Folder.Absolute(scan.RelativePath),
            RawName.ToDisplay(DropFolder.FolderOf(scan.RelativePath)),
            scan.Stamp,
            now,
            key,
            sidecarJson,
            scan.RemovesSource);
    }

    private static RecordId? FindEarlier(System.Data.Common.DbConnection connection, SettledScan scan) =>
        scan.RemovesSource && ScanTable.FindEarlier(connection, scan.Stamp.FileId) is { } earlier && earlier.Claim.Stamp != scan.Stamp
            ? earlier.Claim.Id
            : null;

    private Sha512Digest CopyHashing(Stream source, ScanInHand scan, CancellationToken cancellation)
    {
        using var copy = data.Create(scan.CopyPath);
        return Hash(buffer => OfSource(() => source.Read(buffer)), block => copy.Write(block), cancellation);
    }

    // The share may fail while our own disk is well, or the other way round: people must be sent to the right one.
    private static T OfSource<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (StorageException error) when (error is not (EntryNotFoundException or RefusedEntryException))
        {
            throw SourceUnreadableException.From(error);
        }
    }

    private static Sha512Digest Hash(Func<byte[], int> readInto, Action<ReadOnlySpan<byte>> alsoTo, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(CopyBufferBytes);
        try
        {
            for (int read; (read = readInto(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                alsoTo(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        return Sha512Digest.FromBytes(hash.GetHashAndReset());
    }
}
