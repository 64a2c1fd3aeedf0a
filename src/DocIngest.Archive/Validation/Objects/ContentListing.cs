using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>The files that are there as content of an object's versions, and what they are compared with: manifests and fixity blocks.</summary>
/// <param name="root">The root inventory; null where it cannot be understood.</param>
internal sealed class ContentListing(InventoryFacts? root, ObjectTree tree, FindingBag findings)
{
    // Files beyond those in the manifest: so many are kept for comparing with older manifests. Findings about them end sooner.
    private const int MostStrays = 100_000;

    // The version by path.
    private readonly Dictionary<string, int> _files = new(StringComparer.Ordinal);

    // Told missing once, however many inventories name it.
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    private int _strays;

    public bool Contains(string path) => _files.ContainsKey(path);

    /// <summary>Lists the content directory of a version.</summary>
    public void Read(VersionName version, string contentPath)
    {
        var folders = new Stack<(string Path, int Depth)>([(contentPath, 0)]);
        while (folders.TryPop(out var at))
        {
            bool isEmpty = true;
            foreach (var entry in tree.List(at.Path))
            {
                isEmpty = false;
                string path = $"{at.Path}/{entry.Name}";
                if (entry.Kind == EntryKind.File)
                {
                    Add(path, version.Number);
                }
                else if (entry.Kind == EntryKind.Folder && tree.MayEnter(path, at.Depth + 1))
                {
                    folders.Push((path, at.Depth + 1));
                }
            }

            if (isEmpty && !tree.IsUnknown(at.Path))
            {
                bool isTop = at.Path == contentPath;
                findings.Add(isTop ? ValidationRules.W003 : ValidationRules.E024, at.Path, isTop ? "The content directory is empty." : "The directory is empty.");
            }
        }
    }

    /// <summary>Compares the files with an inventory's manifest and fixity block.</summary>
    /// <param name="lastVersion">Files of later versions are not its business.</param>
    public void Compare(InventoryFacts inventory, int lastVersion)
    {
        if (inventory != root)
        {
            foreach (var (path, version) in _files)
            {
                findings.Unless(version > lastVersion || inventory.Manifest.ContainsKey(path), ValidationRules.E023, path, $"The file is not in the manifest of {inventory.Path}.");
            }
        }

        foreach (string path in inventory.Manifest.Keys)
        {
            if (!_files.ContainsKey(path) && !tree.IsUnknown(path) && _missing.Add(path))
            {
                findings.Add(ValidationRules.E092, path, "The manifest names a file that is not there.");
            }
        }

        foreach (var fact in inventory.Fixity)
        {
            if (!_files.ContainsKey(fact.Path) && !tree.IsUnknown(fact.Path) && _missing.Add($"fixity:{fact.Path}"))
            {
                findings.Add(ValidationRules.E093, fact.Path, "The fixity block names a file that is not there.");
            }
        }
    }

    private void Add(string path, int version)
    {
        if (root is not null && !root.Manifest.ContainsKey(path))
        {
            findings.Add(ValidationRules.E023, path, "The file is not in the manifest.");
            if (_strays++ >= MostStrays)
            {
                return;
            }
        }

        _files.Add(path, version);
    }
}
