namespace DocIngest.Benchmarks.Ocr;

/// <summary>A page image and the text that is on it.</summary>
internal sealed record PageTruth(string Image, string Text);

/// <summary>Pages of one origin.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Pages">Its pages.</param>
/// <param name="MustBeBetter">Whether preparation has to show: the pages were made hard to read.</param>
internal sealed record PageSet(string Name, IReadOnlyList<PageTruth> Pages, bool MustBeBetter = false);
