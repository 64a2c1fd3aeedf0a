using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>
/// A version in the making, in a staging folder of its own. Nothing of it is in the archive until it is committed.
/// Used by one caller at a time.
/// </summary>
/// <remarks>
/// <para>On disk, for a new object, <c>staging/NAME/</c> becomes the object root itself:
/// <c>v1/content/…</c>, and after sealing <c>inventory.json</c>, its sidecar, both again in <c>v1/</c>, and the declaration.</para>
/// <para>For a next version: <c>vN/content/…</c>, and after sealing <c>vN/inventory.json</c> with sidecar, <c>root/</c> with a
/// second copy of both that will replace the object's, and <c>seal.json</c> that tells <see cref="OcflStorageRoot.RecoverAsync"/> whose version it is.</para>
/// <para>Staging again under the same name after a crash is safe: what an earlier attempt left is overwritten or removed.</para>
/// </remarks>
public sealed class StagedVersion
{
    private readonly ArchivePlaces _places;
    private readonly SortedDictionary<string, StagedFile> _files = new(StringComparer.Ordinal);
    private int _openWriters;

    internal StagedVersion(ArchivePlaces places, string objectId, string stagingName, OcflObject? current, FlushMark? since)
    {
        if (!UriShape.IsUri(objectId))
        {
            throw new ArgumentException("An object id is a URI, such as urn:uuid:… (OCFL W005).", nameof(objectId));
        }

        _places = places;
        Since = since ?? places.Folder.Mark();
        ObjectId = objectId;
        StagingName = stagingName;
        StagingPath = places.StagingPath(stagingName);
        ObjectPath = places.ObjectPath(objectId);
        Base = current?.File;
        Version = current?.Head.Next ?? VersionNumber.First;
        ContentFolder = $"{VersionPath}/{Base?.Inventory.ContentDirectoryName ?? Inventory.DefaultContentDirectory}";
        Inherit();
        _places.Folder.CreateFolder(ContentFolder);
    }

    /// <summary>The object this is to be a version of.</summary>
    public string ObjectId { get; }

    /// <summary>Which version: 1 for a new object.</summary>
    public VersionNumber Version { get; }

    /// <summary>Its entry in the staging folder.</summary>
    public string StagingName { get; }

    /// <summary>Where its content files are written, relative to the archive's folder.</summary>
    public string ContentFolder { get; }

    /// <summary>Whether the version is complete and may be committed.</summary>
    public bool IsSealed => Sealed is not null;

    /// <summary>Digest of its inventory, which names every file of the object; null until it is sealed.</summary>
    public Sha512Digest? InventoryDigest => Sealed?.Digest;

    /// <summary>Before the first of the staged bytes was written: a flush that failed since then may have lost some.</summary>
    internal FlushMark Since { get; }

    internal string StagingPath { get; }

    internal string ObjectPath { get; }

    internal string VersionPath => $"{StagingPath}/{Version.Name}";

    internal string PlacedVersionPath => $"{ObjectPath}/{Version.Name}";

    internal InventoryFile? Base { get; }

    internal InventoryFile? Sealed { get; private set; }

    internal bool IsNewObject => Base is null;

    /// <summary>Opens a new content file; not buffered, so write blocks. It belongs to the version once <see cref="ContentStream.Complete"/> was called.</summary>
    /// <param name="logicalPath">Its name: elements of <c>[a-z0-9.-]</c>. A file of that name in this version is replaced.</param>
    /// <exception cref="ArgumentException">The name could say something about a person, or is not legal everywhere.</exception>
    /// <exception cref="InvalidOperationException">Sealed already.</exception>
    public ContentStream CreateContent(string logicalPath)
    {
        string path = PrepareContent(logicalPath);
        var file = _places.Folder.CreateAnew(path);
        _openWriters++;
        return new ContentStream(file, digest =>
        {
            _openWriters--;
            if (digest is { } written)
            {
                _files[logicalPath] = new StagedFile(written, IsStored: true);
            }
            else
            {
                _places.Folder.Delete(path);
            }
        });
    }

