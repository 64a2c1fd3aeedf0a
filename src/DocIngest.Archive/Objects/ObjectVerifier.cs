namespace DocIngest.Archive;

/// <summary>What the re-reading of one version found.</summary>
/// <param name="FilesChecked">Content files read to their end. Zero is no proof of anything.</param>
/// <param name="BytesChecked">Bytes of content read.</param>
/// <param name="Findings">Everything that is wrong.</param>
public sealed record VersionVerification(int FilesChecked, long BytesChecked, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether something was checked and nothing was wrong.</summary>
    public bool IsSound => FilesChecked > 0 && Findings.Count == 0;

    internal static VersionVerification Nothing(Finding finding) => new(0, 0, [finding]);

    internal static VersionVerification Beyond(OcflObject found, VersionNumber version) =>
        Nothing(new Finding(FindingCodes.VersionMissing, found.Path, $"Object {found.Id} ends at {found.Head}; there is no {version}."));

    internal static Finding ForeignHead(OcflObject found) =>
        new("E064", $"{found.Path}/{found.Head.Name}", "The version's own inventory is not the root's.");
}

/// <summary>Re-reads what a version consists of.</summary>
internal sealed class ObjectVerifier(ObjectReader objects, ContentReader contents)
{
    public VersionVerification Verify(string objectId, VersionNumber version, CancellationToken cancellation)
    {
        try
        {
            return objects.Find(objectId) is { } found && Verify(found, version, cancellation) is { } verification
                && (verification.Findings.Count == 0 || objects.Find(objectId) is not null)
                ? verification
                : VersionVerification.Nothing(new Finding(FindingCodes.ObjectMissing, "", $"The archive holds no object {objectId}."));   // or no more
        }
        catch (DamagedObjectException damage)
        {
            return VersionVerification.Nothing(damage.Finding);
        }
    }

    private VersionVerification Verify(OcflObject found, VersionNumber version, CancellationToken cancellation)
    {
        if (version.CompareTo(found.Head) > 0)
        {
            return VersionVerification.Beyond(found, version);
        }

        var findings = new List<Finding>();
        if (version == found.Head && objects.TryReadSidecar($"{found.Path}/{version.Name}") != found.InventoryDigest)
        {
            findings.Add(VersionVerification.ForeignHead(found));
        }

        var distinct = found.ListVersion(version).DistinctBy(file => file.ContentPath).ToList();
        long bytesChecked = 0;
        foreach (var file in distinct)
        {
            var (finding, sizeBytes) = contents.Check(file.ContentPath, file.Digest, cancellation);
            bytesChecked += sizeBytes;
            if (finding is not null)
            {
                findings.Add(finding);
            }
        }

        return new VersionVerification(distinct.Count, bytesChecked, findings);
    }
}
