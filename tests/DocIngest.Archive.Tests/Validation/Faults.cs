using System.Text.Json.Nodes;
using static DocIngest.Archive.Tests.Validation.OcflTestObject;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>One way to break an object, and all the codes that are found then.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Codes">Every code, in order.</param>
/// <param name="Break">Breaks it.</param>
/// <param name="Versions">How many versions it has at first.</param>
internal sealed record ObjectFault(string Name, string Codes, Action<OcflTestObject> Break, int Versions = 1);

/// <summary>One way to break a storage root, and all the codes that are found then.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Codes">Every code, in order; none where it is no fault.</param>
/// <param name="Break">Breaks it. At first it holds <c>aa/one</c> and <c>bb/two</c>, without a layout.</param>
internal sealed record RootFault(string Name, string Codes, Action<OcflTestRoot> Break);

/// <summary>Faults by the codes they are found with. Every rule that can be found has one here.</summary>
internal static class Faults
{
    private static readonly string A = Sha512Of("a");
    private static readonly string B = Sha512Of("b");
    private static readonly string None = new('0', 128);

    public static IReadOnlyList<ObjectFault> OfObjects { get; } =
    [
        new("a file too many", "E001", o => o.Write(".DS_Store", "")),
        new("a directory too many", "E001", o => o.Write("v1.bak/x", "")),
        new("a second sidecar", "E001", o => o.Copy("inventory.json.sha512", "inventory.json.sha256")),
        new("no declaration", "E003", o => o.Delete("0=ocfl_object_1.1")),
        new("two declarations", "E003 E038", o => { o.Write("0=ocfl_object_1.0", "ocfl_object_1.0\n"); o.EditHead(i => i["type"] = "https://ocfl.io/1.0/spec/#inventory"); }),
        new("a declaration without =", "E003 E004", o => o.Move("0=ocfl_object_1.1", "0ocfl_object_1.1")),
        new("a declaration with another tag", "E003 E005", o => o.Move("0=ocfl_object_1.1", "1=ocfl_object_1.1")),
        new("a declaration of a version to come", "E003 E006", o => o.Move("0=ocfl_object_1.1", "0=ocfl_object_2.0")),
        new("a declaration of something else", "E003 E006", o => o.Move("0=ocfl_object_1.1", "0=bagit_1.1")),
        new("a declaration with a Windows line end", "E007", o => o.Write("0=ocfl_object_1.1", "ocfl_object_1.1\r\n")),
        new("no versions", "E008 E023 E046", o => o.EditHead(i => { i["versions"] = new JsonObject(); i["manifest"] = new JsonObject(); })),
        new("versions from 2 on", "E009", o => { Rename(o, "v1", "v2"); }),
        new("a gap in versions", "E010", o => { Rename(o, "v2", "v3"); }, Versions: 2),
        new("a version without its directory", "E010 E092", o => o.Delete("v1"), Versions: 2),
        new("padding that overflows", "E010 E011 E013 W001", o => { Rename(o, "v1", "v01"); Rename(o, "v2", "v10"); }, Versions: 2),
        new("padding of two lengths", "E012 W001", o => { Rename(o, "v1", "v01"); Rename(o, "v2", "v002"); }, Versions: 2),
        new("padded after unpadded", "E013 W001", o => { Rename(o, "v2", "v02"); }, Versions: 2),
        new("a content path that spells a version differently", "E014 E023", o => o.EditHead(i => i["manifest"]![A]![0] = "v01/content/a.txt")),
        new("a version directory that is spelled differently", "E014 E023 E040 E046 E092", o => o.Move("v1", "v01")),
        new("a file in a version directory", "E015", o => o.Write("v1/readme", "")),
        new("content beside the content directory", "E015 E016 E092", o => { o.Move("v1/content/a.txt", "v1/a.txt"); o.Delete("v1/content"); }),
        new("a content directory that is a path", "E017", o => ContentDirectory(o, "a/b", "content")),
        new("a content directory that is dots", "E018", o => ContentDirectory(o, "..", "content")),
        new("a content directory without a name", "E018", o => ContentDirectory(o, "", "content")),
        new("a content directory set too late", "E019 E023 E066", o => { ContentDirectory(o, "stuff", "stuff"); o.Edit("v1", i => { i.Remove("contentDirectory"); i["manifest"] = new JsonObject(); i["versions"]!["v1"]!["state"] = new JsonObject(); }); }, Versions: 2),
        new("a content directory that changes", "E020 E064", o => o.Edit("v2", i => i["contentDirectory"] = "content"), Versions: 2),
        new("a content file that no manifest names", "E023", o => o.Write("v1/content/x", "")),
        new("an empty directory in content", "E024", o => o.MakeFolder("v1/content/x/y")),
        new("md5 for content", "E025", o => o.EditHead(i => i["digestAlgorithm"] = "md5")),
        new("a SHA-1 digest that is none", "E029", o => Fixity(o, "sha1", "zz")),
        new("a SHA-256 digest that is none", "E030", o => Fixity(o, "sha256", "zz")),
        new("a SHA-512 digest that is none", "E031", o => Fixity(o, "sha512", "zz")),
        new("a BLAKE2b digest that is none", "E032", o => Fixity(o, "blake2b-512", "zz")),
        new("an inventory that is no JSON", "E033", o => o.WriteHeadText("{")),
        new("an inventory that is empty", "E033", o => o.WriteHeadText("")),
        new("an inventory that is a list", "E033", o => o.WriteHeadText("[]")),
        new("a key twice", "E033", o => o.WriteHeadText(o.ReadText("inventory.json").Replace("{\"id\"", "{\"head\":\"v1\",\"id\"", StringComparison.Ordinal))),
        new("half a character", "E033", o => o.WriteHeadText(o.ReadText("inventory.json").Replace("filed", @"\ud800", StringComparison.Ordinal))),
        new("JSON of a hundred thousand brackets", "E033", o => o.WriteHeadText(new string('[', 100_000))),
        new("content paths with backslashes", "E023 E035", o => o.EditHead(i => i["manifest"]![A]![0] = @"v1\content\a.txt")),
        new("no id", "E036", o => o.EditHead(i => i.Remove("id"))),
        new("no digestAlgorithm", "E036", o => o.EditHead(i => i.Remove("digestAlgorithm"))),
        new("an id that is a number", "E037", o => o.EditHead(i => i["id"] = 1)),
        new("an id that is empty", "E037", o => o.EditHead(i => i["id"] = "")),
        new("the type of an older specification", "E038", o => o.EditHead(i => i["type"] = "https://ocfl.io/1.0/spec/#inventory")),
        new("the type of nothing known", "E038", o => o.EditHead(i => i["type"] = "https://ocfl.io/1.1/spec/")),
        new("digests of another algorithm", "E039", o => Rekey(o, new string('a', 64))),
        new("a manifest digest that is none", "E031", o => Rekey(o, "zz")),
        new("a head that is a number", "E040", o => o.EditHead(i => i["head"] = 1)),
        new("a version's own inventory with another head", "E040", o => o.Edit("v1", i => i["head"] = "v2"), Versions: 2),
        new("no manifest", "E023 E041", o => o.EditHead(i => i.Remove("manifest"))),
        new("a content path out of every version", "E023 E042", o => o.EditHead(i => i["manifest"]![A]![0] = "extensions/x/a.txt")),
        new("a content path out of the content", "E023 E042", o => o.EditHead(i => i["manifest"]![A]![0] = "v1/a.txt")),
        new("a content path into a version to come", "E023 E042", o => o.EditHead(i => i["manifest"]![A]![0] = "v2/content/a.txt")),
        new("no versions block", "E023 E042 E043 E046", o => o.EditHead(i => i.Remove("versions"))),
        new("versions that are a list", "E023 E042 E044 E046", o => o.EditHead(i => i["versions"] = new JsonArray())),
        new("a version directory that the inventory does not know", "E046 W010", o => o.Write("v2/inventory.json.sha512", "")),
        new("a version that is a text", "E047 E107", o => o.EditHead(i => i["versions"]!["v1"] = "x")),
        new("no created", "E048", o => o.EditHead(i => V1(i).Remove("created"))),
        new("no state", "E048 E107", o => o.EditHead(i => V1(i).Remove("state"))),
        new("a time without seconds", "E049", o => o.EditHead(i => V1(i)["created"] = "2026-03-01T05:06Z")),
        new("a day that is not in the calendar", "E049", o => o.EditHead(i => V1(i)["created"] = "2026-02-30T05:06:07Z")),
        new("a state digest in other letters", "E050 E107", o => o.EditHead(i => V1(i)["state"] = new JsonObject { [A.ToUpperInvariant()] = new JsonArray("a.txt") })),
        new("a state that is a list", "E050 E107", o => o.EditHead(i => V1(i)["state"] = new JsonArray())),
        new("a logical path that is a number", "E051", o => o.EditHead(i => V1(i)["state"]![A] = new JsonArray(1))),
        new("a digest that gives one logical path", "E051", o => o.EditHead(i => V1(i)["state"]![A] = "a.txt")),
        new("a logical path that climbs", "E052", o => Logical(o, "../a.txt")),
        new("a logical path that is empty", "E052", o => Logical(o, "")),
        new("a logical path from the top", "E053", o => Logical(o, "/a.txt")),
        new("a user that is a text", "E054", o => o.EditHead(i => V1(i)["user"] = "x")),
        new("a user without a name", "E054", o => o.EditHead(i => V1(i)["user"]!.AsObject().Remove("name"))),
        new("a user whose name is empty", "E054", o => o.EditHead(i => V1(i)["user"]!["name"] = "")),
        new("a fixity algorithm of nobody's", "E056", o => Fixity(o, "crc32", "0")),
        new("a fixity block that is a list", "E057", o => o.EditHead(i => i["fixity"] = new JsonObject { ["md5"] = new JsonArray() })),
        new("a fixity digest that gives one path", "E057", o => o.EditHead(i => i["fixity"] = new JsonObject { ["md5"] = new JsonObject { [new string('0', 32)] = "v1/content/a.txt" } })),
        new("an MD5 digest that is none", "E057", o => Fixity(o, "md5", "zz")),
        new("no sidecar", "E058", o => o.Delete("v1/inventory.json.sha512")),
        new("a sidecar of another algorithm", "E059", o => o.Move("v1/inventory.json.sha512", "v1/inventory.json.sha256")),
        new("a tampered inventory", "E060 E064", o => o.Write("inventory.json", o.ReadText("inventory.json") + " ")),
        new("a sidecar without a name in it", "E061", o => o.Write("inventory.json.sha512", Sha512Of("x"))),
        new("a sidecar that is huge", "E061", o => o.Write("inventory.json.sha512", new string('0', 100_000))),
        new("no inventory", "E063", o => o.Delete("inventory.json")),
        new("another inventory in the head version", "E064", o => o.Edit("v1", i => i["fixity"] = new JsonObject())),
        new("an older inventory that tells another state", "E066", o => o.Edit("v1", i => V1(i)["state"]![A] = new JsonArray("b.txt")), Versions: 2),
        new("an older inventory that knows more versions", "E040 E066 W011", o => o.Edit("v1", i => { i["versions"]!["v2"] = V1(i).DeepClone(); i["versions"]!["v3"] = V1(i).DeepClone(); i["head"] = "v3"; }), Versions: 2),
        new("a file among the extensions", "E067", o => o.Write("extensions/readme", "")),
        new("another object in the object", "E082", o => OneVersion(o["inner"])),
        new("a content file that is gone", "E092 W003", o => o.Delete("v1/content/a.txt")),
        new("a content file that changed", "E092", o => o.Write("v1/content/a.txt", "A")),
        new("a digest of the manifest without paths", "E092 E107", o => o.EditHead(i => i["manifest"]![B] = new JsonArray())),
        new("a manifest whose values are texts", "E023 E092", o => o.EditHead(i => i["manifest"]![A] = "v1/content/a.txt")),
        new("a fixity digest that is another's", "E093", o => Fixity(o, "md5", new string('0', 32))),
        new("a size that is another's", "E093", o => Fixity(o, "size", "2")),
        new("a fixity path to nothing", "E093", o => Fixity(o, "md5", new string('0', 32), "v1/content/x")),
        new("a message that is null", "E094", o => o.EditHead(i => V1(i)["message"] = null)),
        new("logical paths in each other", "E095", o => o.EditHead(i => V1(i)["state"]![A] = new JsonArray("a", "a.b", "a/b"))),
        new("a manifest digest in both cases", "E092 E096 E107", o => o.EditHead(i => i["manifest"]![A.ToUpperInvariant()] = new JsonArray("v1/content/a2"))),
        new("a fixity digest in both cases", "E093 E097", o => o.EditHead(i => i["fixity"] = new JsonObject { ["md5"] = new JsonObject { [new string('a', 32)] = new JsonArray("v1/content/a.txt"), [new string('A', 32)] = new JsonArray() } })),
        new("a content path that is a number", "E023 E098", o => o.EditHead(i => i["manifest"]![A] = new JsonArray(1))),
        new("a content path that climbs", "E099", o => o.EditHead(i => i["manifest"]![A] = new JsonArray("v1/content/a.txt", "v1/content/../../../../etc/passwd"))),
        new("a content path with a NUL", "E099", o => o.EditHead(i => i["manifest"]![A] = new JsonArray("v1/content/a.txt", "v1/content/\0"))),
        new("a content path from the top", "E100", o => o.EditHead(i => i["manifest"]![A] = new JsonArray("v1/content/a.txt", "/etc/passwd"))),
        new("a content path twice", "E101", o => o.EditHead(i => i["manifest"]![A] = new JsonArray("v1/content/a.txt", "v1/content/a.txt"))),
        new("a key of nobody's", "E102", o => o.EditHead(i => i["x-docingest"] = 1)),
        new("a key of nobody's in a version", "E102", o => o.EditHead(i => V1(i)["remark"] = "x")),
        new("a key of nobody's in a user", "E102", o => o.EditHead(i => V1(i)["user"]!["phone"] = "x")),
        new("an older specification after a newer", "E103", o => { o.Move("0=ocfl_object_1.1", "0=ocfl_object_1.0"); o.Write("0=ocfl_object_1.0", "ocfl_object_1.0\n"); o.EditHead(i => i["type"] = "https://ocfl.io/1.0/spec/#inventory"); }, Versions: 2),
        new("a version without v", "E104", o => o.EditHead(i => i["versions"]!["2"] = V1(i).DeepClone())),
        new("a version 0", "E105", o => o.EditHead(i => i["versions"]!["v0"] = V1(i).DeepClone())),
        new("a version that is no number", "E105", o => o.EditHead(i => i["versions"]!["v1.5"] = V1(i).DeepClone())),
        new("a manifest that is a list", "E023 E106", o => o.EditHead(i => i["manifest"] = new JsonArray())),
        new("a digest that no version uses", "E107", o => { o.Write("v1/content/b", "b"); o.EditHead(i => i["manifest"]![B] = new JsonArray("v1/content/b")); }),
        new("a content directory that is a file", "E015 E016 E092 E108", o => { ContentDirectory(o, "stuff", "stuff"); o.Delete("v2/stuff"); o.Write("v2/stuff", ""); }, Versions: 2),
        new("a content directory named as the inventory", "E108", o => ContentDirectory(o, "inventory.json", "content")),
        new("an id that changes", "E110", o => o.Edit("v1", i => i["id"] = "urn:x:2"), Versions: 2),
        new("fixity that is null", "E111", o => o.EditHead(i => i["fixity"] = null)),
        new("zero-padded versions", "W001", o => Rename(o, "v1", "v01")),
        new("a directory beside the content", "W002", o => o.Write("v1/extra/x", "")),
        new("a content directory without content", "W003", o => { o.Delete("v2/content"); o.MakeFolder("v2/content"); o.EditHead(i => { i["manifest"]!.AsObject().Remove(B); i["versions"]!["v2"]!["state"]!.AsObject().Remove(B); }); }, Versions: 2),
        new("an id that is no URI", "W005", o => o.EditHead(i => i["id"] = "record 1")),
        new("no message", "W007", o => o.EditHead(i => V1(i).Remove("message"))),
        new("no address", "W008", o => o.EditHead(i => V1(i)["user"]!.AsObject().Remove("address"))),
        new("an address that is no URI", "W009", o => o.EditHead(i => V1(i)["user"]!["address"] = "me@example.org")),
        new("a version without its own inventory", "W010", o => { o.Delete("v1/inventory.json"); o.Delete("v1/inventory.json.sha512"); }, Versions: 2),
        new("an older inventory with another message", "W011", o => o.Edit("v1", i => V1(i)["message"] = "x"), Versions: 2),
        new("logs without logs", "W012", o => o.MakeFolder("logs")),
        new("an extension of nobody's", "W013", o => o.Write("extensions/mine/x", "")),
        new("an inventory that is too long", "B003", o => { using var file = File.OpenWrite(o["v1/inventory.json"]); file.SetLength(1L << 30); }, Versions: 2),
        new("directories that nest without end", "B006", o => Nest(o["v1/content"], 600)),
    ];

