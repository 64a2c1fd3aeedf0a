using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>What lies directly in a version directory (OCFL 1.1, 3.3).</summary>
internal sealed class VersionDirectory
{
    // More than one is an error already.
    private const int MostSidecars = 1000;

    private readonly List<string> _sidecars = [];

    private VersionDirectory()
    {
    }

    public IReadOnlyList<string> Sidecars => _sidecars;

    public bool HasInventory { get; private set; }

    public bool HasContent { get; private set; }

    /// <param name="name">The directory.</param>
    /// <param name="contentName">Its content directory.</param>
    /// <param name="isNamed">Whether the inventory names the content directory itself.</param>
    public static VersionDirectory Read(string name, string contentName, bool isNamed, ObjectTree tree, FindingBag findings)
    {
        var directory = new VersionDirectory();
        foreach (var entry in tree.List(name))
        {
            string path = $"{name}/{entry.Name}";
            if (entry.Kind == EntryKind.File)
            {
                directory.AddFile(entry.Name, path, isNamed && entry.Name == contentName, findings);
            }
            else if (entry.Kind == EntryKind.Folder && entry.Name == contentName)
            {
                directory.HasContent = true;
            }
            else if (entry.Kind == EntryKind.Folder)
            {
                findings.Add(ValidationRules.W002, path, "This directory is not the version's content.");
                tree.LookForLinks(path);
            }
        }

        findings.Unless(directory.HasInventory || tree.IsUnknown(name), ValidationRules.W010, name, "The version has no inventory of its own.");
        return directory;
    }

    private void AddFile(string name, string path, bool isContent, FindingBag findings)
    {
        if (name == ArchivePlaces.InventoryFileName)
        {
            HasInventory = true;
        }
        else if (name.StartsWith($"{ArchivePlaces.InventoryFileName}.", StringComparison.Ordinal) && _sidecars.Count < MostSidecars)
        {
            _sidecars.Add(name);
        }
        else
        {
            findings.Unless(!isContent, ValidationRules.E108, path, "The content directory is a file.");
            findings.Add(ValidationRules.E015, path, "This file does not belong into a version directory.");
        }
    }
}
