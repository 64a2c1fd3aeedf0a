using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace DocIngest.TestKit;

/// <summary>Validates one object (OCFL 1.1, 3), content included.</summary>
internal sealed partial class OcflObjectCheck(OcflTree tree, string root)
{
    private readonly List<OcflFinding> _findings = [];

    public (IReadOnlyList<OcflFinding> Findings, string? Id, string? Spec) Run()
    {
        var entries = tree.List(root);
        string? spec = Declaration(entries);
        if (!entries.Any(entry => entry.IsFile && entry.Name == "inventory.json"))
        {
            Add("E063", "", "no inventory");
            return (_findings, null, spec);
        }

        var inventory = Inventory("");
        if (inventory is not null)
        {
            Demand(spec is null || inventory.Spec is null || inventory.Spec == spec, "E038", "", "type is not of the declared specification");
            RootListing(entries, inventory);
            Versions(entries, inventory);
        }

        return (_findings, inventory?.Id, spec);
    }

    private string? Declaration(IReadOnlyList<OcflEntry> entries)
    {
        var found = entries.Where(entry => entry.IsFile && entry.Name.StartsWith("0=ocfl_object_", StringComparison.Ordinal)).ToList();
        if (found.Count != 1)
        {
            Add("E003", "", $"{found.Count} declarations");
            return null;
        }

        string value = found[0].Name[2..];
        Demand(value is "ocfl_object_1.0" or "ocfl_object_1.1", "E006", found[0].Name, "unknown declaration");
        Demand(Encoding.UTF8.GetString(tree.Read(At(found[0].Name))) == value + "\n", "E007", found[0].Name, "content is not the name's value and LF");
        return value["ocfl_object_".Length..];
    }

    private OcflInventory? Inventory(string directory)
    {
        string path = Join(directory, "inventory.json");
        byte[] bytes = tree.Read(At(path));
        var inventory = OcflInventory.Read(bytes, At(path), _findings);
        if (inventory?.Algorithm is { } algorithm)
        {
            CheckSidecar(directory, bytes, algorithm);
        }

        return inventory;
    }

    private void CheckSidecar(string directory, byte[] inventory, string algorithm)
    {
        string path = Join(directory, $"inventory.json.{algorithm}");
        if (!tree.List(At(directory)).Any(entry => entry.IsFile && entry.Name == $"inventory.json.{algorithm}"))
        {
            Add("E058", path, "no sidecar");
            return;
        }

        var match = Sidecar.Match(Encoding.Latin1.GetString(tree.Read(At(path))));
        Demand(match.Success, "E061", path, "sidecar of another shape");
        string actual = Convert.ToHexString(CryptographicOperations.HashData(new HashAlgorithmName(algorithm.ToUpperInvariant()), inventory));
        Demand(!match.Success || actual.Equals(match.Groups["digest"].Value, StringComparison.OrdinalIgnoreCase), "E060", path, "digest differs");
    }

    private void RootListing(IReadOnlyList<OcflEntry> entries, OcflInventory inventory)
    {
        foreach (var entry in entries)
        {
            switch (entry)
            {
                case { Kind: OcflEntryKind.Other }:
                    Add("E090", entry.Name, "link or device");
                    break;
                case { IsFile: true }:
                    bool known = entry.Name == "inventory.json" || entry.Name == $"inventory.json.{inventory.Algorithm}"
                        || entry.Name.StartsWith("0=ocfl_object_", StringComparison.Ordinal);
                    Demand(known, inventory.Algorithm is null ? "E025" : "E001", entry.Name, "file that does not belong here");
                    break;
                case { Name: "extensions" }:
                    Extensions();
                    break;
                default:
                    Demand(entry.Name == "logs" || OcflNames.VersionNumber(entry.Name) is not null, "E001", entry.Name, "directory that does not belong here");
                    break;
            }
        }
    }

    private void Extensions()
    {
        foreach (var entry in tree.List(At("extensions")))
        {
            Demand(entry.IsDirectory, "E067", $"extensions/{entry.Name}", "not a directory");
            Demand(!entry.IsDirectory || OcflNames.IsRegisteredExtension(entry.Name), "W013", $"extensions/{entry.Name}", "unregistered extension");
        }
    }

