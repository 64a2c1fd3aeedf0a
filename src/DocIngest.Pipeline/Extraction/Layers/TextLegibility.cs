namespace DocIngest.Pipeline.Extraction.Layers;

/// <summary>Whether a text reads like something that people or programs write, in any language, or like what bad recognition and fonts without a way back to Unicode leave.</summary>
public static class TextLegibility
{
    // Weights of the signs. They were fitted by logistic regression over the text layers of the corpora against the same made illegible (the kinds of
    // bench/results/text-layers.md), then rounded to the safe side: a layer that is legible must hardly ever be given up.
    private const double Bias = -4.8;
    private const double UnusualWeight = 3.2;     // 1.5 bits are enough alone; European languages stay below 0.8, shuffled words have 2.1, other letters 4 and more
    private const double MalformedWeight = 17;    // three words in ten are enough alone
    private const double LoneWeight = 9;          // six letters in ten
    private const double UnmappedWeight = 16;     // a third of the characters
    private const double MixedWeight = 14;
    private const double GarbledWeight = 180;     // three letters in a hundred: every umlaut of a German text
    private const double SwappedWeight = 10;

    // Signs in so few places prove half of what they do in many.
    private const double FewTrigrams = 20;
    private const double FewWords = 5;
    private const double FewLetters = 20;
    private const double FewCharacters = 5;

    // Nothing reads better than a language: a long clear text must not make up for other signs.
    private const double MostUsual = -0.5;

    /// <summary>Logarithm of the odds that a text is junk: above 0, it more likely is.</summary>
    public static double JunkLogit(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var signs = TextSigns.Of(text);
        return Bias
            + (UnusualWeight * Math.Max(MostUsual, signs.Unusual) * Trust(signs.Trigrams, FewTrigrams))
            + (MalformedWeight * signs.Malformed * Trust(signs.Words, FewWords))
            + (((LoneWeight * signs.Lone) + (MixedWeight * signs.Mixed) + (GarbledWeight * signs.Garbled)) * Trust(signs.Letters, FewLetters))
            + (((UnmappedWeight * signs.Unmapped) + (SwappedWeight * signs.Swapped)) * Trust(signs.Visible, FewCharacters));
    }

    /// <summary>Whether it is junk, more likely than not. What has too few characters to tell is none.</summary>
    public static bool IsJunk(string text) => JunkLogit(text) > 0;

    private static double Trust(int places, double few) => places / (places + few);
}
