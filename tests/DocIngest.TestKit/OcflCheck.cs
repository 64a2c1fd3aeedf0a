using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.TestKit;

/// <summary>A rule of OCFL 1.1 (or 1.0) that something breaks.</summary>
public sealed record OcflFinding(string Code, string Path, string Message)
{
    public bool IsError => Code[0] == 'E';

    public override string ToString() => $"{Code} {Path}: {Message}";
}

/// <summary>
/// A second opinion on OCFL: a validator that shares no code with DocIngest.Archive, proven over the official fixtures.
/// Validates all content digests. Knows no BLAKE2 (not in .NET): such fixity blocks are ignored, as E028 allows.
/// </summary>
public static class OcflCheck
{
    /// <summary>Validates a storage root with everything in it.</summary>
    public static IReadOnlyList<OcflFinding> Validate(IDurableFolder folder, string rootPath) =>
        new OcflRootCheck(OcflTree.Of(folder), rootPath).Run();

    /// <inheritdoc cref="Validate(IDurableFolder, string)" />
    public static IReadOnlyList<OcflFinding> Validate(string directory) => new OcflRootCheck(OcflTree.Of(directory), "").Run();

    /// <summary>Validates one object.</summary>
    public static IReadOnlyList<OcflFinding> ValidateObject(IDurableFolder folder, string objectPath) =>
        new OcflObjectCheck(OcflTree.Of(folder), objectPath).Run().Findings;

    /// <inheritdoc cref="ValidateObject(IDurableFolder, string)" />
    public static IReadOnlyList<OcflFinding> ValidateObject(string directory) =>
        new OcflObjectCheck(OcflTree.Of(directory), "").Run().Findings;
}

/// <summary>Validates a storage root (OCFL 1.1, 4).</summary>
internal sealed class OcflRootCheck(OcflTree tree, string root)
{
    private readonly List<OcflFinding> _findings = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string _spec = "1.1";
    private bool _isHashedTuples;

    public IReadOnlyList<OcflFinding> Run()
    {
        var entries = tree.List(root);
        Declaration(entries);
        Layout(entries);
        foreach (var entry in entries)
        {
            if (entry.Kind == OcflEntryKind.Other)
            {
                Add("E090", entry.Name, "link or device");
            }
            else if (entry.IsDirectory && entry.Name == "extensions")
            {
                Extensions();
            }
            else if (entry.IsDirectory)
            {
                Walk(entry.Name);
            }
        }

        return _findings;
    }

    private void Declaration(IReadOnlyList<OcflEntry> entries)
    {
        var found = entries.Where(entry => entry.IsFile && entry.Name.StartsWith("0=", StringComparison.Ordinal)).ToList();
        if (found.Count != 1)
        {
            Add(found.Count == 0 ? "E069" : "E076", "", $"{found.Count} declarations");
            return;
        }

        string value = found[0].Name[2..];
        if (value is not ("ocfl_1.0" or "ocfl_1.1"))
        {
            Add("E078", found[0].Name, "not a declaration of a storage root");
            return;
        }

        _spec = value[5..];
        if (Encoding.UTF8.GetString(tree.Read(At(found[0].Name))) != value + "\n")
        {
            Add("E080", found[0].Name, "content is not the name's value and LF");
        }
    }

    private void Layout(IReadOnlyList<OcflEntry> entries)
    {
        if (!entries.Any(entry => entry.IsFile && entry.Name == "ocfl_layout.json"))
        {
            return;
        }

        try
        {
            using var json = JsonDocument.Parse(tree.Read(At("ocfl_layout.json")));
            string extension = json.RootElement.GetProperty("extension").GetString() ?? "";
            _ = json.RootElement.GetProperty("description").GetString();
            _isHashedTuples = extension == "0004-hashed-n-tuple-storage-layout";
            if (!OcflNames.IsRegisteredExtension(extension))
            {
                Add("E071", "ocfl_layout.json", "unregistered extension");
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Add("E070", "ocfl_layout.json", error.Message);
        }
    }

    private void Extensions()
    {
        foreach (var entry in tree.List(At("extensions")))
        {
            if (!entry.IsDirectory)
            {
                Add("E112", $"extensions/{entry.Name}", "not a directory");
            }
            else if (!OcflNames.IsRegisteredExtension(entry.Name))
            {
                Add("W016", $"extensions/{entry.Name}", "unregistered extension");
            }
        }
    }

    private void Walk(string path)
    {
        var entries = tree.List(At(path));
        if (entries.Count == 0)
        {
            Add("E073", path, "empty directory");
        }

        if (entries.Any(entry => entry.Name.StartsWith("0=ocfl_object_", StringComparison.Ordinal)))
        {
            Object(path);
            return;
        }

        foreach (var entry in entries)
        {
            string child = $"{path}/{entry.Name}";
            if (entry.IsDirectory)
            {
                Walk(child);
            }
            else
            {
                Add(entry.IsFile ? "E072" : "E090", child, "a file that belongs to no object");
            }
        }
    }

    private void Object(string path)
    {
        var (findings, id, spec) = new OcflObjectCheck(tree, At(path)).Run();
        _findings.AddRange(findings);
        if (id is not null && !_ids.Add(id))
        {
            Add("E037", path, "another object has this id");
        }

        if (id is not null && _isHashedTuples && path != HashedTuples(id))
        {
            Add("E083", path, "not where the layout puts this id");
        }

        if (string.CompareOrdinal(spec, _spec) > 0)
        {
            Add("E081", path, "newer specification than the storage root's");
        }
    }

    private static string HashedTuples(string id)
    {
        string hex = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
        return $"{hex[..3]}/{hex[3..6]}/{hex[6..9]}/{hex}";
    }

    private string At(string path) => root.Length == 0 ? path : $"{root}/{path}";

    private void Add(string code, string path, string message) => _findings.Add(new OcflFinding(code, At(path), message));
}
