using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>What lies directly in a storage root (OCFL 1.1, 4.1). Files that are not understood are ignored, as E087 demands.</summary>
internal sealed class StorageRootListing
{
    private const int MostNames = 10_000;

    private readonly List<string> _declarations = [];

    private StorageRootListing()
    {
    }

    public IReadOnlyList<string> Declarations => _declarations;

    public bool HasLayout { get; private set; }

    public bool HasExtensions { get; private set; }

    /// <summary>Whether it looks like an object root: declared as one, or with an inventory.</summary>
    public bool LooksLikeObject { get; private set; }

    public bool IsDeclared => _declarations.Any(Declaration.OfStorageRoot.Declares);

    /// <exception cref="StorageException">The folder cannot be listed.</exception>
    public static StorageRootListing Read(IDurableFolder folder)
    {
        var listing = new StorageRootListing();
        foreach (var entry in folder.List(""))
        {
            if (entry.Kind == EntryKind.Folder)
            {
                listing.HasExtensions |= entry.Name == StorageRootFiles.ExtensionsFolder;
            }
            else if (entry.Kind == EntryKind.File)
            {
                listing.HasLayout |= entry.Name == StorageRootFiles.LayoutFileName;
                listing.LooksLikeObject |= HierarchyWalk.IsOfObject(entry.Name);
                if (Declaration.OfStorageRoot.IsCandidate(entry.Name) && listing._declarations.Count < MostNames)
                {
                    listing._declarations.Add(entry.Name);
                }
            }
        }

        return listing;
    }
}
