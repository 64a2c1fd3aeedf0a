using System.Security.Cryptography;
using System.Text;
using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>What lies directly in an object root (OCFL 1.1, 3.1).</summary>
internal sealed class ObjectRoot
{
    // Names of one kind beyond this are not kept: an attacker chooses how many there are, and the findings about them end sooner.
    private const int MostNames = 10_000;

    private readonly List<string> _declarations = [];
    private readonly List<string> _sidecars = [];
    private readonly List<VersionName> _versions = [];

    private ObjectRoot()
    {
    }

    public IReadOnlyList<string> Declarations => _declarations;

    /// <summary>Files whose names go on from <c>inventory.json.</c></summary>
    public IReadOnlyList<string> Sidecars => _sidecars;

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<VersionName> Versions => _versions;

    public bool HasInventory { get; private set; }

    /// <summary>What tells whether anything directly in the object root was added, removed or replaced meanwhile.</summary>
    public UInt128 Fingerprint { get; private set; }

    public static ObjectRoot Read(ObjectTree tree, FindingBag findings)
    {
        var root = new ObjectRoot();
        foreach (var entry in tree.List(""))
        {
            root.Fingerprint += PrintOf(entry);   // a sum: the order of a listing means nothing
            if (entry.Kind == EntryKind.File)
            {
                root.AddFile(entry.Name, findings);
            }
            else if (entry.Kind == EntryKind.Folder)
            {
                root.AddFolder(entry.Name, tree, findings);
            }
        }

        root._versions.Sort((left, right) => left.Number.CompareTo(right.Number));
        return root;
    }

    /// <summary>The fingerprint that <see cref="Read"/> would give now.</summary>
    public static UInt128 FingerprintOf(ObjectTree tree) =>
        tree.List("").Aggregate(UInt128.Zero, (print, entry) => print + PrintOf(entry));

    private void AddFile(string name, FindingBag findings)
    {
        if (name == ArchivePlaces.InventoryFileName)
        {
            HasInventory = true;
        }
        else if (name.StartsWith($"{ArchivePlaces.InventoryFileName}.", StringComparison.Ordinal) && _sidecars.Count < MostNames)
        {
            _sidecars.Add(name);
        }
        else if (Declaration.OfObject.IsCandidate(name) && _declarations.Count < MostNames)
        {
            _declarations.Add(name);
        }
        else
        {
            findings.Add(ValidationRules.E001, name, "This file does not belong into an object root.");
        }
    }

    private void AddFolder(string name, ObjectTree tree, FindingBag findings)
    {
        if (VersionName.TryParse(name) is { } version)
        {
            _versions.Add(version);
        }
        else if (name == "extensions")
        {
            LookIntoExtensions(tree, findings);
        }
        else if (name == "logs")
        {
            bool holdsAny = tree.LookForLinks(name);
            findings.Unless(holdsAny || tree.IsUnknown(name), ValidationRules.W012, name, "The directory for logs holds none.");
        }
        else if (tree.FileNames(name).Any(Declaration.OfObject.Declares))
        {
            findings.Add(ValidationRules.E082, name, "Another object lies in this one.");
        }
        else
        {
            findings.Add(ValidationRules.E001, name, "This directory does not belong into an object root.");
        }
    }

    private static void LookIntoExtensions(ObjectTree tree, FindingBag findings)
    {
        foreach (var entry in tree.List("extensions"))
        {
            string path = $"extensions/{entry.Name}";
            if (entry.Kind == EntryKind.Folder)
            {
                findings.Unless(RegisteredExtensions.Contains(entry.Name), ValidationRules.W013, path, "This extension is not registered.");
                tree.LookForLinks(path);
            }
            else if (entry.Kind == EntryKind.File)
            {
                findings.Add(ValidationRules.E067, path, "A file lies directly in the directory for extensions.");
            }
        }
    }

    // Of a directory only which one it is: its time changes when somebody writes a log.
    private static UInt128 PrintOf(FolderEntry entry)
    {
        string text = entry.Kind == EntryKind.Folder
            ? $"{entry.Name}/{entry.Stamp.FileId}"
            : $"{entry.Name}\0{entry.Kind}\0{entry.Stamp.FileId}\0{entry.Stamp.SizeBytes}\0{entry.Stamp.WriteTimeNanoseconds}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.Unicode.GetBytes(text), hash);
        return BitConverter.ToUInt64(hash) + ((UInt128)BitConverter.ToUInt64(hash[8..]) << 64);
    }
}
