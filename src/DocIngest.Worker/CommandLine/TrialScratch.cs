using DocIngest.Pipeline;

namespace DocIngest.Worker.CommandLine;

/// <summary>
/// Where workers write page images while a document is tried: in the data folder, as for ingest; in a folder of this account alone among the temporary
/// files, where there is no data folder yet. A trial makes none.
/// </summary>
internal sealed class TrialScratch : IDisposable
{
    private readonly DirectoryInfo? _temporary;

    private TrialScratch(string folderPath, DirectoryInfo? temporary)
    {
        FolderPath = folderPath;
        _temporary = temporary;
    }

    /// <summary>The folder, absolute.</summary>
    public string FolderPath { get; }

    /// <summary>Finds or makes it.</summary>
    /// <exception cref="IOException">No temporary folder can be made.</exception>
    public static TrialScratch Open(string dataPath)
    {
        if (Directory.Exists(dataPath))
        {
            return new TrialScratch(Path.Combine(dataPath, DataFolder.Scratch), null);
        }

        var made = Directory.CreateTempSubdirectory("docingest-trial-");   // 0700
        return new TrialScratch(made.FullName, made);
    }

    /// <summary>Removes a temporary folder, which the workers' own folders have left before.</summary>
    public void Dispose()
    {
        try
        {
            _temporary?.Delete();
        }
        catch (IOException)
        {
            // A worker that could not be stopped holds a file there: the system clears its temporary folder, and nothing refers to it.
        }
    }
}
