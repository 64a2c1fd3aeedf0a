namespace DocIngest.Archive;

/// <summary>Re-reads what a version in a blob store consists of.</summary>
internal sealed class BlobObjectVerifier(BlobPlaces places, BlobObjectReader objects)
{
    public async Task<VersionVerification> VerifyAsync(string objectId, VersionNumber version, CancellationToken cancellation)
    {
        try
        {
            return await objects.FindAsync(objectId, cancellation) is { } found && await VerifyAsync(found, version, cancellation) is var verification
                && (verification.Findings.Count == 0 || await objects.FindAsync(objectId, cancellation) is not null)
                ? verification
                : VersionVerification.Nothing(new Finding(FindingCodes.ObjectMissing, "", $"The archive holds no object {objectId}."));   // or no more
        }
        catch (DamagedObjectException damage)
        {
            return VersionVerification.Nothing(damage.Finding);
        }
    }

    private async Task<VersionVerification> VerifyAsync(OcflObject found, VersionNumber version, CancellationToken cancellation)
    {
        if (version.CompareTo(found.Head) > 0)
        {
            return VersionVerification.Beyond(found, version);
        }

        var findings = new List<Finding>();
        if (version == found.Head && await objects.TryReadSidecarAsync($"{found.Path}/{version.Name}", cancellation) != found.InventoryDigest)
        {
            findings.Add(VersionVerification.ForeignHead(found));
        }

        var distinct = found.ListVersion(version).DistinctBy(file => file.ContentPath).ToList();
        long bytesChecked = 0;
        foreach (var file in distinct)
        {
            var (finding, sizeBytes) = await new BlobContent(places).CheckAsync(file.ContentPath, file.Digest, cancellation);
            bytesChecked += sizeBytes;
            if (finding is not null)
            {
                findings.Add(finding);
            }
        }

        return new VersionVerification(distinct.Count, bytesChecked, findings);
    }
}
