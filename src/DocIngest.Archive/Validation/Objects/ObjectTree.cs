using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>
/// What lies below a folder, read so that nothing that happens to it ends the validation: links and devices are findings and
/// never opened, what cannot be read is a finding of the surroundings.
/// </summary>
internal sealed class ObjectTree(IDurableFolder folder, string root, FindingBag findings)
{
    /// <summary>So deep directories are gone into: far beyond any layout, and few enough to hold one listing open a level.</summary>
    public const int DeepestFolder = 500;

    private readonly List<string> _unreadable = [];

    /// <summary>
    /// The entries directly inside a directory, as they come. Whatever is neither a directory nor a file with one name is told as
    /// <see cref="EntryKind.Link"/> or <see cref="EntryKind.Special"/>, and already noted.
    /// </summary>
    public IEnumerable<FolderEntry> List(string path)
    {
        using var entries = folder.List(FolderPath.Join(root, path)).GetEnumerator();
        while (MoveNext(entries, path))
        {
            var entry = entries.Current;
            string child = FolderPath.Join(path, entry.Name);
            switch (entry)
            {
                case { Kind: EntryKind.File, LinkCount: > 1 }:
                    findings.Add(ValidationRules.E090, child, "The file has another name elsewhere (a hard link). It was not read.");
                    yield return entry with { Kind = EntryKind.Link };
                    break;
                case { Kind: EntryKind.Link or EntryKind.Special }:
                    findings.Add(ValidationRules.E090, child, "This is a link or device. It was not followed.");
                    yield return entry;
                    break;
                default:
                    yield return entry;
                    break;
            }
        }
    }

    /// <summary>Whether anything at all could not be read.</summary>
    public bool HasUnknown => _unreadable.Count > 0;

    /// <summary>
    /// The names of the files directly inside a directory, for a first look before it is gone into: links are not noted twice, only
    /// that the directory cannot be read.
    /// </summary>
    public IEnumerable<string> FileNames(string path)
    {
        using var entries = folder.List(FolderPath.Join(root, path)).GetEnumerator();
        while (MoveNext(entries, path))
        {
            if (entries.Current is { Kind: EntryKind.File, LinkCount: 1 })
            {
                yield return entries.Current.Name;
            }
        }
    }

    /// <summary>Whether a path lies in something that could not be read, so that nothing is known about it.</summary>
    public bool IsUnknown(string path) => _unreadable.Exists(folder => folder.Length == 0 || path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal));

    /// <summary>Reads a small file; null, and a finding, where it cannot be read.</summary>
    /// <param name="tooLong">Which rule it breaks to be longer than <paramref name="limitBytes"/>.</param>
    public byte[]? ReadWhole(string path, int limitBytes, ValidationRule tooLong)
    {
        byte[]? content = null;
        Read(path, file =>
        {
            long sizeBytes = file.Length;
            if (sizeBytes > limitBytes)
            {
                findings.Add(tooLong, path, $"The file is longer than {limitBytes:N0} bytes. It was not read.");
                return;
            }

            byte[] buffer = new byte[sizeBytes];
            int read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            content = read == buffer.Length ? buffer : buffer[..read];   // what is appended or cut meanwhile shows in the digest
        });
        return content;
    }

    /// <summary>Reads a file. Notes where it cannot be opened or read.</summary>
    public void Read(string path, Action<Stream> reader)
    {
        try
        {
            using var file = folder.OpenRead(FolderPath.Join(root, path));
            reader(file);
        }
        catch (EntryNotFoundException)
        {
            findings.Add(ValidationRules.E092, path, "The file vanished while the object was validated.");
        }
        catch (RefusedEntryException)
        {
            findings.Add(ValidationRules.E090, path, "This became a link, directory or device while the object was validated. It was not read.");
        }
        catch (StorageUnavailableException error)
        {
            Unreadable(path, error);
        }
    }

    /// <summary>Notes links and devices anywhere below a directory that is not looked at otherwise.</summary>
    /// <returns>Whether it holds anything.</returns>
    public bool LookForLinks(string path)
    {
        bool holdsAny = false;
        var folders = new Stack<(string Path, int Depth)>([(path, 0)]);
        while (folders.TryPop(out var at))
        {
            foreach (var entry in List(at.Path))
            {
                holdsAny = true;
                if (entry.Kind == EntryKind.Folder && MayEnter(FolderPath.Join(at.Path, entry.Name), at.Depth + 1))
                {
                    folders.Push((FolderPath.Join(at.Path, entry.Name), at.Depth + 1));
                }
            }
        }

        return holdsAny;
    }

    /// <summary>Whether a directory is not too deep to be looked at; a finding where it is.</summary>
    public bool MayEnter(string path, int depth)
    {
        if (depth <= DeepestFolder)
        {
            return true;
        }

        findings.Add(ValidationRules.B006, path, $"Directories nest deeper than {DeepestFolder} levels. What lies below was not looked at.");
        return false;
    }

    private bool MoveNext(IEnumerator<FolderEntry> entries, string path)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (EntryNotFoundException)
        {
            return false;   // vanished since its parent was listed: what it should hold is missed by whoever expects it
        }
        catch (RefusedEntryException)
        {
            findings.Add(ValidationRules.E090, path, "This became a link while it was validated. It was not followed.");
            return false;
        }
        catch (StorageUnavailableException error)
        {
            Unreadable(path, error);
            return false;
        }
    }

    private void Unreadable(string path, StorageUnavailableException error)
    {
        _unreadable.Add(path);
        findings.Add(ValidationRules.B004, path, error.Message);
    }
}
