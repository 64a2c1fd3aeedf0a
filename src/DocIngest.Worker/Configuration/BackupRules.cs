using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules on the section <c>backup</c>. No message holds what stands in <c>password</c>: it may be one by mistake.</summary>
internal static class BackupRules
{
    private const string Section = "backup";

    /// <summary>Every fault.</summary>
    /// <param name="options">Settings that could not be read have their defaults.</param>
    /// <param name="dataFolder">Absolute.</param>
    public static IEnumerable<ConfigFault> Check(BackupOptions options, string dataFolder) =>
        [.. Repository(options, dataFolder), .. Password(options, dataFolder), .. Paths(options, dataFolder), .. Keep(options.Keep)];

    private static IEnumerable<ConfigFault> Repository(BackupOptions options, string dataFolder) =>
        options.Repository is { Length: > 0 } name ? FaultsOf(name, dataFolder).Select(fault => new ConfigFault($"{Section}.repository", fault)) : [];

    private static IEnumerable<string> FaultsOf(string name, string dataFolder)
    {
        RepositoryLocation location;
        try
        {
            location = RepositoryLocation.Parse(name, dataFolder);
        }
        catch (RepositoryLocationException error)
        {
            return [$"names no repository: {error.Message}"];
        }

        return location switch
        {
            RepositoryLocation.Folder folder => FaultsOfFolder(folder.Path, dataFolder),
            RepositoryLocation.Server { Credentials: not null } => ["holds a password: give it as RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD in the environment"],
            _ => [],
        };
    }

    /// <summary>Why a repository must not be in a folder of this machine, each to be read after its name; by whatever path it is reached.</summary>
    public static IEnumerable<string> FaultsOfFolder(string folder, string dataFolder)
    {
        foreach (string own in DataFolder.Own.Where(own => own != DataFolder.Backup && RealPath.Holds(Path.Combine(dataFolder, own), folder)))
        {
            yield return $"lies in the data folder's own {own}/";
        }

        if (RealPath.Holds(folder, dataFolder))
        {
            yield return "holds the data folder: a repository is a folder of its own";
        }
    }

    private static IEnumerable<ConfigFault> Password(BackupOptions options, string dataFolder)
    {
        if (options.Password is { } text && !PasswordReference.TryParse(text, dataFolder, out _))
        {
            yield return new ConfigFault($"{Section}.password", $"must say where the password is, never the password itself: {PasswordReference.Forms}");
        }
    }

    private static IEnumerable<ConfigFault> Paths(BackupOptions options, string dataFolder)
    {
        string keys = Path.Combine(dataFolder, DataFolder.Keys);
        for (int index = 0; index < options.Paths.Count; index++)
        {
            string path = options.Paths[index];
            if (path.Length == 0 || path.Contains('\0'))
            {
                yield return new ConfigFault($"{Section}.paths[{index}]", "is no path");
            }
            else if (RealPath.Holds(keys, Path.GetFullPath(path, dataFolder)))
            {
                yield return new ConfigFault($"{Section}.paths[{index}]", "lies in keys/: the password of the backups inside the backups opens nothing");
            }
        }
    }

    private static IEnumerable<ConfigFault> Keep(KeepOptions keep)
    {
        if (keep.Within is { } span && !CalendarSpan.TryParse(span, out _))
        {
            yield return new ConfigFault($"{Section}.keep.within", "must be a span of years, months, days and hours, as \"1y5m7d2h\"");
        }
    }
}
