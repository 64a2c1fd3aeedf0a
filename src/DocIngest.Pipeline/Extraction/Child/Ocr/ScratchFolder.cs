namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>The one folder a worker may write in. What lies in it is worth nothing once its document has been read.</summary>
internal sealed class ScratchFolder(string path)
{
    private int _count;

    /// <summary>Absolute.</summary>
    public string FullPath => path;

    /// <summary>A name no file has.</summary>
    public string NewName(string extension) => Path.Combine(path, $"{++_count}.{extension}");

#pragma warning disable RS0030 // Never durable, and of this process alone: IDurableFolder is for what must outlive a crash.
    /// <summary>Writes the lines of a new text file.</summary>
    public string WriteLines(IEnumerable<string> lines)
    {
        string name = NewName("txt");
        File.WriteAllLines(name, lines);
        return name;
    }

    /// <summary>Whether nothing can be written any more: whether it was the disk that failed, or the document, a few bytes more will tell.</summary>
    public bool IsFull()
    {
        try
        {
            Remove(WriteLines(Enumerable.Repeat("a line of a file that nobody reads", 4096)));
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Removes a file; one that is not there is no fault.</summary>
    public static void Remove(string file) => File.Delete(file);
#pragma warning restore RS0030
}
