using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Opens a storage root in a blob store, and makes one or finishes a half-made one.</summary>
/// <remarks>
/// A root is half-made while all it holds are files of <see cref="StorageRootFiles.All"/>, each with our content. The declaration, which makes it a root,
/// is put last; each is whole or not there. A crash between two of them leaves a root that the next open completes.
/// </remarks>
internal sealed class BlobRootSetup(BlobPlaces places)
{
    /// <exception cref="StorageRootRefusedException">Something else is there. Nothing changed.</exception>
    public async Task OpenOrCreateAsync(CancellationToken cancellation)
    {
        if (!await IsDeclaredAsync(cancellation))
        {
            await DemandNothingForeignAsync(cancellation);
            foreach (var (path, content) in StorageRootFiles.All)
            {
                await places.PutOnceAsync(places.Below(path), content, cancellation);   // what another opener put meanwhile, Check decides about
            }
        }

        await CheckAsync(cancellation);
    }

    /// <summary>Whether there is a declaration, of whatever content. A store that is not there itself has none.</summary>
    public async Task<bool> IsDeclaredAsync(CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(StorageRootFiles.DeclarationFileName, cancellation) is not null;
        }
        catch (ContainerNotFoundException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="CheckAsync"/>; always true.</summary>
    public async Task<bool> CheckedAsync(CancellationToken cancellation)
    {
        await CheckAsync(cancellation);
        return true;
    }

    /// <summary>Checks the declaration and the layout of a root that must be there.</summary>
    /// <exception cref="StorageRootRefusedException">None, half-made, or not for us.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        await foreach (var blob in places.Store.ListAsync(places.Below("0="), cancellation))
        {
            Demand(blob.Name == places.Below(StorageRootFiles.DeclarationFileName), "E076", blob.Name, "The storage root declares something other than OCFL 1.1.");
        }

        Demand(await ReadAsync(StorageRootFiles.DeclarationFileName, cancellation) is { } declaration && StorageRootFiles.IsDeclaration(declaration),
            "E080", places.Below(StorageRootFiles.DeclarationFileName), "The storage root's declaration is missing or does not say OCFL 1.1.");
        Demand(await ReadAsync(StorageRootFiles.LayoutFileName, cancellation) is { } layout && StorageRootFiles.IsOurLayout(layout),
            "E071", places.Below(StorageRootFiles.LayoutFileName), $"The storage root does not name the layout {HashedNTupleLayout.ExtensionName}.");
        Demand(await ReadAsync(StorageRootFiles.ConfigPath, cancellation) is { } config && StorageRootFiles.IsOurConfig(config),
            "E071", places.Below(StorageRootFiles.ConfigPath), "The layout's parameters are not the ones this archive follows.");
    }

    // A root of another layout, or anybody's container, has something that none of ours is: leave it alone.
    private async Task DemandNothingForeignAsync(CancellationToken cancellation)
    {
        var ours = StorageRootFiles.All.ToDictionary(file => places.Below(file.Path), file => file.Content);
        await foreach (var blob in places.Store.ListAsync(places.RootPrefix, cancellation))
        {
            Demand(ours.TryGetValue(blob.Name, out byte[]? content), "E069", blob.Name, "This is no storage root, and it is not empty.");
            Demand(await places.TryReadWholeAsync(blob.Name, StorageRootFiles.LimitBytes, cancellation) is not { } found || found.AsSpan().SequenceEqual(content),
                "E069", blob.Name, "The storage root is incomplete, and this file is not as this archive writes it.");
        }
    }

    private async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await places.TryReadWholeAsync(places.Below(path), StorageRootFiles.LimitBytes, cancellation);
        }
        catch (DamagedObjectException error)
        {
            throw new StorageRootRefusedException(new Finding("E069", places.Below(path), "This is no file of a storage root."), error);
        }
    }

    private static void Demand(bool holds, string code, string path, string otherwise)
    {
        if (!holds)
        {
            throw new StorageRootRefusedException(new Finding(code, path, otherwise));
        }
    }
}
