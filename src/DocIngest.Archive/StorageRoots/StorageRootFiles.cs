using System.Text;
using System.Text.Json;

namespace DocIngest.Archive;

/// <summary>The files of a storage root that belong to no object, as we write and as we accept them (OCFL 1.1, 4.1, 4.2).</summary>
internal static class StorageRootFiles
{
    public const string DeclarationFileName = "0=ocfl_1.1";
    public const string LayoutFileName = "ocfl_layout.json";
    public const string ReadmeFileName = "README.txt";
    public const string ExtensionsFolder = "extensions";
    public const string ConfigFolder = $"{ExtensionsFolder}/{HashedNTupleLayout.ExtensionName}";
    public const string ConfigPath = $"{ConfigFolder}/config.json";
    public const int LimitBytes = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private const string LayoutJson = $$"""
        {
          "extension": "{{HashedNTupleLayout.ExtensionName}}",
          "description": "SHA-256 of the object id in hexadecimal: three folders of three digits, then a folder named by the whole digest"
        }

        """;

    private const string ConfigJson = $$"""
        {
          "extensionName": "{{HashedNTupleLayout.ExtensionName}}",
          "digestAlgorithm": "sha256",
          "tupleSize": 3,
          "numberOfTuples": 3,
          "shortObjectRoot": false
        }

        """;

    private const string ReadmeText = """
        HOW TO READ THIS ARCHIVE WITHOUT THE PROGRAM THAT WROTE IT

        This folder follows the Oxford Common File Layout, version 1.1 (https://ocfl.io/1.1/spec/). A JSON viewer and
        sha512sum are enough. Each record is one folder (an "object") that holds a file 0=ocfl_object_1.1.

        Find a record by its id (urn:uuid:...): take the SHA-256 of the id, in hexadecimal. The record lies in
        <digits 1-3>/<digits 4-6>/<digits 7-9>/<all 64 digits>:        printf %s 'urn:uuid:...' | sha256sum

        Read a record: open its inventory.json.
          "head"       the newest version, for example v2
          "versions"   every version: when, by whom, why, and its "state": SHA-512 digest -> names of files
          "manifest"   SHA-512 digest -> where those bytes lie, below the record's folder
        So: pick a version, find the file's name in its state, look up that digest in the manifest, open the path.
        In a record, original.* is the scan as it came (original-1.* and original-2.*: fronts and backs), record.json what is known about it, text.json its text.

        Check a record, inside its folder:
          sha512sum -c inventory.json.sha512                       the inventory is whole
          sha512sum v1/content/original.pdf                        must be the digest in the manifest

        Nothing in here is ever changed: a correction is a new version. Do not add, rename or delete files.

        """;

    /// <summary>What a new root gets, in the order it is put in place: the declaration, which makes it a root, comes last.</summary>
    public static IReadOnlyList<(string Path, byte[] Content)> All { get; } =
    [
        (ConfigPath, Encoding.UTF8.GetBytes(ConfigJson)),
        (LayoutFileName, Encoding.UTF8.GetBytes(LayoutJson)),
        (ReadmeFileName, Encoding.UTF8.GetBytes(ReadmeText)),
        (DeclarationFileName, "ocfl_1.1\n"u8.ToArray()),
    ];

    public static bool IsDeclaration(ReadOnlySpan<byte> content) => content.SequenceEqual("ocfl_1.1\n"u8);

    /// <summary>Whether <c>ocfl_layout.json</c> names our layout.</summary>
    public static bool IsOurLayout(byte[] content) =>
        Reads(content, json => json.GetProperty("extension").GetString() == HashedNTupleLayout.ExtensionName);

    /// <summary>Whether the layout's <c>config.json</c> says what we follow. Keys it leaves out have these very defaults.</summary>
    public static bool IsOurConfig(byte[] content) => Reads(content, json =>
    {
        var ours = HashedNTupleLayout.Default;
        return json.GetProperty("extensionName").GetString() == HashedNTupleLayout.ExtensionName
            && (!json.TryGetProperty("digestAlgorithm", out var algorithm) || algorithm.GetString() == ours.DigestAlgorithm)
            && (!json.TryGetProperty("tupleSize", out var size) || size.GetInt32() == ours.TupleSize)
            && (!json.TryGetProperty("numberOfTuples", out var count) || count.GetInt32() == ours.NumberOfTuples)
            && (!json.TryGetProperty("shortObjectRoot", out var shorten) || shorten.GetBoolean() == ours.ShortObjectRoot);
    });

    private static bool Reads(byte[] content, Func<JsonElement, bool> says)
    {
        try
        {
            using var json = JsonDocument.Parse(content, Strict);
            return says(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;   // whatever it is, it does not say so
        }
    }
}
