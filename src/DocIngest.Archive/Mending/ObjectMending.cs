using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Puts back what is damaged or missing in an object, from copies of it: byte for byte what was there before, and nothing else.</summary>
/// <remarks>
/// Order, and what a crash after each step leaves, under the object's lock: 1 what is needed is copied to the caller's work folder, compared with its digests there, and flushed (the caller's to
/// remove); 2 each damaged file is copied to where the evidence is kept, and flushed (kept twice, where it is mended again); 3 each takes its place by one rename, content before the
/// inventories that name it (some are mended, the rest by the next call); 4 flushed.
/// </remarks>
internal sealed class ObjectMending(ArchivePlaces places)
{
    // A neighbour that goes may take an empty folder on the way with it, between its making and the rename.
    private const int PlaceAttempts = 10;

    private const int BlockBytes = 128 * 1024;

    private IDurableFolder Folder => places.Folder;

    /// <inheritdoc cref="OcflStorageRoot.MendAsync" />
    public async Task<MendReport> MendAsync(
        string objectId, Sha512Digest? inventory, IReadOnlyList<ObjectCopy> copies, string workPath, Func<string, string> evidencePathOf, CancellationToken cancellation)
    {
        var since = Folder.Mark();
        var own = new ObjectCopy(Folder, places.ObjectPath(objectId));
        if (WantedFiles.Of(objectId, inventory, own, copies) is not { } wanted || HasLaterVersion(own, wanted.Head))
        {
            return new MendReport([], [ArchivePlaces.InventoryFileName]);
        }

        var (ready, lacking) = (new List<ReadyFile>(), new List<string>(wanted.Unknown));
        Folder.DeleteTree(workPath);   // of a call that was cut short
        Folder.CreateFolder(workPath);
        foreach (var (path, digest) in wanted.Digests.Where(file => !IsSound($"{own.Path}/{file.Path}", file.Digest, cancellation)))
        {
            string staged = $"{workPath}/{ready.Count}";
            if (Stage(staged, path, digest, wanted, copies, cancellation) is { } bytes && !IsFolder($"{own.Path}/{path}"))
            {
                ready.Add(new ReadyFile(staged, path, digest, bytes));
            }
            else
            {
                lacking.Add(path);
            }
        }

        await Folder.FlushAsync(since, cancellation);   // 1
        List<MendedFile> mended = [.. ready.Select(file => new MendedFile(file.Path, file.Bytes, file.Digest, KeepEvidence(own, file, evidencePathOf)))];
        await Folder.FlushAsync(since, cancellation);   // 2
        foreach (var file in ready)
        {
            Place(file.Staged, $"{own.Path}/{file.Path}");   // 3
        }

        Folder.DeleteTree(workPath);
        await Folder.FlushAsync(since, CancellationToken.None);   // 4
        return new MendReport([.. mended.OrderBy(file => file.Path, StringComparer.Ordinal)], lacking);
    }

    // Whoever vouches for an inventory does not know of it: mending would take a version out of the archive.
    private static bool HasLaterVersion(ObjectCopy own, VersionNumber head) => own.Folder.Find(own.Path) is { Kind: EntryKind.Folder }
        && own.Folder.List(own.Path).Any(entry => VersionNumber.TryParse(entry.Name, out var version) && version.CompareTo(head) > 0);

    private bool IsSound(string path, Sha512Digest digest, CancellationToken cancellation)
    {
        try
        {
            var (finding, _) = new ContentReader(places).Check(path, digest, cancellation);
            return finding is null;
        }
        catch (StorageUnavailableException)
        {
            return false;   // a bad sector: the disk does not give it any more
        }
    }

    private bool IsFolder(string path) => Folder.Find(path) is { Kind: EntryKind.Folder };

    // Null where nobody has it.
    private long? Stage(string staged, string path, Sha512Digest digest, WantedFiles wanted, IReadOnlyList<ObjectCopy> copies, CancellationToken cancellation)
    {
        if (wanted.Known.TryGetValue(path, out byte[]? bytes))
        {
            Folder.WriteWhole(staged, bytes);
            return bytes.Length;
        }

        foreach (var copy in copies)
        {
            if (TryCopy(copy, path, staged, digest, cancellation) is { } length)
            {
                return length;
            }
        }

        return null;
    }

    private long? TryCopy(ObjectCopy copy, string path, string staged, Sha512Digest digest, CancellationToken cancellation)
    {
        try
        {
            using var source = copy.Folder.OpenRead($"{copy.Path}/{path}");
            using var target = Folder.CreateAnew(staged);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            byte[] buffer = new byte[BlockBytes];
            long length = 0;
            for (int read; (read = source.Read(buffer)) > 0; length += read)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                target.Write(buffer, 0, read);
            }

            return Sha512Digest.FromBytes(hash.GetHashAndReset()) == digest ? length : null;
        }
        catch (Exception error) when (error is EntryNotFoundException or RefusedEntryException)
        {
            return null;   // this copy does not have it
        }
    }

    private FileDamage? KeepEvidence(ObjectCopy own, ReadyFile file, Func<string, string> evidencePathOf)
    {
        string path = $"{own.Path}/{file.Path}";
        if (Folder.Find(path) is not { Kind: EntryKind.File })
        {
            return null;   // missing; or a link, of which there is nothing to keep
        }

        string kept = evidencePathOf(file.Path);
        Folder.CreateFolder(ArchivePlaces.ParentOf(kept));
        try
        {
            using (var damaged = Folder.OpenRead(path))
            using (var copy = Folder.CreateAnew(kept))
            {
                damaged.CopyTo(copy, BlockBytes);
            }

            using var was = Folder.OpenRead(path);
            using var right = Folder.OpenRead(file.Staged);
            return FileComparison.Compare(was, right);
        }
        catch (StorageUnavailableException)
        {
            return null;   // what the disk still gave of it is kept
        }
    }

    private void Place(string staged, string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Folder.CreateFolder(ArchivePlaces.ParentOf(path));
                Folder.Replace(staged, path);
                return;
            }
            catch (EntryNotFoundException) when (attempt < PlaceAttempts && Folder.Find(staged) is not null)
            {
                // Pruned in between: make the folders again.
            }
        }
    }

    private sealed record ReadyFile(string Staged, string Path, Sha512Digest Digest, long Bytes);
}
