using DocIngest.Storage;

namespace DocIngest.TestKit;

/// <summary>A folder of its own for one test, on a real disk. Deleted on dispose.</summary>
public sealed class TempFolder : IDisposable
{
#pragma warning disable RS0030 // Tests are the one place that may use the system's folder for temporary files.
    private static readonly string SystemFolder = System.IO.Path.GetTempPath();
#pragma warning restore RS0030

    private const string MemoryFolder = "/dev/shm";

    private readonly string _parent;

    /// <param name="inMemory">On a file system in memory where the machine has one: real files, and flushes that cost nothing.</param>
    public TempFolder(bool inMemory = false)
    {
        _parent = inMemory && Directory.Exists(MemoryFolder) ? MemoryFolder : SystemFolder;
        Path = Directory.CreateDirectory(System.IO.Path.Combine(_parent, $"docingest-test-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Absolute path of something below the folder.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Creates a folder below and returns its absolute path.</summary>
    public string Folder(string relative) => Directory.CreateDirectory(this[relative]).FullName;

    /// <summary>Writes a text file below and returns its absolute path.</summary>
    public string File(string relative, string content = "")
    {
        System.IO.File.WriteAllText(this[relative], content);
        return this[relative];
    }

    public void Dispose()
    {
        try
        {
            // Not the framework's own: it cannot delete names that are no UTF-8.
            using var volumes = new LocalVolumes(Durability.File);
            volumes.Open(_parent).DeleteTree(System.IO.Path.GetFileName(Path));
        }
        catch (IOException)
        {
            // A leftover in the system's folder for temporary files harms nobody; failing here would hide the test's own error.
        }
    }
}
