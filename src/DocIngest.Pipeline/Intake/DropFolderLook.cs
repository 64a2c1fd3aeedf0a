using System.Data.Common;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>What lies in the drop folder of a profile; for people, beside the ledger, which knows of a file only once it is claimed.</summary>
/// <param name="Profile">Name of the profile.</param>
/// <param name="Folder">Its drop folder, absolute.</param>
/// <param name="Waiting">Files that are to be taken in and are not claimed yet.</param>
/// <param name="OldestSince">When the oldest of them was last written; null where none waits.</param>
/// <param name="LeftAlone">Files that the masks of the profile keep out: they stay where they are for ever.</param>
/// <param name="Problem">Why the folder could not be looked at, or only in part; null where it could.</param>
public sealed record DropFolderState(string Profile, string Folder, long Waiting, DateTimeOffset? OldestSince, long LeftAlone, string? Problem);

/// <summary>A look through one drop folder. Nothing in it is changed or opened.</summary>
public sealed class DropFolderLook
{
    private readonly DropFolder _folder;
    private readonly DropFolderScan? _scan;
    private readonly string? _problem;

    private DropFolderLook(DropFolder folder, DropFolderScan? scan, string? problem)
    {
        _folder = folder;
        _scan = scan;
        _problem = problem;
    }

    /// <summary>Looks through all drop folders. Ask for their <see cref="State"/> later: a file claimed meanwhile is then counted once.</summary>
    /// <param name="options">The admin's settings.</param>
    /// <param name="dataPath">The data folder, absolute, with <c>/</c>, without one at its end.</param>
    /// <param name="openFolder">Opens a folder by its absolute path.</param>
    public static IReadOnlyList<DropFolderLook> All(IngestOptions options, string dataPath, Func<string, IDurableFolder> openFolder)
    {
        var folders = new IntakeFolders(options, dataPath, openFolder);
        return [.. folders.Drop.Select(folder => LookInto(folders, folder))];
    }

    /// <summary>What the ledger does not know of what was seen.</summary>
    public DropFolderState State(DbConnection ledger)
    {
        long waiting = 0;
        long oldest = long.MaxValue;
        foreach (var (path, stamp) in _scan?.Candidates ?? [])
        {
            string source = _folder.Absolute(path);
            if (!ScanTable.IsClaimed(ledger, source) && ScanTable.FindFiled(ledger, source, stamp).Count == 0)
            {
                waiting++;
                oldest = Math.Min(oldest, stamp.WriteTimeNanoseconds);
            }
        }

        return new DropFolderState(
            _folder.Profile.Name, _folder.AbsolutePath, waiting,
            waiting == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(oldest / TimeSpan.NanosecondsPerTick), _scan?.LeftAlone ?? 0, _problem);
    }

    private static DropFolderLook LookInto(IntakeFolders folders, DropFolder folder)
    {
        try
        {
            if (folders.IsOwn(folder) && !folders.IsMade(folder))
            {
                return new DropFolderLook(folder, null, null);   // 'run' makes it: until then nothing can wait in it
            }

            FolderPresence.Demand(folder);
            var scan = DropFolderScan.Look(folder, folders.IsElsewhereOrAnothers);
            return new DropFolderLook(folder, scan, scan.IsPartial ? "Some of its subfolders cannot be read." : null);
        }
        catch (StorageException error)
        {
            return new DropFolderLook(folder, null, error.Message);
        }
    }
}