    public static IReadOnlyList<RootFault> OfRoots { get; } =
    [
        new("an id twice", "E037", r => { r.Delete("bb"); OneVersion(r["bb/two"], "urn:x:one"); }),
        new("no declaration", "E069", r => r.Delete("0=ocfl_1.1")),
        new("a layout that is no JSON", "E070", r => r.Write("ocfl_layout.json", "{")),
        new("a layout without description", "E070", r => r.Write("ocfl_layout.json", """{"extension":"0004-hashed-n-tuple-storage-layout"}""")),
        new("a layout of nobody's", "E071", r => r.Layout("mine")),
        new("a layout without its parameters", "E071", r => r.Layout("0006-flat-omit-prefix-storage-layout")),
        new("a layout with parameters out of bounds", "E071", r => r.Layout("0004-hashed-n-tuple-storage-layout", """{"extensionName":"0004-hashed-n-tuple-storage-layout","tupleSize":33}""")),
        new("a layout with the parameters of another", "E071", r => r.Layout("0004-hashed-n-tuple-storage-layout", """{"extensionName":"0002-flat-direct-storage-layout"}""")),
        new("a file in the hierarchy", "E072", r => r.Write("aa/.DS_Store", "")),
        new("an empty directory in the hierarchy", "E073", r => r.MakeFolder("aa/cc")),
        new("an empty directory in the root", "E073", r => r.MakeFolder("cc")),
        new("a storage root in the storage root", "E074", r => r.Write("aa/cc/0=ocfl_1.1", "ocfl_1.1\n")),
        new("two declarations", "E076", r => r.Write("0=ocfl_1.0", "ocfl_1.0\n")),
        new("a declaration without =", "E069 E077", r => r.Move("0=ocfl_1.1", "0ocfl_1.1")),
        new("a declaration with another tag", "E069 E078", r => r.Move("0=ocfl_1.1", "1=ocfl_1.1")),
        new("a declaration of a version to come", "E069 E079", r => r.Move("0=ocfl_1.1", "0=ocfl_9.9")),
        new("a declaration of something else besides", "E079", r => r.Write("0=bagit_1.1", "")),
        new("a declaration with a Windows line end", "E080", r => r.Write("0=ocfl_1.1", "ocfl_1.1\r\n")),
        new("an object newer than the root", "E081", r => { r.Delete("0=ocfl_1.1"); r.Write("0=ocfl_1.0", "ocfl_1.0\n"); r.Delete("aa"); }),
        new("objects elsewhere than the layout says", "E083", r => r.Layout("0002-flat-direct-storage-layout")),
        new("a branch without an object", "E072 E085", r => r.Write("aa/cc/readme", "")),
        new("a directory of something else", "E072 E088", r => r.Write("cc/dd/readme", "")),
        new("a file among the extensions", "E112", r => r.Write("extensions/readme", "")),
        new("an object that lost its declaration", "E003", r => r.Delete("aa/one/0=ocfl_object_1.1")),
        new("an object in an object", "E082", r => OneVersion(r["aa/one/cc"])),
        new("a damaged object", "E092", r => r.Write("aa/one/v1/content/a.txt", "A")),
        new("an object with a warning", "W012", r => r.MakeFolder("aa/one/logs")),
        new("objects by two layouts", "W014 W015", r => { OneVersion(r["urn:x:flat"], "urn:x:flat"); OneVersion(r[Tuples("urn:x:t")], "urn:x:t"); }),
        new("an object beside the hierarchy", "W015", r => OneVersion(r["three"], "urn:x:3")),
        new("an extension of nobody's", "W016", r => r.Write("extensions/mine/config.json", "{}")),
        new("an extension that is registered", "", r => r.Write("extensions/0008-schema-registry/config.json", "{}")),
        new("files that are not understood", "", r => { r.Write("ocfl_1.1.md", "# OCFL"); r.Write("README", ""); }),
        new("an older object", "", r => OneVersion(r["aa/old"], "urn:x:old", "1.0")),
        new("directories that nest without end", "B006 E088", r => Nest(r.MakeFolder("cc"), 600)),
        new("nothing but directories", "E003 E063 E069", r => { r.Delete("0=ocfl_1.1"); r.Delete("aa/one"); r.Delete("bb/two"); }),
    ];

