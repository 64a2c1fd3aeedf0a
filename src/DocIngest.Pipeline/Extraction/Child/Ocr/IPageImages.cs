namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>The pages of an open document as images.</summary>
internal interface IPageImages : IDisposable
{
    /// <summary>Makes the image of one page.</summary>
    /// <param name="number">From 1.</param>
    /// <exception cref="Images.TooManyPixelsException">Not within the limit on pixels.</exception>
    /// <exception cref="Exception">Whatever a decoder throws: the page cannot be shown.</exception>
    PageImage Load(int number);
}
