namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>
/// Where this process' workers write page images while they read them: a folder a worker, removed with it. What a dead process left
/// is removed by the next; a lock file tells the living from the dead.
/// </summary>
internal sealed class ScratchSpace : IDisposable
{
    private const string LockName = "lock";

    private readonly string _folder;
    private readonly FileStream _lock;
    private int _count;

    private ScratchSpace(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
    }

    /// <summary>Makes this process' part of the folder and removes those of dead ones.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static ScratchSpace Open(string parent)
    {
        Directory.CreateDirectory(parent);
        string folder = Path.Combine(parent, Guid.NewGuid().ToString("N"));
        string made = $"{folder}.new";   // nobody sweeps what has no lock file yet
        Directory.CreateDirectory(made);
        var held = new FileStream(Path.Combine(made, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
#pragma warning disable RS0030 // Never durable: what lies here is worth nothing once its document has been read.
        Directory.Move(made, folder);
#pragma warning restore RS0030
        Sweep(parent, folder);
        return new ScratchSpace(folder, held);
    }

    /// <summary>Makes a folder for one worker.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(_folder, Interlocked.Increment(ref _count).ToString(System.Globalization.CultureInfo.InvariantCulture))).FullName;

    /// <summary>Removes a worker's folder. What cannot be removed is left to the next process.</summary>
    public static void Remove(string folder)
    {
        try
        {
#pragma warning disable RS0030 // As above. Links are removed, not followed; a worker may not make any in its cell.
            Directory.Delete(folder, recursive: true);
#pragma warning restore RS0030
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Left to the sweep of the next process: nothing refers to it.
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        Remove(_folder);
    }

    private static void Sweep(string parent, string own)
    {
        foreach (string folder in Directory.GetDirectories(parent).Where(folder => folder != own && !folder.EndsWith(".new", StringComparison.Ordinal)))
        {
            try
            {
                using (new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }

                Remove(folder);
            }
            catch (FileNotFoundException)
            {
                Remove(folder);   // half removed before
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A living process holds it.
            }
        }
    }
}
