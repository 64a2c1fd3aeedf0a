using System.Globalization;
using System.Security.Cryptography;
using DocIngest.Pipeline.Holds;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Disposition;

/// <summary>The register of holds beside the destruction ledger (<c>destruction/holds-3-3fa9c2e1.json</c>: revision, and the beginning of its digest): it goes into every backup with it, and is put back where an older archive was restored.</summary>
/// <remarks>Older copies stay, as all files of the ledger do: a backup that lacks one tells of a loss.</remarks>
/// <param name="data">The data folder.</param>
public sealed class HoldsLedger(IDurableFolder data)
{
    private const string Prefix = "holds-";
    private const string Suffix = ".json";
    private const string Part = ".part";
    private const int DigestCharacters = 16;
    private const int MostBytes = 256 << 20;

    /// <summary>Writes the register as it is now, unless it is there.</summary>
    /// <exception cref="StorageException">It may not be there. Repeat.</exception>
    public async Task WriteAsync(HoldRegister register, CancellationToken cancellation)
    {
        if (register.Copy() is not { } copy)
        {
            return;
        }

        string path = string.Create(CultureInfo.InvariantCulture, $"{DataFolder.Destruction}/{Prefix}{copy.Revision}-{Convert.ToHexStringLower(SHA512.HashData(copy.Content))[..DigestCharacters]}{Suffix}");
        data.CreateFolder(DataFolder.Destruction);
        if (data.Find(path) is null)
        {
            data.Delete(path + Part);
            using (var file = data.Create(path + Part))
            {
                file.Write(copy.Content);
            }

            await data.FlushAsync(cancellation);
            data.Move(path + Part, path);
        }

        await data.FlushAsync(CancellationToken.None);
    }

    /// <summary>Puts the newest copy in place of the archive's register where that is older.</summary>
    /// <returns>Whether it was.</returns>
    public async Task<bool> RestoreAsync(HoldRegister register, CancellationToken cancellation)
    {
        return Copies().MaxBy(copy => copy.Revision) is { Name: { } name } && SmallFile.Read(data, $"{DataFolder.Destruction}/{name}", MostBytes) is { } content
            && await register.RestoreAsync(content, cancellation);
    }

    private IEnumerable<(int Revision, string? Name)> Copies() => data.Find(DataFolder.Destruction) is null ? [] : data.List(DataFolder.Destruction)
        .Select(entry => entry.Name)
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal) && name.IndexOf('-', Prefix.Length) > 0)
        .Select(name => (int.TryParse(name[Prefix.Length..name.IndexOf('-', Prefix.Length)], NumberStyles.None, CultureInfo.InvariantCulture, out int revision) ? revision : 0, (string?)name))
        .Where(copy => copy.Item1 > 0);
}
