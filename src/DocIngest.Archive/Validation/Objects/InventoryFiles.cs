namespace DocIngest.Archive.Validation;

/// <summary>An inventory with its sidecar, in an object root or a version directory (OCFL 1.1, 3.5 to 3.7).</summary>
internal static class InventoryFiles
{
    /// <param name="folder">The directory below the object root; <c>""</c> for the root itself.</param>
    /// <param name="sidecars">The files in it whose names go on from <c>inventory.json.</c></param>
    /// <param name="stray">The rule that a second sidecar breaks there.</param>
    /// <param name="same">An inventory that has been read before: where the bytes are the same it is returned and not read again.</param>
    /// <returns>Null where it cannot be understood at all.</returns>
    public static InventoryFacts? Read(
        string folder, IReadOnlyList<string> sidecars, ValidationRule stray, ObjectTree tree, FindingBag findings, InventoryFacts? same = null)
    {
        string path = FolderPath.Join(folder, ArchivePlaces.InventoryFileName);
        if (tree.ReadWhole(path, InventoryParser.LimitBytes, ValidationRules.B003) is not { } content)
        {
            return null;
        }

        var digest = Sha512Digest.Of(content);
        var facts = same?.BytesDigest == digest ? same : InventoryParser.Read(content, digest, path, findings);
        string? expected = facts?.Algorithm is { } algorithm ? $"{ArchivePlaces.InventoryFileName}.{algorithm.Name}" : null;
        if (sidecars.Count == 0)
        {
            findings.Add(ValidationRules.E058, path, "The inventory has no sidecar.");
        }
        else
        {
            findings.Unless(expected is null || sidecars.Contains(expected), ValidationRules.E059, path, "The sidecar is not named after the digestAlgorithm.");
        }

        foreach (string sidecar in sidecars)
        {
            string sidecarPath = FolderPath.Join(folder, sidecar);
            if (expected is null || sidecar == expected)
            {
                CheckSidecar(sidecarPath, sidecar, content, tree, findings);
            }
            else
            {
                findings.Unless(!sidecars.Contains(expected), stray, sidecarPath, "This is a sidecar of another algorithm than the inventory's.");
            }
        }

        return facts;
    }

    private static void CheckSidecar(string path, string name, byte[] inventory, ObjectTree tree, FindingBag findings)
    {
        if (tree.ReadWhole(path, Sidecar.LimitBytes, ValidationRules.E061) is not { } content)
        {
            return;
        }

        string? digest = Sidecar.FindDigest(content);
        findings.Unless(digest is not null, ValidationRules.E061, path, "The sidecar has not the form DIGEST inventory.json.");
        if (digest is not null && DigestAlgorithm.Named(name[(ArchivePlaces.InventoryFileName.Length + 1)..]) is { } algorithm)
        {
            findings.Unless(algorithm.Of(inventory).Equals(digest, StringComparison.OrdinalIgnoreCase), ValidationRules.E060, path, "The inventory has not the digest that its sidecar holds.");
        }
    }
}
