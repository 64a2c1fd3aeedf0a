using System.Globalization;
using DocIngest.Storage;

namespace DocIngest.Assurance.Runs;

/// <summary>Where a run restores to: a folder of its own for the owner alone, which is removed afterwards.</summary>
/// <remarks>What a run that was killed has left is removed by the next one. The caller holds the lock of its kind.</remarks>
public sealed class RunFolder
{
    private const string Content = "content";

    private readonly IDurableFolder _data;
    private readonly string _name;

    private RunFolder(IDurableFolder data, string name, IDurableFolder folder, string path)
    {
        _data = data;
        _name = name;
        Files = folder;
        Path = path;
    }

    /// <summary>Its absolute path.</summary>
    internal string Path { get; }

    /// <summary>The same as a folder.</summary>
    internal IDurableFolder Files { get; }

    /// <summary>What is restored comes here.</summary>
    internal string Target => TargetOf("restored");

    /// <summary>A folder for work, relative to the data folder.</summary>
    internal string WorkPath => $"{_name}/{System.IO.Path.GetFileName(Path)}/{Content}/work";

    /// <summary>Where else something is restored to, under a name of the caller's.</summary>
    internal string TargetOf(string name) => System.IO.Path.Combine(Path, Content, name);

    /// <summary>Removes what was restored under a name.</summary>
    internal void RemoveTarget(string name) => Files.DeleteTree($"{Content}/{name}");

    /// <summary>The file of a catalog that is made from it.</summary>
    internal string Catalog => System.IO.Path.Combine(Path, Content, "catalog.db");

    /// <summary>Removes what drills and verifications that were killed have left. For the start of the service, and before records are destroyed: copies of them may lie there.</summary>
    /// <returns>False where one is going on: of that one nothing was removed.</returns>
    /// <exception cref="StorageException">It cannot be removed.</exception>
    public static bool TryRemoveLeft(IDurableFolder data, INamedLocks locks) =>
        RunKind.All.Aggregate(true, (areGone, kind) => TryRemoveLeft(data, locks, kind) && areGone);   // each is tried

    private static bool TryRemoveLeft(IDurableFolder data, INamedLocks locks, RunKind kind)
    {
        using var alone = locks.TryAcquire(kind.LockName);
        if (alone is null)
        {
            return false;
        }

        data.DeleteTree(kind.Folder);
        return true;
    }

    /// <summary>Makes it, empty.</summary>
    /// <exception cref="StorageException">What an earlier run left cannot be removed, or it cannot be made.</exception>
    internal static RunFolder Make(AssuranceScene scene, RunKind kind, long number)
    {
        scene.Data.DeleteTree(kind.Folder);
        string path = System.IO.Path.Combine(scene.DataPath, kind.Folder, string.Create(CultureInfo.InvariantCulture, $"run-{number}"));
        var files = scene.OpenFolder(path);
        files.CreateFolder(Content);
        return new RunFolder(scene.Data, kind.Folder, files, path);
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
            _data.DeleteTree(_name);
        }
        catch (StorageException)
        {
            // Lists of ids, which the next run removes.
        }
    }
}
