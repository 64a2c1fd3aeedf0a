namespace DocIngest.Pipeline.Pages;

/// <summary>What is done with the pages of a profile's scans.</summary>
public sealed class PageOptions
{
    /// <summary>
    /// Whether bar codes are read, on every page, by zbarimg; for rules, fields and the document key. Separators have them read anyhow. A page
    /// takes half a second more. Default false.
    /// </summary>
    public bool BarCodes { get; set; }

    /// <summary>Sheets between the documents of one scan. Default none: every scan is one document.</summary>
    public SeparatorOptions? Separators { get; set; }

    /// <summary>
    /// What is done with pages that show nothing. <c>keep</c>: nothing. <c>flag</c>: the record waits for a person, who is told which pages they are.
    /// <c>drop</c>: they are left out of the searchable rendition and of the parts of a divided scan, never of the original. Default <c>keep</c>.
    /// </summary>
    public BlankPages Blank { get; set; } = BlankPages.Keep;

    /// <summary>
    /// What is done with pages that show something on which OCR finds no word: handwriting, a page that is too faint, a photograph. <c>flag</c>: the
    /// record waits for a person, who is told which pages they are. <c>keep</c>: nothing, as for profiles of photographs. Default <c>flag</c>.
    /// </summary>
    public WordlessPages Wordless { get; set; } = WordlessPages.Flag;

    /// <summary>
    /// Documents of two sides from a scanner that sees one: a stack of fronts and a stack of backs become one record. Not together with
    /// separators. Default none: every scan is a document.
    /// </summary>
    public DuplexOptions? Duplex { get; set; }

    /// <summary>Whether bar codes have to be read.</summary>
    internal bool ReadsBarCodes => BarCodes || Separators is not null;
}

/// <summary>Which pages stand between the documents of one scan.</summary>
public sealed class SeparatorOptions
{
    /// <summary>
    /// Whether sheets with the bar code <c>PATCHT</c>, in Code 39 or Code 128, are separators. True patch codes, bars that say nothing, cannot be
    /// read. Default true.
    /// </summary>
    public bool PatchT { get; set; } = true;

    /// <summary>Other bar codes that make a page a separator; the first that fits counts. Default none.</summary>
    public IReadOnlyList<SeparatorBarCode> BarCodes { get; set; } = [];

    /// <summary>
    /// Whether one blank page right behind a separator sheet that is left out is left out with it: the back of the sheet, in a scan of both sides.
    /// Default true.
    /// </summary>
    public bool BlankBack { get; set; } = true;
}

/// <summary>A bar code that makes its page a separator.</summary>
public sealed class SeparatorBarCode
{
    /// <summary>Regular expression on what the bar code says; it need not fit the whole, unless it begins with <c>^</c> and ends with <c>$</c>.</summary>
    [System.ComponentModel.DataAnnotations.MinLength(1)]
    public string Pattern { get; set; } = "";

    /// <summary>The kind of bar code, such as <c>CODE-128</c>, <c>CODE-39</c>, <c>QR-Code</c>. Default any.</summary>
    [System.ComponentModel.DataAnnotations.MinLength(1)]
    public string? Symbology { get; set; }

    /// <summary>
    /// <c>discard</c>: the page is a sheet of its own, and left out. <c>keep</c>: it is the first page of its document, such as a cover page with a label.
    /// Default <c>discard</c>.
    /// </summary>
    public SeparatorPage Page { get; set; } = SeparatorPage.Discard;
}

/// <summary>What becomes of a separator.</summary>
public enum SeparatorPage
{
    /// <summary>It belongs to no document.</summary>
    Discard,

    /// <summary>It is the first page of the document behind it.</summary>
    Keep,
}

/// <summary>What becomes of pages without words that are not blank.</summary>
public enum WordlessPages
{
    /// <summary>A person looks at the record.</summary>
    Flag,

    /// <summary>They are pages like others.</summary>
    Keep,
}

/// <summary>What becomes of blank pages.</summary>
public enum BlankPages
{
    /// <summary>They are pages like others.</summary>
    Keep,

    /// <summary>A person looks at the record.</summary>
    Flag,

    /// <summary>They are left out where a reader looks.</summary>
    Drop,
}
