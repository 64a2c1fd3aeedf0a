using System.Globalization;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Where a drill restores to: a folder of its own for the owner alone, which is removed afterwards.</summary>
/// <remarks>What a drill that was killed has left is removed by the next one. The caller holds the lock of drills.</remarks>
internal sealed class DrillFolder
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
    public string Path { get; }

    /// <summary>The same as a folder.</summary>
    public IDurableFolder Files { get; }

    /// <summary>What is restored comes here.</summary>
    public string Target => System.IO.Path.Combine(Path, Content, "restored");

    /// <summary>The file of a catalog that is made from it.</summary>
    public string Catalog => System.IO.Path.Combine(Path, Content, "catalog.db");

    /// <summary>Makes it, empty.</summary>
    /// <exception cref="StorageException">What an earlier drill left cannot be removed, or it cannot be made.</exception>
    public static DrillFolder Make(DrillScene scene, long number)
    {
        scene.Data.DeleteTree(DataFolder.Drill);
        string path = System.IO.Path.Combine(scene.DataPath, DataFolder.Drill, string.Create(CultureInfo.InvariantCulture, $"run-{number}"));
        var files = scene.OpenFolder(path);
        files.CreateFolder(Content);
        return new DrillFolder(scene.Data, files, path);
    }

    /// <summary>Removes what was restored. The lists of the report stay: they have ids alone.</summary>
    /// <returns>Whether it is gone.</returns>
    public bool Wipe()
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
    public void Remove()
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
