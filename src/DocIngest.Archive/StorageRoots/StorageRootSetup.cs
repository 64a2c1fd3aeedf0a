using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Opens a storage root, and makes one or finishes a half-made one.</summary>
/// <remarks>
/// A root is half-made while all it holds are files of <see cref="StorageRootFiles.All"/>, each with our content. Each is written in
/// staging, flushed, and renamed into place, so none is ever seen torn. Crash points:
/// 1 files in staging, not flushed; 2 flushed; 3 some renamed (a power cut may keep any subset); 4 all renamed, not flushed.
/// At 1 and 2 the next open starts anew, at 3 and 4 it adds what is missing.
/// </remarks>
internal sealed class StorageRootSetup(ArchivePlaces places)
{
    private static readonly string[] OurTopLevel =
    [
        StorageRootFiles.DeclarationFileName, StorageRootFiles.LayoutFileName, StorageRootFiles.ReadmeFileName, StorageRootFiles.ExtensionsFolder,
    ];

    /// <exception cref="StorageRootRefusedException">Something else is there. Nothing changed.</exception>
    /// <exception cref="FlushFailedException">The root may be incomplete after a power cut; open again.</exception>
    public async ValueTask OpenOrCreateAsync(CancellationToken cancellation)
    {
        if (!IsComplete())
        {
            DemandNothingForeign();
            await CreateAsync(cancellation);
            Check();
        }

        if (places.Folder.Find(places.Staging) is null)
        {
            var since = places.Folder.Mark();
            places.Folder.CreateFolder(places.Staging);
            await places.Folder.FlushAsync(since, cancellation);
        }
    }

    /// <summary>Checks the declaration and the layout of a root that must be there.</summary>
    /// <exception cref="StorageRootRefusedException">None, half-made, or not for us.</exception>
    public void Check()
    {
        DemandOnlyDeclaration();
        Demand(Read(StorageRootFiles.DeclarationFileName) is { } declaration && StorageRootFiles.IsDeclaration(declaration),
            "E080", StorageRootFiles.DeclarationFileName, "The storage root's declaration is missing or does not say OCFL 1.1.");
        Demand(Read(StorageRootFiles.LayoutFileName) is { } layout && StorageRootFiles.IsOurLayout(layout),
            "E071", StorageRootFiles.LayoutFileName, $"The storage root does not name the layout {HashedNTupleLayout.ExtensionName}.");
        Demand(Read(StorageRootFiles.ConfigPath) is { } config && StorageRootFiles.IsOurConfig(config),
            "E071", StorageRootFiles.ConfigPath, "The layout's parameters are not the ones this archive follows.");
    }

    private bool IsComplete()
    {
        if (StorageRootFiles.All.Any(file => places.Folder.Find($"{places.Root}/{file.Path}") is null))
        {
            return false;
        }

        Check();
        return true;
    }

    // A root of another layout, or anybody's folder, has something that none of ours is: leave it alone. The README is for
    // people: they may delete or edit it, and a root that lacks only it is completed even when it holds objects.
    private void DemandNothingForeign()
    {
        if (places.Folder.Find(places.Root) is null)
        {
            return;
        }

        DemandOnlyDeclaration();
        bool lacksOnlyReadme = StorageRootFiles.All.All(file =>
            file.Path == StorageRootFiles.ReadmeFileName || places.Folder.Find($"{places.Root}/{file.Path}") is not null);
        if (lacksOnlyReadme)
        {
            Check();
            return;
        }

        foreach (var entry in places.Folder.List(places.Root))
        {
            Demand(OurTopLevel.Contains(entry.Name), "E069", entry.Name, "The folder is no storage root, and it is not empty.");
        }

        foreach (var (path, content) in StorageRootFiles.All)
        {
            Demand(Read(path) is not { } found || found.AsSpan().SequenceEqual(content),
                "E069", path, "The storage root is incomplete, and this file is not as this archive writes it.");
        }
    }

    private void DemandOnlyDeclaration()
    {
        if (places.Folder.Find(places.Root) is null)
        {
            return;
        }

        foreach (var entry in places.Folder.List(places.Root))
        {
            bool other = entry.Name.StartsWith("0=", StringComparison.Ordinal) && entry.Name != StorageRootFiles.DeclarationFileName;
            Demand(!other, "E076", entry.Name, "The storage root declares something other than OCFL 1.1.");
        }
    }

    private async ValueTask CreateAsync(CancellationToken cancellation)
    {
        var folder = places.Folder;
        var since = folder.Mark();
        string work = places.NewPathForRoot();
        try
        {
            folder.CreateFolder(work);
            for (int index = 0; index < StorageRootFiles.All.Count; index++)
            {
                folder.WriteWhole($"{work}/{index}", StorageRootFiles.All[index].Content);          // 1
            }

            await folder.FlushAsync(since, cancellation);                                                  // 2: no name below ever shows torn bytes
            folder.CreateFolder($"{places.Root}/{StorageRootFiles.ConfigFolder}");
            for (int index = 0; index < StorageRootFiles.All.Count; index++)
            {
                PutInPlace($"{work}/{index}", $"{places.Root}/{StorageRootFiles.All[index].Path}"); // 3
            }
        }
        catch (EntryNotFoundException)
        {
            // Another process swept these copies: it only does so once it has found the root complete. Check decides about that.
        }

        folder.DeleteTree(work);
        await folder.FlushAsync(since, cancellation);                                                  // 4
    }

    private void PutInPlace(string from, string to)
    {
        try
        {
            places.Folder.Move(from, to);
        }
        catch (NameTakenException)
        {
            // It is there from an earlier attempt, or another process opens the same new root just now: Check decides about it.
        }
    }

    private byte[]? Read(string path)
    {
        try
        {
            return places.Folder.TryReadWhole($"{places.Root}/{path}", StorageRootFiles.LimitBytes);
        }
        catch (Exception error) when (error is RefusedEntryException or InvalidDataException)
        {
            throw new StorageRootRefusedException(new Finding("E069", $"{places.Root}/{path}", "This is no file of a storage root."), error);
        }
    }

    private void Demand(bool holds, string code, string path, string otherwise)
    {
        if (!holds)
        {
            throw new StorageRootRefusedException(new Finding(code, $"{places.Root}/{path}", otherwise));
        }
    }
}