    private void Versions(IReadOnlyList<OcflEntry> entries, OcflInventory inventory)
    {
        var onDisk = entries.Where(entry => entry.IsDirectory && OcflNames.VersionNumber(entry.Name) is not null).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var inInventory = inventory.Versions.Select(version => version.Name).ToHashSet(StringComparer.Ordinal);
        onDisk.Except(inInventory).ToList().ForEach(name => Add("E046", name, "the inventory does not know this version"));
        inInventory.Except(onDisk).ToList().ForEach(name => Add("E010", name, "no directory for this version"));
        Demand(inInventory.Select(name => name[1] == '0').Distinct().Count() < 2, "E013", "", "padded and unpadded versions");

        var content = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var inventories = new Dictionary<string, OcflInventory>(StringComparer.Ordinal) { [""] = inventory };
        foreach (string name in onDisk)
        {
            content[name] = [];
            if (VersionDirectory(name, inventory, content[name]) is { } own)
            {
                inventories[name] = own;
            }
        }

        CrossCheck(inventory, inventories);
        var actual = content.Values.SelectMany(files => files).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, each) in inventories)
        {
            int upTo = OcflNames.VersionNumber(name) ?? int.MaxValue;
            var expected = content.Where(version => OcflNames.VersionNumber(version.Key) <= upTo).SelectMany(version => version.Value);
            expected.Where(file => !each.Manifest.ContainsKey(file)).ToList().ForEach(file => Add("E023", file, $"not in the manifest of '{name}'"));
            each.Manifest.Keys.Where(file => !actual.Contains(file)).ToList().ForEach(file => Add("E092", file, "missing"));
            each.Fixity.Where(entry => !actual.Contains(entry.Path)).ToList().ForEach(entry => Add("E093", entry.Path, "missing"));
        }

        Digests(actual, inventories.Values);
    }

    private OcflInventory? VersionDirectory(string name, OcflInventory inventory, List<string> content)
    {
        OcflInventory? own = null;
        var entries = tree.List(At(name));
        if (entries.Any(entry => entry.IsFile && entry.Name == "inventory.json"))
        {
            own = Inventory(name);
        }
        else
        {
            Add("W010", name, "no inventory");
        }

        foreach (var entry in entries)
        {
            string path = $"{name}/{entry.Name}";
            if (entry.IsDirectory && entry.Name == inventory.ContentName)
            {
                Collect(path, content);
                Demand(content.Count > 0, "W003", path, "empty content directory");
            }
            else if (entry.IsDirectory)
            {
                Add("W002", path, "extra directory");
            }
            else
            {
                Demand(entry.IsFile, "E090", path, "link or device");
                Demand(entry.Name is "inventory.json" or "inventory.json.sha512" or "inventory.json.sha256", "E015", path, "stray file");
            }
        }

        return own;
    }

    private void Collect(string directory, List<string> files)
    {
        foreach (var entry in tree.List(At(directory)))
        {
            string path = $"{directory}/{entry.Name}";
            if (entry.IsDirectory)
            {
                int before = files.Count;
                Collect(path, files);
                Demand(files.Count > before, "E024", path, "empty directory");
            }
            else
            {
                Demand(entry.IsFile, "E090", path, "link or device");
                files.Add(path);
            }
        }
    }

    private void CrossCheck(OcflInventory inventory, Dictionary<string, OcflInventory> inventories)
    {
        string newer = inventory.Spec ?? "1.1";
        foreach (var version in inventory.Versions.AsEnumerable().Reverse())
        {
            if (!inventories.TryGetValue(version.Name, out var own))
            {
                continue;
            }

            if (version.Name == inventory.Head)
            {
                Demand(own.Bytes.AsSpan().SequenceEqual(inventory.Bytes), "E064", version.Name, "not the root inventory");
            }

            Demand(own.Id is null || inventory.Id is null || own.Id == inventory.Id, "E037", version.Name, "another id");
            Demand(own.Head is null || own.Head == version.Name, "E040", version.Name, "head of another version");
            Demand(own.ContentDirectory == inventory.ContentDirectory, version.Number == 1 ? "E019" : "E020", version.Name, "another content directory");
            Demand(own.Spec is null || string.CompareOrdinal(own.Spec, newer) <= 0, "E103", version.Name, "newer specification than later versions");
            newer = own.Spec ?? newer;
            foreach (var told in own.Versions)
            {
                CompareVersion(version.Name, inventory, own, told);
            }
        }
    }

    private void CompareVersion(string where, OcflInventory inventory, OcflInventory own, OcflVersion told)
    {
        if (inventory.Versions.Find(version => version.Number == told.Number) is not { } current)
        {
            Add("E066", where, $"{told.Name} is unknown to the root inventory");
            return;
        }

        bool same = told.State.Count == current.State.Count
            && told.State.All(file => current.State.TryGetValue(file.Key, out string? digest) && SameContent(own, file.Value, inventory, digest));
        Demand(same, "E066", where, $"another state of {told.Name}");
        Demand(told.About == current.About, "W011", where, $"another description of {told.Name}");
    }

    private static bool SameContent(OcflInventory left, string leftDigest, OcflInventory right, string rightDigest) =>
        left.Algorithm == right.Algorithm
            ? leftDigest == rightDigest
            : PathsOf(left, leftDigest).Intersect(PathsOf(right, rightDigest)).Any();

    private static IEnumerable<string> PathsOf(OcflInventory inventory, string digest) =>
        inventory.Manifest.Where(entry => entry.Value == digest).Select(entry => entry.Key);

    private void Digests(IEnumerable<string> files, IEnumerable<OcflInventory> inventories)
    {
        var promises = inventories
            .SelectMany(inventory => inventory.Manifest.Select(entry => (Code: "E092", Algorithm: inventory.Algorithm ?? "", Digest: entry.Value, Path: entry.Key))
                .Concat(inventory.Fixity.Select(entry => (Code: "E093", entry.Algorithm, entry.Digest, entry.Path))))
            .Where(promise => promise.Algorithm is "md5" or "sha1" or "sha256" or "sha512")
            .Distinct()
            .ToLookup(promise => promise.Path);
        foreach (string file in files)
        {
            var actual = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var promise in promises[file])
            {
                if (!actual.TryGetValue(promise.Algorithm, out string? digest))
                {
                    using var content = tree.Open(At(file));
                    digest = Convert.ToHexStringLower(CryptographicOperations.HashData(new HashAlgorithmName(promise.Algorithm.ToUpperInvariant()), content));
                    actual[promise.Algorithm] = digest;
                }

                Demand(digest == promise.Digest, promise.Code, file, $"does not match its {promise.Algorithm}");
            }
        }
    }

    private string At(string path) => Join(root, path);

    private static string Join(string directory, string name) =>
        directory.Length == 0 ? name : name.Length == 0 ? directory : $"{directory}/{name}";

    private void Demand(bool holds, string code, string path, string message)
    {
        if (!holds)
        {
            Add(code, path, message);
        }
    }

    private void Add(string code, string path, string message) => _findings.Add(new OcflFinding(code, At(path), message));

    [GeneratedRegex(@"^\s*(?<digest>[0-9a-fA-F]+)[ \t]+inventory\.json\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sidecar { get; }
}
