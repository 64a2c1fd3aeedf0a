namespace DocIngest.Pipeline.Records;

/// <summary>Where OCR saw the words of a page. Lengths are points (1/72 inch) on the page as it is shown, from its upper left corner.</summary>
/// <param name="Width">Of the page.</param>
/// <param name="Height">Of the page.</param>
/// <param name="AngleDegrees">How far the lines of text are turned clockwise from the page's upper edge, -180 to 180; 0 for most.</param>
/// <param name="Words">In reading order.</param>
public sealed record PageLayout(double Width, double Height, double AngleDegrees, IReadOnlyList<PageWord> Words);

/// <summary>One word that OCR read.</summary>
/// <param name="Text">Without blanks.</param>
/// <param name="Box">
/// Left, top, width, height: the corner where the word begins at its top, and its extent along and across the line. On a page with
/// an angle the box is turned by it round that corner.
/// </param>
/// <param name="ConfidencePercent">0 to 100.</param>
public sealed record PageWord(string Text, IReadOnlyList<double> Box, int ConfidencePercent);
