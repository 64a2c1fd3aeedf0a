using System.Runtime.CompilerServices;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>Finds the files that a command names. They are taken at once: whoever names a file vouches that it is whole.</summary>
internal sealed class NamedFiles(
    IngestEnvironment environment, SourceDisposal disposal, ProfileOptions profile, bool removesSource, Func<string, bool> isElsewhere)
{
    /// <summary>The files, those of a folder as they were written; what is refused is reported and left out.</summary>
    public async IAsyncEnumerable<SettledScan> FindAsync(
        IEnumerable<string> paths, Action<ScanReport> report, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (string path in paths)
        {
            string absolute = DropFolder.Slashed(path);
            if (isElsewhere(absolute))
            {
                report(Skipped(absolute, "It lies in the program's own folders."));   // taking the archive into itself would eat it
                continue;
            }

            string parent = DropFolder.FolderOf(absolute);
            var folder = new DropFolder(profile, environment.OpenFolder(parent), parent);
            string name = DropFolder.NameOf(absolute);
            switch (Find(folder, name))
            {
                case { Kind: EntryKind.File } file:
                    yield return Take(folder, name, file.Stamp);
                    break;
                case { Kind: EntryKind.Folder }:
                    var named = new DropFolder(profile, environment.OpenFolder(absolute), absolute);
                    if (Look(named) is not { } look)
                    {
                        report(Failed(absolute, "The folder cannot be read."));
                        break;
                    }

                    foreach (var (aside, scanId) in look.Aside)
                    {
                        await disposal.FinishAsideAsync(named, aside, scanId, cancellation);
                    }

                    if (look.IsPartial)
                    {
                        report(Failed(absolute, "A subfolder cannot be read, or folders are nested too deep."));
                    }

                    foreach (var scan in FindIn(named, look, report))
                    {
                        yield return scan;
                    }

                    break;
                case null:
                    report(Skipped(absolute, "There is no such file."));
                    break;
                default:
                    report(Skipped(absolute, "A link, pipe or device: it is never followed or read."));
                    break;
            }
        }
    }

    private static FolderEntry? Find(DropFolder folder, string name)
    {
        try
        {
            return folder.Folder.Find(name);
        }
        catch (StorageException)
        {
            return null;   // its folder is not there, or not to be entered
        }
    }

    private DropFolderScan? Look(DropFolder folder)
    {
        try
        {
            return DropFolderScan.Look(folder, isElsewhere);
        }
        catch (StorageException)
        {
            return null;
        }
    }

    private IEnumerable<SettledScan> FindIn(DropFolder folder, DropFolderScan look, Action<ScanReport> report)
    {
        foreach (string refused in look.Refused)
        {
            report(Skipped(folder.Absolute(refused), "A link, pipe or device: it is never followed or read."));
        }

        foreach (var (path, stamp) in look.Candidates.OrderBy(candidate => candidate.Stamp.WriteTimeNanoseconds).ThenBy(candidate => candidate.Path, StringComparer.Ordinal))
        {
            yield return Take(folder, path, stamp);
        }
    }

    private SettledScan Take(DropFolder folder, string path, FileStamp stamp)
    {
        folder.TryTakeInHand(path);
        return new SettledScan(folder, path, stamp, removesSource);
    }

    private static ScanReport Failed(string path, string reason) =>
        new(RawName.ToDisplay(path), ScanOutcome.Failed.ToWord(), null, null, null, null, null, reason);

    private static ScanReport Skipped(string path, string reason) =>
        new(RawName.ToDisplay(path), ScanReport.Skipped, null, null, null, null, null, reason);
}

/// <summary>Where the watchers put what has settled.</summary>
internal interface ISettledScans
{
    /// <summary>Hands a scan on; waits while the pipeline is full.</summary>
    ValueTask AddAsync(SettledScan scan, CancellationToken cancellation);
}
