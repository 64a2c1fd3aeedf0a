using System.Runtime.CompilerServices;

namespace DocIngest.Archive.Validation;

/// <summary>Every rule of OCFL 1.1 (https://ocfl.io/1.1/spec/validation-codes.html), and ours for what OCFL has no code.</summary>
/// <remarks>E065, E068, E086, E091, E109 and W006 were withdrawn or never given. 1.0 is checked by the same rules: it breaks none that 1.1 added.</remarks>
public static class ValidationRules
{
    private static readonly List<ValidationRule> Table = [];   // first: the fields below fill it

    internal static readonly ValidationRule E001 = Error("An object root holds nothing but its declaration, inventory and sidecar, versions, logs and extensions.");
    internal static readonly ValidationRule E002 = Never("An object's declaration has the form of NAMASTE.", "E003 to E007 say what is wrong with it");
    internal static readonly ValidationRule E003 = Error("An object root has one declaration 0=ocfl_object_….");
    internal static readonly ValidationRule E004 = Error("An object's declaration is named T=dvalue.");
    internal static readonly ValidationRule E005 = Error("In an object's declaration T is 0.");
    internal static readonly ValidationRule E006 = Error("In an object's declaration dvalue is ocfl_object_ and a version of the specification.");
    internal static readonly ValidationRule E007 = Error("An object's declaration holds its dvalue and a line feed.");
    internal static readonly ValidationRule E008 = Error("An object has at least one version.");
    internal static readonly ValidationRule E009 = Error("Versions begin at 1.");
    internal static readonly ValidationRule E010 = Error("No version is missing in between, and each has its directory.");
    internal static readonly ValidationRule E011 = Error("A zero-padded version number begins with a zero.");
    internal static readonly ValidationRule E012 = Error("Zero-padded version numbers of an object are of one length.");
    internal static readonly ValidationRule E013 = Error("A later version is named in the manner of the earlier ones: padded or not.");
    internal static readonly ValidationRule E014 = Error("Inventories name version directories as they are spelled.");
    internal static readonly ValidationRule E015 = Error("A version directory holds no files but its inventory and sidecar.");
    internal static readonly ValidationRule E016 = Error("A version with content has a content directory.");
    internal static readonly ValidationRule E017 = Error("contentDirectory holds no slash.");
    internal static readonly ValidationRule E018 = Error("contentDirectory is neither empty nor one or two dots.");
    internal static readonly ValidationRule E019 = Error("contentDirectory is set in version 1 or never.");
    internal static readonly ValidationRule E020 = Error("contentDirectory does not change.");
    internal static readonly ValidationRule E021 = Never("The content directory is 'content' where the inventory names none.", "files elsewhere are E015, E023, E042 or W002");
    internal static readonly ValidationRule E022 = Never("Tools ignore other directories of a version.", "a rule for programs; their being there is W002");
    internal static readonly ValidationRule E023 = Error("Every file of a version's content is in the manifest.");
    internal static readonly ValidationRule E024 = Error("No directory in a version's content is empty.");
    internal static readonly ValidationRule E025 = Error("Content is addressed by sha512 or sha256.");
    internal static readonly ValidationRule E026 = Never("Fixity algorithms come from the vocabulary of OCFL or its extensions.", "E056 says the same");
    internal static readonly ValidationRule E027 = Never("Programs know md5, sha1, sha256, sha512 and blake2b-512.", "a rule for programs; this one does");
    internal static readonly ValidationRule E028 = Never("Programs ignore optional fixity algorithms that they do not know.", "a rule for programs; this one knows all of extension 0009");
    internal static readonly ValidationRule E029 = Error("A SHA-1 digest is 40 hexadecimal digits.");
    internal static readonly ValidationRule E030 = Error("A SHA-256 digest is 64 hexadecimal digits.");
    internal static readonly ValidationRule E031 = Error("A SHA-512 digest is 128 hexadecimal digits.");
    internal static readonly ValidationRule E032 = Error("A BLAKE2b-512 digest is 128 hexadecimal digits.");
    internal static readonly ValidationRule E033 = Error("An inventory is well-formed JSON of the structure described, and repeats no key.");
    internal static readonly ValidationRule E034 = Never("An inventory is named inventory.json.", "one of another name is E063 or W010, and E001 or E015");
    internal static readonly ValidationRule E035 = Error("Content paths are separated by slashes.");
    internal static readonly ValidationRule E036 = Error("An inventory has id, type, digestAlgorithm and head.");
    internal static readonly ValidationRule E037 = Error("The id is a text, and no other object of the root has it.");
    internal static readonly ValidationRule E038 = Error("The type is the inventory URI of the specification that the object declares.");
    internal static readonly ValidationRule E039 = Error("Manifest and states use the digestAlgorithm.");
    internal static readonly ValidationRule E040 = Error("The head is the highest version; in a version's own inventory, that version.");
    internal static readonly ValidationRule E041 = Error("An inventory has a manifest.");
    internal static readonly ValidationRule E042 = Error("Content paths lead from the object root into the content of one of its versions.");
    internal static readonly ValidationRule E043 = Error("An inventory has versions.");
    internal static readonly ValidationRule E044 = Error("versions is a JSON object.");
    internal static readonly ValidationRule E045 = Never("versions is a JSON object.", "E044 says the same");
    internal static readonly ValidationRule E046 = Error("The versions of an inventory are the version directories.");
    internal static readonly ValidationRule E047 = Error("Each version is a JSON object.");
    internal static readonly ValidationRule E048 = Error("A version has created and state.");
    internal static readonly ValidationRule E049 = Error("created is a time of RFC 3339, with seconds and zone.");
    internal static readonly ValidationRule E050 = Error("A state is a JSON object whose digests are in the manifest, letter for letter.");
    internal static readonly ValidationRule E051 = Error("A digest in a state gives a list of logical paths.");
    internal static readonly ValidationRule E052 = Error("No element of a logical path is empty or one or two dots.");
    internal static readonly ValidationRule E053 = Error("A logical path neither begins nor ends with a slash.");
    internal static readonly ValidationRule E054 = Error("A user is a JSON object with a name.");
    internal static readonly ValidationRule E055 = Never("The key of the fixity block is fixity.", "another key is E102");
    internal static readonly ValidationRule E056 = Error("Fixity algorithms are in the vocabulary of OCFL or its extensions.");
    internal static readonly ValidationRule E057 = Error("A fixity block is shaped like a manifest.");
    internal static readonly ValidationRule E058 = Error("Every inventory has a sidecar.");
    internal static readonly ValidationRule E059 = Error("The sidecar is named after the digestAlgorithm.");
    internal static readonly ValidationRule E060 = Error("The sidecar holds the digest of the inventory.");
    internal static readonly ValidationRule E061 = Error("The sidecar has the form DIGEST inventory.json.");
    internal static readonly ValidationRule E062 = Never("The sidecar is written after the inventory.", "a rule for programs; a sidecar that is older than its inventory is E060");
    internal static readonly ValidationRule E063 = Error("An object root has an inventory.");
    internal static readonly ValidationRule E064 = Error("The root's inventory is the head version's, byte for byte.");
    internal static readonly ValidationRule E066 = Error("Older inventories tell the same states of versions as the newest.");
    internal static readonly ValidationRule E067 = Error("An object's extensions directory holds directories only.");
    internal static readonly ValidationRule E069 = Error("A storage root has a declaration 0=ocfl_….");
    internal static readonly ValidationRule E070 = Error("ocfl_layout.json is a JSON object with the texts extension and description.");
    internal static readonly ValidationRule E071 = Error("ocfl_layout.json names a registered extension, whose parameters can be read.");
    internal static readonly ValidationRule E072 = Error("Below the storage root every file belongs to an object.");
    internal static readonly ValidationRule E073 = Error("No directory below the storage root is empty.");
    internal static readonly ValidationRule E074 = Error("Storage roots are independent: none lies in another.");
    internal static readonly ValidationRule E075 = Never("A storage root's declaration has the form of NAMASTE.", "E076 to E080 say what is wrong with it");
    internal static readonly ValidationRule E076 = Error("A storage root has one declaration.");
    internal static readonly ValidationRule E077 = Error("A storage root's declaration is named T=dvalue.");
    internal static readonly ValidationRule E078 = Error("In a storage root's declaration T is 0.");
    internal static readonly ValidationRule E079 = Error("In a storage root's declaration dvalue is ocfl_ and a version of the specification.");
    internal static readonly ValidationRule E080 = Error("A storage root's declaration holds its dvalue and a line feed.");
    internal static readonly ValidationRule E081 = Error("No object declares a newer specification than its storage root.");
    internal static readonly ValidationRule E082 = Error("Object roots end the hierarchy: none lies in another.");
    internal static readonly ValidationRule E083 = Error("An object lies where the layout puts its id.");
    internal static readonly ValidationRule E084 = Never("No files lie in directories that lead to objects.", "E072 says the same");
    internal static readonly ValidationRule E085 = Error("Every branch of the hierarchy ends in an object root.");
    internal static readonly ValidationRule E087 = Never("Validators ignore files directly in the storage root that they do not know.", "a rule for programs; this one does");
    internal static readonly ValidationRule E088 = Error("Directories in the storage root lead to objects, or are extensions.");
    internal static readonly ValidationRule E089 = Never("What files cannot hold is wrapped into a file.", "a rule for who fills an archive; links are E090");
    internal static readonly ValidationRule E090 = Error("There are no hard or symbolic links, and nothing else that is neither file nor directory.");
    internal static readonly ValidationRule E092 = Error("Each digest of a manifest gives a list of files that are there and have it.");
    internal static readonly ValidationRule E093 = Error("Each digest of a fixity block gives files that are there and have it.");
    internal static readonly ValidationRule E094 = Error("A message is a text.");
    internal static readonly ValidationRule E095 = Error("The logical paths of a version are unique, and none is the directory of another.");
    internal static readonly ValidationRule E096 = Error("A manifest has each digest once, whatever its case.");
    internal static readonly ValidationRule E097 = Error("A fixity block has each digest once, whatever its case.");
    internal static readonly ValidationRule E098 = Error("A content path is a text.");
    internal static readonly ValidationRule E099 = Error("No element of a content path is empty or one or two dots.");
    internal static readonly ValidationRule E100 = Error("A content path neither begins nor ends with a slash.");
    internal static readonly ValidationRule E101 = Error("The content paths of an inventory are unique, and none is the directory of another.");
    internal static readonly ValidationRule E102 = Error("An inventory has no keys but those specified.");
    internal static readonly ValidationRule E103 = Error("No version follows an older specification than the version before.");
    internal static readonly ValidationRule E104 = Error("The name of a version begins with v.");
    internal static readonly ValidationRule E105 = Error("The number of a version is 1 or higher, in decimal digits.");
    internal static readonly ValidationRule E106 = Error("The manifest is a JSON object.");
    internal static readonly ValidationRule E107 = Error("Every digest of a manifest is used by a version.");
    internal static readonly ValidationRule E108 = Error("contentDirectory is a directory directly in the version directory.");
    internal static readonly ValidationRule E110 = Error("The id does not change between versions.");
    internal static readonly ValidationRule E111 = Error("fixity is a JSON object.");
    internal static readonly ValidationRule E112 = Error("The storage root's extensions directory holds directories only.");

