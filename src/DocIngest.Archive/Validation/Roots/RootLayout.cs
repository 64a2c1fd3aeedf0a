using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>The layout that a storage root declares, and whether its objects keep to it, or to any one (OCFL 1.1, 4.2 and 4.3).</summary>
internal sealed class RootLayout
{
    private const int LimitBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly bool _isDeclared;
    private readonly StorageLayout? _layout;

    // Under _gate: the undeclared layouts that objects were found to follow, and at which depths they lie.
    private readonly HashSet<StorageLayout> _followed = [];
    private bool _hasTopLevel;
    private bool _hasHierarchy;

    private RootLayout(bool isDeclared, StorageLayout? layout) => (_isDeclared, _layout) = (isDeclared, layout);

    public static RootLayout Read(bool isDeclared, ObjectTree tree, FindingBag findings)
    {
        if (!isDeclared || tree.ReadWhole(StorageRootFiles.LayoutFileName, LimitBytes, ValidationRules.E070) is not { } content)
        {
            return new RootLayout(isDeclared, layout: null);
        }

        if (ExtensionOf(content) is not { } extension)
        {
            findings.Add(ValidationRules.E070, StorageRootFiles.LayoutFileName, "The file is no JSON object with the texts extension and description.");
            return new RootLayout(isDeclared, layout: null);
        }

        findings.Unless(RegisteredExtensions.Contains(extension), ValidationRules.E071, StorageRootFiles.LayoutFileName, "The layout is no registered extension.");
        return new RootLayout(isDeclared, LayoutParameters.IsKnown(extension) ? ReadParameters(extension, tree, findings) : null);
    }

    /// <summary>Checks where an object lies. May be called from several threads.</summary>
    /// <param name="path">Below the storage root.</param>
    public void Check(string path, string? objectId, FindingBag findings)
    {
        lock (_gate)
        {
            (_hasTopLevel, _hasHierarchy) = path.Contains('/') ? (_hasTopLevel, true) : (true, _hasHierarchy);
        }

        if (objectId is null)
        {
            return;
        }

        if (_layout is not null)
        {
            findings.Unless(_layout.PathOf(objectId) == path, ValidationRules.E083, "", "The object does not lie where the layout puts its id.");
        }
        else if (!_isDeclared && StorageLayout.Undeclared.FirstOrDefault(layout => layout.PathOf(objectId) == path) is { } followed)
        {
            lock (_gate)
            {
                _followed.Add(followed);
            }
        }
    }

    /// <summary>What can only be said after the last object.</summary>
    public void Close(FindingBag findings)
    {
        lock (_gate)
        {
            findings.Unless(_followed.Count < 2, ValidationRules.W014, "", "Objects follow different layouts.");
            findings.Unless(!_hasTopLevel || !_hasHierarchy, ValidationRules.W015, "", "Some objects lie directly in the storage root, others in a hierarchy.");
        }
    }

    private static string? ExtensionOf(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.GetProperty("description").ValueKind == JsonValueKind.String ? json.RootElement.GetProperty("extension").GetString() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;   // whatever it is, it names no layout
        }
    }

    private static StorageLayout? ReadParameters(string extension, ObjectTree tree, FindingBag findings)
    {
        string folder = $"{StorageRootFiles.ExtensionsFolder}/{extension}";
        string path = $"{folder}/config.json";
        bool hasConfig = tree.List(folder).Any(entry => entry is { Name: "config.json", Kind: EntryKind.File });
        if (tree.IsUnknown(folder))
        {
            return null;
        }

        byte[]? config = hasConfig ? tree.ReadWhole(path, LimitBytes, ValidationRules.E071) : null;
        if (hasConfig && config is null)
        {
            return null;
        }

        try
        {
            return LayoutParameters.Read(extension, config);
        }
        catch (FormatException)
        {
            findings.Add(ValidationRules.E071, hasConfig ? path : StorageRootFiles.LayoutFileName, "The layout's parameters are missing or cannot be used.");
            return null;
        }
    }
}
