using System.Globalization;
using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Holds;

/// <summary>The register of holds beside the destruction ledger (<c>destruction/holds-3-3fa9c2e1.json</c>: revision, and the beginning of its digest): it goes into every backup with it, and is put back where an older archive was restored.</summary>
/// <remarks>Older copies stay, as all files of the ledger do: a backup that lacks one tells of a loss.</remarks>
/// <param name="data">The data folder.</param>
internal sealed class HoldsLedger(IDurableFolder data)
{
    private const string Prefix = "holds-";
    private const string Suffix = ".json";
    private const int DigestCharacters = 16;
    private const int MostBytes = 256 << 20;

    /// <summary>Writes a copy, unless it is there.</summary>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    public Task WriteAsync((int Revision, byte[] Content) copy)
    {
        string digest = Convert.ToHexStringLower(SHA512.HashData(copy.Content))[..DigestCharacters];
        string path = string.Create(CultureInfo.InvariantCulture, $"{DataFolder.Destruction}/{Prefix}{copy.Revision}-{digest}{Suffix}");
        return SmallFile.WriteOnceAsync(data, path, copy.Content, CancellationToken.None);
    }

    /// <summary>The revision of the newest copy; 0 where there is none.</summary>
    public int NewestRevision => Copies().Select(copy => copy.Revision).DefaultIfEmpty(0).Max();

    /// <summary>The newest copy; null where there is none.</summary>
    /// <exception cref="DamagedObjectException">It is larger than any register can be.</exception>
    public byte[]? ReadNewest()
    {
        if (Copies().MaxBy(copy => copy.Revision) is not { Name: { } name })
        {
            return null;
        }

        string path = $"{DataFolder.Destruction}/{name}";
        return SmallFile.Read(data, path, MostBytes) ?? throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, path, "The copy of the register of holds is too large, or gone."));
    }

    private IEnumerable<(int Revision, string? Name)> Copies() => data.Find(DataFolder.Destruction) is null ? [] : data.List(DataFolder.Destruction)
        .Select(entry => entry.Name)
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal) && name.IndexOf('-', Prefix.Length) > 0)
        .Select(name => (int.TryParse(name[Prefix.Length..name.IndexOf('-', Prefix.Length)], NumberStyles.None, CultureInfo.InvariantCulture, out int revision) ? revision : 0, (string?)name))
        .Where(copy => copy.Item1 > 0);
}
