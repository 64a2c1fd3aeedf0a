namespace DocIngest.Archive.Validation;

/// <summary>The rules of a storage root over its objects (OCFL 1.1, 4).</summary>
internal sealed class StorageRootRules
{
    private readonly FindingBag _findings = new("");
    private readonly ObjectTree _tree;
    private readonly StorageRootListing _listing;
    private readonly HierarchyWalk _walk;
    private readonly RootLayout _layout;
    private readonly ObjectIds _ids = new();
    private readonly string? _spec;

    // Only the walk sets it.
    private bool _hasObjects;

    public StorageRootRules(ValidationWork work, StorageRootListing listing)
    {
        _listing = listing;
        _tree = new ObjectTree(work.Folder, "", _findings);
        _walk = new HierarchyWalk(_tree, _findings);
        _spec = Declaration.OfStorageRoot.Check(listing.Declarations, _tree, _findings);
        _layout = RootLayout.Read(listing.HasLayout, _tree, _findings);
        if (listing.HasExtensions)
        {
            LookIntoExtensions();
        }
    }

    /// <summary>The object roots, as they are found.</summary>
    public IEnumerable<string> ObjectRoots()
    {
        foreach (string path in _walk.ObjectRoots())
        {
            _hasObjects = true;
            yield return path;
        }
    }

    /// <summary>What a storage root demands of an object. May be called from several threads.</summary>
    public void Check(ObjectResult found)
    {
        _layout.Check(found.Path, found.Id, found.Findings);
        found.Findings.Unless(
            _spec is null || found.Spec is null || !SpecVersion.IsNewer(found.Spec, than: _spec), ValidationRules.E081, "",
            $"The object declares OCFL {found.Spec}, and the storage root {_spec}.");
        if (found.Id is not null)
        {
            _ids.Add(found.Id, found.Path);
        }
    }

    /// <param name="isNeither">Whether this is no storage root, and no object either.</param>
    public FindingBag Close(out bool isNeither)
    {
        isNeither = !_hasObjects && !_listing.IsDeclared && !_tree.HasUnknown;
        if (isNeither)
        {
            return Neither();
        }

        _ids.Close(_findings);
        _layout.Close(_findings);
        return _findings;
    }

    // Somebody's folder: that it holds files which belong to no object says nothing about it.
    private FindingBag Neither()
    {
        var findings = new FindingBag("");
        findings.AddAll(_findings, rule => rule.IsOfSurroundings || (rule.SpecLink is not null && Declaration.OfStorageRoot.Rules.Contains(rule)));
        findings.Add(ValidationRules.E003, "", "Neither a storage root nor an object is declared here.");
        findings.Add(ValidationRules.E063, "", "There is no inventory either.");
        return findings;
    }

    private void LookIntoExtensions()
    {
        foreach (var entry in _tree.List(StorageRootFiles.ExtensionsFolder))
        {
            string path = $"{StorageRootFiles.ExtensionsFolder}/{entry.Name}";
            if (entry.Kind == Storage.EntryKind.Folder)
            {
                _findings.Unless(RegisteredExtensions.Contains(entry.Name), ValidationRules.W016, path, "This extension is not registered.");
                _tree.LookForLinks(path);
            }
            else if (entry.Kind == Storage.EntryKind.File)
            {
                _findings.Add(ValidationRules.E112, path, "A file lies directly in the directory for extensions.");
            }
        }
    }
}
