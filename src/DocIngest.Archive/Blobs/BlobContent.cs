namespace DocIngest.Archive;

/// <summary>Re-reads content in a blob store.</summary>
internal sealed class BlobContent(BlobPlaces places)
{
    /// <summary>Reads a content file to its end and compares.</summary>
    /// <returns>What is wrong, or null; and the bytes read.</returns>
    public async Task<(Finding? Finding, long SizeBytes)> CheckAsync(string name, Sha512Digest expected, CancellationToken cancellation)
    {
        try
        {
            await using var content = new VerifyingStream(await places.OpenContentAsync(name, cancellation), name, expected);
            await content.CopyToAsync(Stream.Null, cancellation);
            return (null, content.Position);
        }
        catch (DamagedObjectException damage)
        {
            return (damage.Finding, 0);
        }
        catch (FixityException)
        {
            return (new Finding("E092", name, "The content does not match its SHA-512 digest."), 0);
        }
    }

    /// <summary>Whether a blob is there with this content.</summary>
    public async Task<bool> HoldsAsync(string name, Sha512Digest expected, CancellationToken cancellation) =>
        (await CheckAsync(name, expected, cancellation)).Finding is null;
}
