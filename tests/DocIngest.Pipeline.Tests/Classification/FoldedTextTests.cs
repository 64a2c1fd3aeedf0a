using CsCheck;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class FoldedTextTests
{
    [Theory]
    [InlineData("Überweisung  an\n Dr.\tGroß", "uberweisung an dr. gross")]
    [InlineData("Aller-\n  gie und X-\nRay", "allergie und x- ray")]
    [InlineData("\uFB01brosis \u201Cquoted\u201D \u2013 it\u2019s", "fibrosis \"quoted\" - it's")]
    [InlineData("Cafe\u0301 CAFÉ", "cafe cafe")]
    public void Case_accents_and_white_space_do_not_count(string text, string folded) => Assert.Equal(folded, FoldedText.Fold(text, Folding.Loose));

    [Theory]
    [InlineData(true, false, "Uber  Ärger", "Uber Arger")]
    [InlineData(false, true, "Über  ÄRGER", "über ärger")]
    [InlineData(true, true, "Über  ÄRGER", "Über ÄRGER")]
    public void What_is_asked_for_counts(bool matchCase, bool matchDiacritics, string text, string folded) =>
        Assert.Equal(folded, FoldedText.Fold(text, new Folding(matchCase, matchDiacritics)));

    [Fact]
    public void Every_character_comes_from_a_place_of_the_text_and_none_goes_back() => Gen.Char.Array[0, 60].Select(letters => new string(letters)).Sample(text =>
    {
        foreach (var folding in new[] { Folding.Loose, new Folding(true, false), new Folding(false, true), new Folding(true, true) })
        {
            var origins = new List<int>();
            string folded = FoldedText.Fold(text, folding, origins);
            Assert.Equal(folded.Length, origins.Count);
            Assert.Equal(origins.Order(), origins);
            Assert.All(origins, at => Assert.InRange(at, 0, text.Length - 1));
        }
    });

    [Fact]
    public void Folding_what_is_folded_changes_nothing() => Gen.Char["aÄß é\n-\u0301ﬁZ9"].Array[0, 40].Select(letters => new string(letters)).Sample(text =>
    {
        string once = FoldedText.Fold(text, Folding.Loose);
        Assert.Equal(once, FoldedText.Fold(once, Folding.Loose));
    });
}
