using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>Finds the files that a command names. They are taken at once: whoever names a file vouches that it is whole.</summary>
internal sealed class NamedFiles(IngestEnvironment environment, ProfileOptions profile, bool removesSource, Func<string, bool> isElsewhere)
{
    /// <summary>The files, in ordinal order within each path; what is refused is reported and left out.</summary>
    public IEnumerable<SettledScan> Find(IEnumerable<string> paths, Action<ScanReport> report)
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
                    foreach (var scan in FindIn(new DropFolder(profile, environment.OpenFolder(absolute), absolute), report))
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

    private IEnumerable<SettledScan> FindIn(DropFolder folder, Action<ScanReport> report)
    {
        var look = DropFolderScan.Look(folder, isElsewhere);
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
