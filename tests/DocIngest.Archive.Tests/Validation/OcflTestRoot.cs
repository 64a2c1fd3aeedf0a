namespace DocIngest.Archive.Tests.Validation;

/// <summary>A storage root on a real disk, sound at first, that a test breaks.</summary>
internal sealed class OcflTestRoot
{
    public OcflTestRoot(string path)
    {
        Root = path;
        Write("0=ocfl_1.1", "ocfl_1.1\n");
        OcflTestObject.OneVersion(this["aa/one"], "urn:x:one");
        OcflTestObject.OneVersion(this["bb/two"], "urn:x:two");
    }

    public string Root { get; }

    public string this[string path] => Path.Combine(Root, path);

    public void Write(string path, string text)
    {
        MakeFolder(Path.GetDirectoryName(path) ?? "");
        File.WriteAllText(this[path], text);
    }

    public string MakeFolder(string path) => Directory.CreateDirectory(this[path]).FullName;

    public void Delete(string path)
    {
        if (Directory.Exists(this[path]))
        {
            Directory.Delete(this[path], recursive: true);
        }
        else
        {
            File.Delete(this[path]);
        }
    }

    public void Move(string from, string to) => File.Move(this[from], this[to]);

    /// <summary>Declares a layout, with or without parameters.</summary>
    public void Layout(string extension, string? config = null)
    {
        Write("ocfl_layout.json", $$"""{"extension":"{{extension}}","description":"where objects lie"}""");
        if (config is not null)
        {
            Write($"extensions/{extension}/config.json", config);
        }
    }
}