    internal static readonly ValidationRule W001 = Warning("Version numbers are not zero-padded.");
    internal static readonly ValidationRule W002 = Warning("A version directory holds no directory but its content.");
    internal static readonly ValidationRule W003 = Warning("A version without content has no content directory.");
    internal static readonly ValidationRule W004 = Warning("Content is addressed by sha512.");
    internal static readonly ValidationRule W005 = Warning("The id is a URI.");
    internal static readonly ValidationRule W007 = Warning("A version has message and user.");
    internal static readonly ValidationRule W008 = Warning("A user has an address.");
    internal static readonly ValidationRule W009 = Warning("A user's address is a URI.");
    internal static readonly ValidationRule W010 = Warning("Every version has its own inventory.");
    internal static readonly ValidationRule W011 = Warning("Older inventories give the same created, message and user of versions as the newest.");
    internal static readonly ValidationRule W012 = Warning("A logs directory holds logs.");
    internal static readonly ValidationRule W013 = Warning("An object's extensions are registered.");
    internal static readonly ValidationRule W014 = Warning("A storage root uses one layout.");
    internal static readonly ValidationRule W015 = Warning("Objects lie all directly in the storage root, or all in a hierarchy.");
    internal static readonly ValidationRule W016 = Warning("A storage root's extensions are registered.");

