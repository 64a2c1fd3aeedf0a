using System.Text.Json;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>Finds the content files of records by reading the OCFL inventories, with none of the program's own code.</summary>
internal sealed class ArchivedFiles
{
    private readonly Dictionary<(string Id, string Version), Dictionary<string, string>> _files = [];

    public ArchivedFiles(string archive)
    {
        foreach (string declaration in Directory.EnumerateFiles(archive, "0=ocfl_object_*", SearchOption.AllDirectories))
        {
            string folder = Path.GetDirectoryName(declaration)!;   // a file lies in a folder
            using var inventory = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(folder, "inventory.json")));
            var manifest = inventory.RootElement.GetProperty("manifest");
            foreach (var version in inventory.RootElement.GetProperty("versions").EnumerateObject())
            {
                _files[(inventory.RootElement.GetProperty("id").GetString() ?? "", version.Name)] = version.Value.GetProperty("state").EnumerateObject()
                    .SelectMany(digest => digest.Value.EnumerateArray().Select(name => (Name: name.GetString() ?? "", Digest: digest.Name)))
                    .ToDictionary(file => file.Name, file => Path.Combine(folder, manifest.GetProperty(file.Digest)[0].GetString() ?? ""));
            }
        }
    }

    public int Versions => _files.Count;

    /// <summary>The scanner's file in a version; null where there is none.</summary>
    public string? Original(string id, string version) =>
        _files.GetValueOrDefault((id, version))?.FirstOrDefault(file => file.Key.StartsWith("original.", StringComparison.Ordinal)).Value;

    /// <summary>A file of a version by its name; null where there is none.</summary>
    public string? File(string id, string version, string name) => _files.GetValueOrDefault((id, version))?.GetValueOrDefault(name);

    /// <summary>The text of each page.</summary>
    public IReadOnlyList<string> PageTexts(string id, string version)
    {
        using var text = JsonDocument.Parse(System.IO.File.ReadAllBytes(_files[(id, version)]["text.json"]));
        return [.. text.RootElement.GetProperty("pages").EnumerateArray().Select(page => page.GetProperty("text").GetString() ?? "")];
    }
}
