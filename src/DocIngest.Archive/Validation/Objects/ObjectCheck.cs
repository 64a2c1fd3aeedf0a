namespace DocIngest.Archive.Validation;

/// <summary>Validates one object as it stands just now (OCFL 1.1, 3).</summary>
internal sealed class ObjectCheck
{
    private readonly ValidationWork _work;
    private readonly string _path;
    private readonly FindingBag _findings;
    private readonly ObjectTree _tree;

    private ObjectCheck(ValidationWork work, string path)
    {
        (_work, _path) = (work, path);
        _findings = new FindingBag(path);
        _tree = new ObjectTree(work.Folder, path, _findings);
    }

    /// <param name="path">The object root.</param>
    public static ObjectResult Run(ValidationWork work, string path) => new ObjectCheck(work, path).Run();

    private ObjectResult Run()
    {
        var root = ObjectRoot.Read(_tree, _findings);
        if (_tree.IsUnknown(""))
        {
            return new ObjectResult(_path, _findings, Id: null, Spec: null, root.Fingerprint, IsUnsettled: false);   // nothing else is known
        }

        string? spec = Declaration.OfObject.Check(root.Declarations, _tree, _findings);
        InventoryFacts? inventory = null;
        if (root.HasInventory)
        {
            inventory = InventoryFiles.Read("", root.Sidecars, ValidationRules.E001, _tree, _findings);
        }
        else
        {
            _findings.Add(ValidationRules.E063, "", "The object has no inventory.");
        }

        if (inventory is not null)
        {
            _findings.Unless(
                spec is null || inventory.Spec is null || inventory.Spec == spec, ValidationRules.E038, inventory.Path,
                $"The type is that of OCFL {inventory.Spec}, and the object declares {spec}.");
            CompareVersions(root.Versions, inventory);
        }

        CheckVersions(root, inventory);
        var print = ObjectRoot.FingerprintOf(new ObjectTree(_work.Folder, _path, new FindingBag(_path)));
        bool isUnsettled = print != root.Fingerprint || print == 0 || IsPerhapsBeingCommitted(root, inventory);   // 0: nothing is there, it vanished
        return new ObjectResult(_path, _findings, inventory?.Id, spec, root.Fingerprint, isUnsettled);
    }

    private void CompareVersions(IReadOnlyList<VersionName> directories, InventoryFacts inventory)
    {
        var onDisk = directories.Select(version => version.Text).ToHashSet(StringComparer.Ordinal);
        var inInventory = inventory.Versions.Select(version => version.Name.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var version in directories.Where(version => !inInventory.Contains(version.Text)))
        {
            _findings.Add(ValidationRules.E046, version.Text, "The inventory does not know this version.");
        }

        foreach (var version in inventory.Versions.Where(version => !onDisk.Contains(version.Name.Text)))
        {
            bool isSpelledOtherwise = directories.Any(directory => directory.Number == version.Name.Number);
            _findings.Add(
                isSpelledOtherwise ? ValidationRules.E014 : ValidationRules.E010, version.Name.Text,
                isSpelledOtherwise ? "The directory of this version is spelled differently." : "This version has no directory.");
        }
    }

    private void CheckVersions(ObjectRoot root, InventoryFacts? inventory)
    {
        string contentName = inventory?.ContentName ?? Inventory.DefaultContentDirectory;
        var content = new ContentListing(inventory, _tree, _findings);
        var directories = new List<(VersionName Name, VersionDirectory Directory)>();
        var withContent = (inventory?.Manifest.Keys ?? Enumerable.Empty<string>()).Select(path => path[..path.IndexOf('/')]).ToHashSet(StringComparer.Ordinal);
        foreach (var version in root.Versions)
        {
            _work.Cancellation.ThrowIfCancellationRequested();
            var directory = VersionDirectory.Read(version.Text, contentName, inventory?.ContentDirectory is not null, _tree, _findings);
            directories.Add((version, directory));
            if (directory.HasContent)
            {
                content.Read(version, $"{version.Text}/{contentName}");
            }
            else if (withContent.Contains(version.Text) && !_tree.IsUnknown(version.Text))
            {
                _findings.Add(ValidationRules.E016, version.Text, "The manifest names content of this version, and there is no content directory.");
            }
        }

        var fixity = new FixityCheck(_work);
        if (inventory is not null)
        {
            content.Compare(inventory, int.MaxValue);
            fixity.Add(inventory, content);
        }

        CheckInventories(directories, inventory, content, fixity);
        if (_work.Options.ChecksFixity)
        {
            fixity.Run(_path, _findings);
        }
    }

    // One after the other, and none kept: each holds the whole history up to its version.
    private void CheckInventories(
        List<(VersionName Name, VersionDirectory Directory)> directories, InventoryFacts? inventory, ContentListing content, FixityCheck fixity)
    {
        var history = inventory is null ? null : new HistoryCheck(inventory, _findings);
        var specs = new List<(string Path, string? Spec)>();
        var ofRoot = _findings.Counts.Keys.ToHashSet();
        foreach (var (version, directory) in directories)
        {
            _work.Cancellation.ThrowIfCancellationRequested();
            if (!directory.HasInventory)
            {
                continue;
            }

            var findings = new FindingBag(_path);
            var own = InventoryFiles.Read(
                version.Text, directory.Sidecars, ValidationRules.E015, new ObjectTree(_work.Folder, _path, findings), findings, same: inventory);
            if (own is not null && own != inventory)
            {
                history?.Compare(version, own);
                content.Compare(own, version.Number);
                fixity.Add(own, content);
            }
            else if (own is not null)
            {
                findings.Unless(own.Head is null || own.Head == version.Text, ValidationRules.E040, $"{version.Text}/{own.Path}", "The head is not this version.");
            }

            specs.Add(($"{version.Text}/{ArchivePlaces.InventoryFileName}", own?.Spec));

            // What the root inventory is warned of as well, every older one is, and it says nothing new.
            _findings.AddAll(findings, rule => rule.Severity == FindingSeverity.Error || !ofRoot.Contains(rule));
        }

        specs.Add((ArchivePlaces.InventoryFileName, inventory?.Spec));
        history?.CompareSpecs(specs);
    }

    // A version that the root inventory does not know yet, or an inventory that is newer than its sidecar: another process publishes
    // a version just now, or a crash cut it short.
    private bool IsPerhapsBeingCommitted(ObjectRoot root, InventoryFacts? inventory) =>
        _findings.Has(ValidationRules.E060)
        || (inventory is { Versions.Count: > 0 } && root.Versions is [.., var last] && last.Number == inventory.Versions[^1].Name.Number + 1);
}

/// <summary>What the validation of one object found.</summary>
/// <param name="Path">The object root.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="Id">Its id, where it could be read.</param>
/// <param name="Spec">The version of OCFL it declares.</param>
/// <param name="Fingerprint">What the object root looked like at the beginning.</param>
/// <param name="IsUnsettled">Whether it changed meanwhile, or looks as if it was just about to: the findings may tell of a state that never was.</param>
internal sealed record ObjectResult(string Path, FindingBag Findings, string? Id, string? Spec, UInt128 Fingerprint, bool IsUnsettled);
