using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>One look through a drop folder.</summary>
internal sealed class DropFolderScan
{
    // Deeper nesting is a loop or an attack; no scanner makes it.
    private const int MaxDepth = 32;

    private DropFolderScan()
    {
    }

    /// <summary>Files that could be scans, with their relative paths.</summary>
    public List<(string Path, FileStamp Stamp)> Candidates { get; } = [];

    /// <summary>Names set aside by a removal that did not end.</summary>
    public List<(string Path, RecordId Scan)> Aside { get; } = [];

    /// <summary>Sidecars and done files.</summary>
    public Dictionary<string, FileStamp> Companions { get; } = new(StringComparer.Ordinal);

    /// <summary>Links, devices and other entries that are never followed or opened.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>How many files the masks keep out.</summary>
    public long LeftAlone { get; private set; }

    /// <summary>Whether a part of the folder could not be looked at: a subfolder without permission, or nested too deep.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>The sidecar of a candidate, where there is one and the profile has them.</summary>
    public FileStamp? FindSidecar(string path) =>
        Companions.TryGetValue(DropFolder.SidecarPath(path), out var stamp) ? stamp : null;

    /// <summary>Looks through the folder and, where the profile says so, its subfolders.</summary>
    /// <param name="folder">The drop folder.</param>
    /// <param name="isElsewhere">Says of an absolute path that it is no place for scans (feedback folder, data folder).</param>
    /// <exception cref="StorageException">The folder cannot be read; the look counts for nothing.</exception>
    public static DropFolderScan Look(DropFolder folder, Func<string, bool> isElsewhere)
    {
        var scan = new DropFolderScan();
        scan.Descend(folder, "", 0, isElsewhere);
        return scan;
    }

    private void Descend(DropFolder folder, string path, int depth, Func<string, bool> isElsewhere)
    {
        foreach (var entry in folder.Folder.List(path))
        {
            string entryPath = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            switch (entry.Kind)
            {
                case EntryKind.Folder:
                    if (folder.Profile.Subfolders && !folder.IsExcludedFolder(entryPath) && !isElsewhere(folder.Absolute(entryPath)))
                    {
                        DescendIfPossible(folder, entryPath, depth + 1, isElsewhere);
                    }

                    break;
                case EntryKind.File:
                    Sort(folder, entryPath, entry);
                    break;
                default:
                    if (folder.Accepts(entryPath))
                    {
                        Refused.Add(entryPath);
                    }

                    break;
            }
        }
    }

    private void DescendIfPossible(DropFolder folder, string path, int depth, Func<string, bool> isElsewhere)
    {
        if (depth > MaxDepth)
        {
            IsPartial = true;
            return;
        }

        try
        {
            Descend(folder, path, depth, isElsewhere);
        }
        catch (Exception error) when (error is EntryNotFoundException or RefusedEntryException)
        {
            // The subfolder went away, or gave way to a link, between its parent's listing and its own: nothing in it to take in.
        }
        catch (StorageException)
        {
            IsPartial = true;   // one folder without permission must not blind us for the others
        }
    }

    private void Sort(DropFolder folder, string path, FolderEntry entry)
    {
        if (DropFolder.IsAside(entry.Name, out var scan))
        {
            Aside.Add((path, scan));
        }
        else if (folder.Accepts(path))
        {
            Candidates.Add((path, entry.Stamp));
        }
        else if (folder.IsCompanion(entry.Name))
        {
            Companions[path] = entry.Stamp;
        }
        else
        {
            LeftAlone++;
        }
    }
}
