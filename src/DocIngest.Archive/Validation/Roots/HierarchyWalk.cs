using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>Goes through the hierarchy of a storage root and finds its objects; whatever else lies there is a finding (OCFL 1.1, 4.3).</summary>
/// <remarks>One listing is open a level, and none is held in memory: a flat root has a million directories side by side.</remarks>
internal sealed class HierarchyWalk(ObjectTree tree, FindingBag findings)
{
    // Branches that end without an object are told when it is known whether any other under the same top directory does not.
    private readonly List<string> _deadEnds = [];

    /// <summary>The object roots, as they are found.</summary>
    public IEnumerable<string> ObjectRoots()
    {
        var levels = new Stack<Level>([new Level("", tree.List("").GetEnumerator())]);
        try
        {
            while (levels.TryPeek(out var level))
            {
                if (!level.Entries.MoveNext())
                {
                    levels.Pop().Entries.Dispose();
                    Leave(level, levels.Count);
                    continue;
                }

                var entry = level.Entries.Current;
                string path = FolderPath.Join(level.Path, entry.Name);
                level.IsEmpty = false;
                if (entry.Kind != EntryKind.Folder)
                {
                    Note(entry, path, level);
                    continue;
                }

                if (levels.Count == 1 && entry.Name == StorageRootFiles.ExtensionsFolder)
                {
                    continue;   // never walked into: others have listed what lies there as objects
                }

                level.HasFolders = true;
                switch (KindOf(path))
                {
                    case FolderKind.Object:
                        levels.ToList().ForEach(above => above.HasObjects = true);
                        yield return path;
                        break;
                    case FolderKind.StorageRoot:
                        findings.Add(ValidationRules.E074, path, "Another storage root lies in this one. It was not looked into.");
                        level.HasObjects = true;   // no dead end
                        break;
                    case FolderKind.Unreadable:
                        level.HasObjects = true;   // for all we know
                        break;
                    case FolderKind.Other when tree.MayEnter(path, levels.Count):
                        levels.Push(new Level(path, tree.List(path).GetEnumerator()));
                        break;
                }
            }
        }
        finally
        {
            levels.ToList().ForEach(level => level.Entries.Dispose());
        }
    }

    /// <summary>Whether a file of this name makes its directory an object root. An inventory does too: so an object that lost its declaration is told as that.</summary>
    public static bool IsOfObject(string fileName) => Declaration.OfObject.Declares(fileName) || fileName == ArchivePlaces.InventoryFileName;

    private void Note(FolderEntry entry, string path, Level level)
    {
        if (level.Path.Length > 0 && entry.Kind == EntryKind.File)
        {
            findings.Add(ValidationRules.E072, path, "This file belongs to no object.");
        }
    }

    private void Leave(Level level, int depth)
    {
        if (level.Path.Length == 0 || tree.IsUnknown(level.Path))
        {
            return;
        }

        if (level.IsEmpty)
        {
            findings.Add(ValidationRules.E073, level.Path, "The directory is empty.");
        }
        else if (!level.HasFolders && _deadEnds.Count < FindingBag.MostOfOneRule)
        {
            _deadEnds.Add(level.Path);
        }

        if (depth > 1)
        {
            return;
        }

        if (level.HasObjects)
        {
            _deadEnds.ForEach(path => findings.Add(ValidationRules.E085, path, "The hierarchy ends here without an object."));
        }
        else if (!level.IsEmpty)
        {
            findings.Add(ValidationRules.E088, level.Path, "The directory leads to no object.");
        }

        _deadEnds.Clear();
    }

    // Looked through before it is gone into, since its declaration may be the last of its entries.
    private FolderKind KindOf(string path)
    {
        var kind = FolderKind.Other;
        foreach (string name in tree.FileNames(path))
        {
            if (IsOfObject(name))
            {
                return FolderKind.Object;
            }

            kind = Declaration.OfStorageRoot.Declares(name) ? FolderKind.StorageRoot : kind;
        }

        return tree.IsUnknown(path) ? FolderKind.Unreadable : kind;
    }

    private enum FolderKind
    {
        Object,
        StorageRoot,
        Unreadable,
        Other,
    }

    private sealed class Level(string path, IEnumerator<FolderEntry> entries)
    {
        public string Path => path;

        public IEnumerator<FolderEntry> Entries => entries;

        public bool IsEmpty { get; set; } = true;

        public bool HasFolders { get; set; }

        public bool HasObjects { get; set; }
    }
}
