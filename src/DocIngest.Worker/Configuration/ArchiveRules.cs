using DocIngest.Backup.Stores;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules on the section <c>archive</c>.</summary>
internal static class ArchiveRules
{
    private const string Setting = "archive.store";

    // The owner's blob lies beside the storage root, and is named after it: as a blob store carries names unchanged.
    private const string NameSigns = "._=-";

    /// <summary>Every fault.</summary>
    /// <param name="options">Settings that could not be read have their defaults.</param>
    /// <param name="dataFolder">Absolute.</param>
    public static IEnumerable<ConfigFault> Check(DocIngestOptions options, string dataFolder) =>
        options.Archive.Store is { Length: > 0 } name ? FaultsOf(name, options.Backup, dataFolder).Select(fault => new ConfigFault(Setting, fault))
        : options.Archive.Immutability is not null ? [new ConfigFault("archive.immutability", "needs an archive in Azure (archive.store): a folder on a disk has nothing of the kind")]
        : [];

    private static IEnumerable<string> FaultsOf(string name, BackupOptions backup, string dataFolder)
    {
        if (TryParse(name, dataFolder) is not RepositoryLocation.Container archive)
        {
            yield return "must be azure:CONTAINER:/PREFIX; without it, the archive is the folder archive/ in the data folder";
            yield break;
        }

        string last = archive.Prefix[(archive.Prefix.LastIndexOf('/') + 1)..];
        if (last.Length == 0)
        {
            yield return "names a whole container: what tells whose the archive is lies beside it, so name a prefix in it";
        }
        else if (!last.All(c => char.IsAsciiLetterOrDigit(c) || NameSigns.Contains(c)))
        {
            yield return "has a prefix whose last part holds something else than letters, digits and . _ = -";
        }

        if (backup.Repository is { Length: > 0 } other && TryParse(other, dataFolder) is RepositoryLocation.Container repository
            && repository.Name == archive.Name && (Lies(repository.Prefix, archive.Prefix) || Lies(archive.Prefix, repository.Prefix)))
        {
            yield return "overlaps backup.repository: each is a place of its own";
        }
    }

    private static RepositoryLocation? TryParse(string name, string dataFolder)
    {
        try
        {
            return RepositoryLocation.Parse(name, dataFolder);
        }
        catch (RepositoryLocationException)
        {
            return null;
        }
    }

    private static bool Lies(string outer, string inner) => outer.Length == 0 || $"{inner}/".StartsWith($"{outer}/", StringComparison.Ordinal);
}
