namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>The pages of an open document as images.</summary>
internal interface IPageImages : IDisposable
{
    /// <summary>Makes the image of one page.</summary>
    /// <param name="number">From 1.</param>
    /// <exception cref="Images.TooManyPixelsException">Not within the limit on pixels.</exception>
    /// <exception cref="PageTooLargeException">Not within the limit on memory.</exception>
    /// <exception cref="PageNotShownException">What shows it is not there: nothing is known of the page.</exception>
    /// <exception cref="Exception">Whatever a decoder throws: the page cannot be shown.</exception>
    PageImage Load(int number);
}

/// <summary>The surroundings do not let a page be shown - a program is missing, the disk is full. The page waits.</summary>
internal sealed class PageNotShownException() : Exception("The page cannot be shown here and now.");

/// <summary>To show a page takes more memory than reading may.</summary>
internal sealed class PageTooLargeException() : Exception("The page is too large to be shown.");