    internal static readonly ValidationRule B003 = Error("An inventory is not longer than this validator reads (128 MiB).");
    internal static readonly ValidationRule B004 = Surroundings("Everything can be read.");
    internal static readonly ValidationRule B005 = Surroundings("An object stands still while it is validated.");
    internal static readonly ValidationRule B006 = Error("Directories nest no deeper than this validator goes (500 levels).");

    /// <summary>All of them, by code.</summary>
    public static IReadOnlyList<ValidationRule> All { get; } = [.. Table.OrderBy(rule => rule.Code, StringComparer.Ordinal)];

    private static ValidationRule Error(string text, [CallerMemberName] string code = "") => Add(new ValidationRule(code, FindingSeverity.Error, text));

    private static ValidationRule Warning(string text, [CallerMemberName] string code = "") => Add(new ValidationRule(code, FindingSeverity.Warning, text));

    private static ValidationRule Never(string text, string why, [CallerMemberName] string code = "") =>
        Add(new ValidationRule(code, FindingSeverity.Error, text) { WhyNeverFound = why });

    private static ValidationRule Surroundings(string text, [CallerMemberName] string code = "") =>
        Add(new ValidationRule(code, FindingSeverity.Error, text) { IsOfSurroundings = true });

    private static ValidationRule Add(ValidationRule rule)
    {
        Table.Add(rule);
        return rule;
    }
}