    /// <summary>Writes a small content file whole.</summary>
    /// <inheritdoc cref="CreateContent" path="/exception" />
    public Sha512Digest AddContent(string logicalPath, ReadOnlySpan<byte> content)
    {
        using var file = CreateContent(logicalPath);
        file.Write(content);
        return file.Complete();
    }

    /// <summary>Takes a file that the caller has already written at this name below <see cref="ContentFolder"/>.</summary>
    /// <param name="logicalPath">Its name below the content folder and in the version.</param>
    /// <param name="digest">Its digest, computed while it was written. Not read again here.</param>
    /// <param name="sizeBytes">The bytes written; compared with the file.</param>
    /// <exception cref="ArgumentException">A name that is not neutral.</exception>
    /// <exception cref="InvalidDataException">No plain file of that size is there. Nothing changed.</exception>
    /// <exception cref="InvalidOperationException">Sealed already.</exception>
    public void AdoptContent(string logicalPath, Sha512Digest digest, long sizeBytes)
    {
        DemandOpen();
        DemandNeutral(logicalPath);
        DemandPlainFile(ContentPath(logicalPath), sizeBytes);
        _files[logicalPath] = new StagedFile(digest, IsStored: true);
    }

    /// <summary>Takes a file from elsewhere in the staging folder, by a rename.</summary>
    /// <param name="stagedPath">Where it is, relative to the archive's folder; below the staging folder.</param>
    /// <inheritdoc cref="AdoptContent(string, Sha512Digest, long)" />
    public void AdoptContent(string logicalPath, string stagedPath, Sha512Digest digest, long sizeBytes)
    {
        if (!stagedPath.StartsWith($"{_places.Staging}/", StringComparison.Ordinal))
        {
            throw new ArgumentException("Only files in staging can be adopted: others would be taken from their owner.", nameof(stagedPath));
        }

        if (stagedPath != ContentPath(logicalPath))
        {
            DemandOpen();
            DemandNeutral(logicalPath);
            DemandPlainFile(stagedPath, sizeBytes);
            PrepareContent(logicalPath);
            _places.Folder.Replace(stagedPath, ContentPath(logicalPath));
        }

        AdoptContent(logicalPath, digest, sizeBytes);
    }

    /// <summary>Gives a name to content that an earlier version holds: a rename, or a file brought back.</summary>
    /// <exception cref="ArgumentException">A name that is not neutral, or no earlier version holds this content.</exception>
    /// <exception cref="InvalidOperationException">Sealed already.</exception>
    public void ReferenceContent(string logicalPath, Sha512Digest digest)
    {
        DemandOpen();
        DemandNeutral(logicalPath);
        if (Base?.Inventory.Manifest.ContainsKey(digest) != true)
        {
            throw new ArgumentException("No earlier version of the object holds this content.", nameof(digest));
        }

        _files[logicalPath] = new StagedFile(digest, IsStored: false);
    }

    /// <summary>Leaves a file out of this version. Earlier versions keep it.</summary>
    /// <returns>Whether the version had it.</returns>
    /// <exception cref="InvalidOperationException">Sealed already.</exception>
    public bool RemoveContent(string logicalPath)
    {
        DemandOpen();
        return _files.Remove(logicalPath);
    }

    /// <summary>
    /// Completes the version: content the object already holds is dropped and referenced, whatever else lies in the staged
    /// version is removed, and inventories are written. Nothing is durable before <see cref="OcflStorageRoot.CommitGroupAsync"/> has flushed it.
    /// </summary>
    /// <exception cref="ArgumentException">The description is incomplete, or logical paths conflict (<c>a</c> and <c>a/b</c>).</exception>
    /// <exception cref="InvalidOperationException">Sealed already, or a content writer is still open.</exception>
    public void Seal(VersionInfo info)
    {
        DemandOpen();
        if (_openWriters > 0)
        {
            throw new InvalidOperationException("A content file is still being written.");
        }

        if (PathRules.FirstConflict(_files.Keys) is { } conflict)
        {
            throw new ArgumentException($"The name {conflict} is also a folder of another file.");
        }

        var state = new SortedDictionary<string, Sha512Digest>(_files.ToDictionary(file => file.Key, file => file.Value.Digest), StringComparer.Ordinal);
        var block = info.ToBlock(state);
        var manifest = Deduplicate(out var stored);
        SealedFolder.KeepOnly(_places.Folder, ContentFolder, stored);
        var sealedInventory = InventoryWriter.Write(new Inventory
        {
            Id = ObjectId,
            ContentDirectory = Base?.Inventory.ContentDirectory,
            Manifest = manifest,
            Versions = [.. Base?.Inventory.Versions ?? [], block],
            Fixity = Base?.Inventory.Fixity,
        });
        SealedFolder.Write(_places.Folder, this, sealedInventory, hasContent: stored.Count > 0);
        Sealed = sealedInventory;
    }