    private static string Tuples(string id) => HashedNTupleLayout.Default.PathOf(id);

    private static JsonObject V1(JsonObject inventory) => inventory["versions"]!["v1"]!.AsObject();   // every test object has it

    private static void Logical(OcflTestObject o, string path) => o.EditHead(i => V1(i)["state"]![A] = new JsonArray(path));

    private static void Fixity(OcflTestObject o, string algorithm, string digest, string path = "v1/content/a.txt") =>
        o.EditHead(i => i["fixity"] = new JsonObject { [algorithm] = new JsonObject { [digest] = new JsonArray(path) } });

    private static void Rekey(OcflTestObject o, string digest) => o.EditHead(i =>
    {
        i["manifest"] = new JsonObject { [digest] = new JsonArray("v1/content/a.txt") };
        V1(i)["state"] = new JsonObject { [digest] = new JsonArray("a.txt") };
    });

    // A version gets another name, on disk and in every inventory.
    private static void Rename(OcflTestObject o, string from, string to)
    {
        o.Move(from, to);
        EditTexts(o, text => text.Replace($"\"{from}\"", $"\"{to}\"", StringComparison.Ordinal).Replace($"\"{from}/", $"\"{to}/", StringComparison.Ordinal));
    }

    // Every inventory names the content directory, and it is called so where that can be.
    private static void ContentDirectory(OcflTestObject o, string name, string onDisk)
    {
        foreach (string content in Directory.GetDirectories(o.Root, "content", SearchOption.AllDirectories).Where(_ => onDisk != "content"))
        {
            Directory.Move(content, Path.Combine(Path.GetDirectoryName(content)!, onDisk));   // it lies in a version
        }

        EditTexts(o, text => text.Replace("/content/", $"/{onDisk}/", StringComparison.Ordinal)
            .Replace("{\"id\"", $"{{\"contentDirectory\":\"{name}\",\"id\"", StringComparison.Ordinal));
    }

    private static void EditTexts(OcflTestObject o, Func<string, string> edit)
    {
        foreach (string inventory in Directory.GetFiles(o.Root, "inventory.json", SearchOption.AllDirectories))
        {
            string folder = Path.GetRelativePath(o.Root, Path.GetDirectoryName(inventory)!);   // a file always lies in a folder
            o.Write(Path.Combine(folder, "inventory.json"), edit(File.ReadAllText(inventory)));
            o.Seal(folder);
        }
    }

    private static void Nest(string folder, int levels) =>
        Directory.CreateDirectory(Path.Combine([folder, .. Enumerable.Repeat("d", levels)]));
}
