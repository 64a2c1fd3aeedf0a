using CsCheck;
using DocIngest.Archive;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class ScanIdentityTests
{
    private sealed record Parts(string Profile, string? Key, (string Name, string Value)[] Fields, string Digest, string? Sheet = null)
    {
        public string Identity => ScanIdentity.Of(Profile, Key, Fields.ToDictionary(pair => pair.Name, pair => pair.Value), new Sha512Digest(Digest), Sheet);

        public string Canonical => string.Join('\u0001', [Profile, Key ?? "\u0002", .. Fields.OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}\u0003{pair.Value}"), Digest, Sheet ?? "\u0002"]);
    }

    // The letters of the format itself, so that parts are likely to look like boundaries.
    private static readonly Gen<string> Words = Gen.String[Gen.Char["0123:-\na"], 0, 6];

    private static readonly Gen<Parts> Any = Gen.Select(
        Words, Words.Null(), Gen.Select(Words, Words).Array[0, 3], Gen.Char["01"], Words.Null(),
        (profile, key, fields, digit, sheet) => new Parts(profile, key, [.. fields.DistinctBy(field => field.Item1)], new string(digit, 128), sheet));

    [Fact]
    public void No_two_lists_of_parts_read_alike() => Gen.Select(Any, Any).Sample(
        (one, other) => one.Canonical == other.Canonical == (one.Identity == other.Identity), iter: 20_000);

    [Fact]
    public void The_order_of_fields_does_not_matter() => Any.Sample(
        parts => parts.Identity == (parts with { Fields = [.. parts.Fields.Reverse()] }).Identity, iter: 1_000);

    [Fact]
    public void Boundaries_cannot_be_moved()
    {
        string digest = new('0', 128);
        var identities = new[]
        {
            new Parts("ab", "c", [], digest), new Parts("a", "bc", [], digest), new Parts("a", null, [("bc", "")], digest),
            new Parts("a", "", [("b", "c")], digest), new Parts("a", "", [("bc", "")], digest), new Parts("a", "b\n1:c", [], digest),
        }.Select(parts => parts.Identity).ToList();
        Assert.Equal(identities.Count, identities.Distinct().Count());
    }
}