    /// <summary>The sealed version as it travels into a blob store.</summary>
    /// <exception cref="ArgumentException">It is not sealed.</exception>
    internal ObjectParcel ToParcel()
    {
        if (Sealed is not { } inventory)
        {
            throw new ArgumentException($"The staged version {StagingName} is not sealed.");
        }

        var contents = inventory.Inventory.ContentOf(Version).Select(content => new ContentParcel(content.Path, content.Digest, _ => OpenStaged(content.Path, content.Digest)));
        return new ObjectParcel(ObjectId, Base?.Digest, [new VersionParcel(Version, inventory, inventory.SidecarBytes, [.. contents])]);
    }

    private Task<VerifyingStream> OpenStaged(string contentPath, Sha512Digest digest)
    {
        string path = $"{StagingPath}/{contentPath}";
        return Task.FromResult(new VerifyingStream(_places.Folder.OpenRead(path), path, digest));
    }

    private OrderedDictionary<Sha512Digest, IReadOnlyList<string>> Deduplicate(out HashSet<string> stored)
    {
        var manifest = new OrderedDictionary<Sha512Digest, IReadOnlyList<string>>(Base?.Inventory.Manifest ?? []);
        string contentName = ContentFolder[(StagingPath.Length + 1)..];
        stored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (logicalPath, file) in _files)
        {
            if (file.IsStored && manifest.TryAdd(file.Digest, [$"{contentName}/{logicalPath}"]))
            {
                stored.Add(logicalPath);
            }
        }

        return manifest;
    }

    private void Inherit()
    {
        if (Base is null)
        {
            return;
        }

        foreach (var (logicalPath, digest) in Base.Inventory[Base.Inventory.Head].State)
        {
            _files[logicalPath] = new StagedFile(digest, IsStored: false);
        }
    }

    private string PrepareContent(string logicalPath)
    {
        DemandOpen();
        DemandNeutral(logicalPath);
        string path = ContentPath(logicalPath);
        _places.Folder.CreateFolder(ArchivePlaces.ParentOf(path));
        _files.Remove(logicalPath);
        return path;
    }

    private string ContentPath(string logicalPath) => $"{ContentFolder}/{logicalPath}";

    private void DemandOpen()
    {
        if (IsSealed)
        {
            throw new InvalidOperationException("The version is sealed; stage another one.");
        }
    }

    private static void DemandNeutral(string logicalPath)
    {
        if (!PathRules.IsNeutral(logicalPath))
        {
            // Not repeated in the message: it may hold a name.
            throw new ArgumentException("A logical path has elements of [a-z0-9.-] that begin and end with a letter or digit.", nameof(logicalPath));
        }
    }

    private void DemandPlainFile(string path, long sizeBytes)
    {
        var entry = _places.Folder.Find(path);
        if (entry is not { Kind: EntryKind.File, LinkCount: 1 } || entry.Stamp.SizeBytes != sizeBytes)
        {
            // Another link to the same bytes could change archived content later (E090).
            throw new InvalidDataException($"{path} is no plain file of {sizeBytes} bytes with one name.");
        }
    }

    /// <param name="Digest">The content.</param>
    /// <param name="IsStored">Whether its bytes lie in the staged content folder, rather than in an earlier version.</param>
    private readonly record struct StagedFile(Sha512Digest Digest, bool IsStored);
}
