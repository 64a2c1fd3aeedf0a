namespace DocIngest.Archive.Validation;

/// <summary>Compares the inventory of a version with the root's: the past must not have changed (OCFL 1.1, 3.7).</summary>
internal sealed class HistoryCheck(InventoryFacts root, FindingBag findings)
{
    public void Compare(VersionName version, InventoryFacts own)
    {
        string path = own.Path;
        findings.Unless(own.Id is null || root.Id is null || own.Id == root.Id, ValidationRules.E110, path, "The id is not the one in the root inventory.");
        findings.Unless(own.Head is null || own.Head == version.Text, ValidationRules.E040, path, "The head is not this version.");
        findings.Unless(
            own.ContentDirectory == root.ContentDirectory,
            version.Number == 1 ? ValidationRules.E019 : ValidationRules.E020,
            path,
            "The contentDirectory is not the one in the root inventory.");
        findings.Unless(
            version.Text != root.Head || own.BytesDigest == root.BytesDigest, ValidationRules.E064, path, "The root inventory is not this version's, byte for byte.");
        foreach (var told in own.Versions)
        {
            Compare(path, own, told);
        }
    }

    /// <summary>Checks that no version follows an older specification than the one before.</summary>
    /// <param name="specs">The inventories' specifications, first version first, the root last.</param>
    public void CompareSpecs(IEnumerable<(string Path, string? Spec)> specs)
    {
        string newest = "";
        foreach (var (path, spec) in specs)
        {
            if (spec is null)
            {
                continue;
            }

            findings.Unless(!SpecVersion.IsNewer(newest, than: spec), ValidationRules.E103, path, $"OCFL {spec} follows {newest}.");
            newest = SpecVersion.IsNewer(spec, than: newest) ? spec : newest;
        }
    }

    private void Compare(string path, InventoryFacts own, VersionFacts told)
    {
        if (root.Find(told.Name.Number) is not { } current)
        {
            findings.Add(ValidationRules.E066, path, $"The root inventory does not know {told.Name.Text}.");
            return;
        }

        bool isSame = told.State.Count == current.State.Count
            && told.State.All(file => current.State.TryGetValue(file.Key, out string? digest) && IsSameContent(own, file.Value, digest));
        findings.Unless(isSame, ValidationRules.E066, path, $"The inventory tells another state of {told.Name.Text} than the root inventory.");
        findings.Unless(told.About == current.About, ValidationRules.W011, path, $"created, message or user of {told.Name.Text} are not as in the root inventory.");
    }

    // Where the algorithm changed between the two, digests say nothing: the same content is what lies under the same path.
    private bool IsSameContent(InventoryFacts own, string ownDigest, string rootDigest) =>
        own.Algorithm == root.Algorithm
            ? ownDigest == rootDigest
            : own.PathsByDigest[ownDigest].Any(path => root.Manifest.GetValueOrDefault(path) == rootDigest);
}
