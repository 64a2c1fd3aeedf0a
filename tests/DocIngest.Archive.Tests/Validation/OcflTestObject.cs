using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>
/// An object on a real disk, sound at first, that a test breaks. Written by hand and not by the archive, which would refuse
/// most of what is to be tried.
/// </summary>
internal sealed class OcflTestObject
{
    public const string DefaultId = "urn:x:1";

    private OcflTestObject(string path) => Root = path;

    /// <summary>The object root.</summary>
    public string Root { get; }

    public static string Sha512Of(string text) => Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>One version with <c>a.txt</c>, which holds <c>a</c>.</summary>
    public static OcflTestObject OneVersion(string path, string id = DefaultId, string spec = "1.1")
    {
        var made = new OcflTestObject(path);
        made.Write($"0=ocfl_object_{spec}", $"ocfl_object_{spec}\n");
        made.Write("v1/content/a.txt", "a");
        made.WriteInventory("v1", Inventory(id, spec, ["a.txt"]));
        made.Copy("v1/inventory.json", "inventory.json");
        made.Copy("v1/inventory.json.sha512", "inventory.json.sha512");
        return made;
    }

    /// <summary>As <see cref="OneVersion"/>, and a second one that adds <c>b.txt</c>, which holds <c>b</c>.</summary>
    public static OcflTestObject TwoVersions(string path)
    {
        var made = OneVersion(path);
        made.Write("v2/content/b.txt", "b");
        made.WriteInventory("v2", Inventory(DefaultId, "1.1", ["a.txt", "b.txt"]));
        made.Copy("v2/inventory.json", "inventory.json");
        made.Copy("v2/inventory.json.sha512", "inventory.json.sha512");
        return made;
    }

    public string this[string path] => Path.Combine(Root, path);

    public void Write(string path, string text)
    {
        MakeFolder(Path.GetDirectoryName(path) ?? "");
        File.WriteAllText(this[path], text);
    }

    public void MakeFolder(string path) => Directory.CreateDirectory(this[path]);

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

    public void Move(string from, string to)
    {
        MakeFolder(Path.GetDirectoryName(to) ?? "");
        Directory.Move(this[from], this[to]);
    }

    public void Copy(string from, string to) => File.Copy(this[from], this[to], overwrite: true);

    /// <summary>Changes the inventory of the root and of the head version, and gives both their sidecars again.</summary>
    public void EditHead(Action<JsonObject> edit)
    {
        string head = Directory.Exists(this["v2"]) ? "v2" : "v1";
        Edit("", edit);
        File.Copy(this["inventory.json"], this[$"{head}/inventory.json"], overwrite: true);
        Seal(head);
    }

    /// <summary>Changes the inventory of one directory, and gives it its sidecar again.</summary>
    public void Edit(string folder, Action<JsonObject> edit)
    {
        var inventory = JsonNode.Parse(File.ReadAllText(this[Path.Combine(folder, "inventory.json")]))!.AsObject();   // written by this class
        edit(inventory);
        WriteInventory(folder, inventory);
    }

    /// <summary>Replaces the text of the inventory of the root and of the only version, and gives both their sidecars again.</summary>
    public void WriteHeadText(string text)
    {
        foreach (string folder in (string[])["", "v1"])
        {
            Write(Path.Combine(folder, "inventory.json"), text);
            Seal(folder);
        }
    }

    public string ReadText(string path) => File.ReadAllText(this[path]);

    /// <summary>Writes the sidecar of an inventory.</summary>
    public void Seal(string folder)
    {
        byte[] inventory = File.ReadAllBytes(this[Path.Combine(folder, "inventory.json")]);
        Write(Path.Combine(folder, "inventory.json.sha512"), $"{Convert.ToHexStringLower(SHA512.HashData(inventory))} inventory.json\n");
    }

    private void WriteInventory(string folder, JsonObject inventory)
    {
        Write(Path.Combine(folder, "inventory.json"), inventory.ToJsonString());
        Seal(folder);
    }

    // Files a.txt, b.txt, …: each holds its letter, and came with the version of its place in the alphabet.
    private static JsonObject Inventory(string id, string spec, string[] files)
    {
        var manifest = new JsonObject();
        var versions = new JsonObject();
        for (int number = 1; number <= files.Length; number++)
        {
            manifest[Sha512Of(files[number - 1][..1])] = new JsonArray($"v{number}/content/{files[number - 1]}");
            var state = new JsonObject();
            foreach (string file in files.Take(number))
            {
                state[Sha512Of(file[..1])] = new JsonArray(file);
            }

            versions[$"v{number}"] = new JsonObject
            {
                ["created"] = $"2026-03-0{number}T05:06:07Z",
                ["message"] = "filed",
                ["user"] = new JsonObject { ["name"] = "DocIngest", ["address"] = "urn:docingest:service:filing" },
                ["state"] = state,
            };
        }

        return new JsonObject
        {
            ["id"] = id,
            ["type"] = $"https://ocfl.io/{spec}/spec/#inventory",
            ["digestAlgorithm"] = "sha512",
            ["head"] = $"v{files.Length}",
            ["manifest"] = manifest,
            ["versions"] = versions,
        };
    }
}
