namespace DocIngest.Archive.Validation;

/// <summary>The extensions that are registered (https://ocfl.github.io/extensions/).</summary>
internal static class RegisteredExtensions
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "0000-example-extension",
        "0001-digest-algorithms",
        FlatDirectLayout.ExtensionName,
        HashAndIdLayout.ExtensionName,
        HashedNTupleLayout.ExtensionName,
        "0005-mutable-head",
        FlatOmitPrefixLayout.ExtensionName,
        NTupleOmitPrefixLayout.ExtensionName,
        "0008-schema-registry",
        "0009-digest-algorithms",
        "0010-differential-n-tuple-omit-prefix-storage-layout",
        "0011-direct-clean-path-layout",
        "0012-hash-and-no-prefix-id-n-tuple-storage-layout",
        "initial",
    };

    public static bool Contains(string name) => Names.Contains(name);
}
