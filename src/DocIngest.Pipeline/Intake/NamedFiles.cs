using System.Runtime.CompilerServices;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>Finds the files that a command names. They are taken at once: whoever names a file vouches that it is whole.</summary>
internal sealed class NamedFiles(
    IngestEnvironment environment, SourceDisposal disposal, ProfileOptions profile, bool removesSource, Func<string, bool> isElsewhere)
{
    /// <summary>The files, in ordinal order within each path; what is refused is reported and left out.</summary>
    public async IAsyncEnumerable<SettledScan> FindAsync(
        IEnumerable<string> paths, Action<ScanReport> report, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (string path in paths)
        {
            string absolute = path.Replace('\\', '/').TrimEnd('/');
            string parent = DropFolder.FolderOf(absolute);
            var folder = new DropFolder(profile, environment.OpenFolder(parent.Length == 0 ? "/" : parent), parent);
            string name = DropFolder.NameOf(absolute);
            switch (folder.Folder.Find(name))
            {
                case { Kind: EntryKind.File } file:
                    yield return Take(folder, name, file.Stamp);
                    break;
                case { Kind: EntryKind.Folder }:
                    var named = new DropFolder(profile, environment.OpenFolder(absolute), absolute);
                    var look = DropFolderScan.Look(named, isElsewhere);
                    foreach (var (aside, scanId) in look.Aside)
                    {
                        await disposal.FinishAsideAsync(named, aside, scanId, cancellation);
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

    private IEnumerable<SettledScan> FindIn(DropFolder folder, DropFolderScan look, Action<ScanReport> report)
    {
        foreach (string refused in look.Refused)
        {
            report(Skipped(folder.Absolute(refused), "A link, pipe or device: it is never followed or read."));
        }

        foreach (var (path, stamp) in look.Candidates.OrderBy(candidate => candidate.Path, StringComparer.Ordinal))
        {
            yield return Take(folder, path, stamp);
        }
    }

    private SettledScan Take(DropFolder folder, string path, FileStamp stamp)
    {
        folder.TryTakeInHand(path);
        return new SettledScan(folder, path, stamp, removesSource);
    }

    private static ScanReport Skipped(string path, string reason) =>
        new(RawName.ToDisplay(path), ScanReport.Skipped, null, null, null, null, null, reason);
}

/// <summary>Where the watchers put what has settled.</summary>
internal interface ISettledScans
{
    /// <summary>Hands a scan on; waits while the pipeline is full.</summary>
    ValueTask AddAsync(SettledScan scan, CancellationToken cancellation);
}
