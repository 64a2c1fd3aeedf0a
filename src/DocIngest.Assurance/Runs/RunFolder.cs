using System.Globalization;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Where a drill restores to: a folder of its own for the owner alone, which is removed afterwards.</summary>
/// <remarks>What a drill that was killed has left is removed by the next one. The caller holds the lock of drills.</remarks>
public sealed class DrillFolder
{
    private const string Content = "content";

    private readonly IDurableFolder _data;

    private DrillFolder(IDurableFolder data, IDurableFolder folder, string path)
    {
        _data = data;
        Files = folder;
        Path = path;
    }

    /// <summary>Its absolute path.</summary>
    internal string Path { get; }

    /// <summary>The same as a folder.</summary>
    internal IDurableFolder Files { get; }

    /// <summary>What is restored comes here.</summary>
    internal string Target => System.IO.Path.Combine(Path, Content, "restored");

    /// <summary>The file of a catalog that is made from it.</summary>
    internal string Catalog => System.IO.Path.Combine(Path, Content, "catalog.db");

    /// <summary>Removes what a drill that was killed has left. For the start of the service, and before records are destroyed: copies of them may lie there.</summary>
    /// <returns>False where a drill is going on: nothing was removed.</returns>
    /// <exception cref="StorageException">It cannot be removed.</exception>
    public static bool TryRemoveLeft(IDurableFolder data, INamedLocks locks)
    {
        using var alone = locks.TryAcquire(RestoreDrill.LockName);
        if (alone is null)
        {
            return false;
        }

        data.DeleteTree(DataFolder.Drill);
        return true;
    }

    /// <summary>Makes it, empty.</summary>
    /// <exception cref="StorageException">What an earlier drill left cannot be removed, or it cannot be made.</exception>
    internal static DrillFolder Make(DrillScene scene, long number)
    {
        scene.Data.DeleteTree(DataFolder.Drill);
        string path = System.IO.Path.Combine(scene.DataPath, DataFolder.Drill, string.Create(CultureInfo.InvariantCulture, $"run-{number}"));
        var files = scene.OpenFolder(path);
        files.CreateFolder(Content);
        return new DrillFolder(scene.Data, files, path);
    }

    /// <summary>Removes what was restored. The lists of the report stay: they have ids alone.</summary>
    /// <returns>Whether it is gone.</returns>
    internal bool Wipe()
    {
        try
        {
            Files.DeleteTree(Content);
            return Files.Find(Content) is null;
        }
        catch (StorageException)
        {
            return false;   // told in the report: records lie there in the clear
        }
    }

    /// <summary>Removes the rest, once the report is filed.</summary>
    internal void Remove()
    {
        try
        {
            _data.DeleteTree(DataFolder.Drill);
        }
        catch (StorageException)
        {
            // Lists of ids, which the next drill removes.
        }
    }
}
