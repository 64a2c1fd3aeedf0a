using System.ComponentModel.DataAnnotations;

namespace DocIngest.Pipeline.Classification;

/// <summary>The rules file, <c>config/rules.json</c>: what a document is, and what is known of it. Every rule that matches has its say, in the order of the file.</summary>
public sealed class RulesOptions
{
    /// <summary>Vocabularies whose codes fields recognise. Default none.</summary>
    public IReadOnlyList<CodeListOptions> CodeLists { get; set; } = [];

    /// <summary>The rules. Of two that say the same thing, the earlier counts; tags and flags add up. Default none.</summary>
    public IReadOnlyList<RuleOptions> Rules { get; set; } = [];

    /// <summary>Longest time one rule may take with one document. A rule that takes longer is left out for that document, and the record says so. Default 2 s; 10 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:01:00")]
    public TimeSpan RuleLimit { get; set; } = TimeSpan.FromSeconds(2);   // 20 MB of text take a slow expression about a second

    /// <summary>Longest time all rules together may take with one document. Default 10 s; 10 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:10:00")]
    public TimeSpan DocumentLimit { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>A vocabulary of codes in a CSV file with a heading, in UTF-8, its columns divided by <c>,</c> <c>;</c> or a tab.</summary>
public sealed class CodeListOptions
{
    /// <summary>What fields call it by: letters, digits, <c>-</c> and <c>_</c>.</summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$")]
    public string Name { get; set; } = "";

    /// <summary>The CSV file, absolute or relative to the rules file.</summary>
    [MinLength(1)]
    public string File { get; set; } = "";

    /// <summary>Heading of the column with the codes. Default <c>code</c>.</summary>
    [MinLength(1)]
    public string CodeColumn { get; set; } = "code";

    /// <summary>Heading of the column with the terms. Default <c>term</c>.</summary>
    [MinLength(1)]
    public string TermColumn { get; set; } = "term";
}

/// <summary>One rule: when it holds, and what it says of a document then.</summary>
public sealed class RuleOptions
{
    /// <summary>What records and messages call it by: letters, digits, <c>-</c>, <c>_</c> and <c>.</c></summary>
    [RegularExpression("^[A-Za-z0-9_.-]{1,64}$")]
    public string Name { get; set; } = "";

    /// <summary>Profiles whose scans it is for. Default all.</summary>
    public IReadOnlyList<string> Profiles { get; set; } = [];

    /// <summary>Conditions that must all hold. Default none: the rule holds for every document.</summary>
    public IReadOnlyList<ConditionOptions> When { get; set; } = [];

    /// <summary>Conditions of which at least one must hold, besides those of <c>when</c>. Default none.</summary>
    public IReadOnlyList<ConditionOptions> WhenAny { get; set; } = [];

    /// <summary>Conditions of which none may hold. Default none.</summary>
    public IReadOnlyList<ConditionOptions> Unless { get; set; } = [];

    /// <summary>The record class. Default none: the rule says nothing of it.</summary>
    [RegularExpression(RecordClassRule.Pattern)]
    public string? RecordClass { get; set; }

    /// <summary>The title; <c>{field}</c> stands for a field's value. Default none.</summary>
    [MinLength(1)]
    public string? Title { get; set; }

    /// <summary>Words to find the record by. Default none.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>What must catch the eye of whoever opens the record: lower-case letters, digits, <c>-</c> and <c>_</c>. Default none.</summary>
    public IReadOnlyList<string> Flags { get; set; } = [];

    /// <summary>The document key, of fields: <c>{accession}</c>. It names one document, never a patient; no key where a field was not found. Default none.</summary>
    [MinLength(1)]
    public string? DocumentKey { get; set; }

    /// <summary>Fields to look for. Default none.</summary>
    public IReadOnlyList<FieldOptions> Fields { get; set; } = [];
}

/// <summary>A look at one place of a document, by exactly one of <c>any</c>, <c>all</c>, <c>phrase</c>, <c>regex</c> and <c>fuzzy</c>.</summary>
public sealed class ConditionOptions : PlaceOptions
{
    /// <summary>Words or phrases of which one must occur; <c>*</c> at an end stands for more letters.</summary>
    [MinLength(1)]
    public IReadOnlyList<string>? Any { get; set; }

    /// <summary>Words or phrases that must all occur.</summary>
    [MinLength(1)]
    public IReadOnlyList<string>? All { get; set; }

    /// <summary>Words that must occur in succession; <c>*</c> at an end stands for more letters.</summary>
    [MinLength(1)]
    public string? Phrase { get; set; }

    /// <summary>Regular expression (of .NET) that must match within a page; <c>^</c> and <c>$</c> match at lines.</summary>
    [MinLength(1)]
    public string? Regex { get; set; }

    /// <summary>Words of which some letters may be misread: at least 5 letters, 64 at most.</summary>
    [MinLength(1)]
    public string? Fuzzy { get; set; }

    /// <summary>Letters that may be wrong, missing or too many in <c>fuzzy</c>. Default: one in six; 1 to 6.</summary>
    [Range(1, 6)]
    public int? MostSlips { get; set; }

    /// <summary>Whether capital and small letters differ. Default false.</summary>
    public bool MatchCase { get; set; }

    /// <summary>Whether letters with and without accents differ. Default false.</summary>
    public bool MatchDiacritics { get; set; }
}

/// <summary>Where to look.</summary>
public abstract class PlaceOptions
{
    /// <summary>What to look at: the text, the file name, the subfolder of the drop folder, bar codes or embedded metadata. Default <c>text</c>.</summary>
    public Place In { get; set; } = Place.Text;

    /// <summary>Which entry of the metadata, such as <c>pdf:title</c>; only with <c>in: metadata</c>. Default all.</summary>
    [MinLength(1)]
    public string? MetadataKey { get; set; }

    /// <summary>Which kind of bar code, such as <c>CODE-128</c>; only with <c>in: barCode</c>. Default all.</summary>
    [MinLength(1)]
    public string? Symbology { get; set; }

    /// <summary>How many pages from the first are looked at; 0 for all. Default 0.</summary>
    [Range(0, 1_000_000)]
    public int Pages { get; set; }
}

/// <summary>Where a condition or field looks.</summary>
public enum Place
{
    /// <summary>The text, page by page.</summary>
    Text,

    /// <summary>The scanner's file name.</summary>
    FileName,

    /// <summary>The subfolder of the drop folder.</summary>
    Folder,

    /// <summary>Bar codes.</summary>
    BarCode,

    /// <summary>Metadata embedded in the document.</summary>
    Metadata,
}

/// <summary>
/// A field and how it is found: a fixed <c>value</c>; behind a label; by a regular expression; or by nothing but its type (dates and
/// codes). The first that fits counts.
/// </summary>
public sealed class FieldOptions : PlaceOptions
{
    /// <summary>Name of the field: letters, digits, <c>.</c>, <c>-</c> and <c>_</c>. Standard are patientId, encounterId, documentType, documentDate, author and department.</summary>
    [RegularExpression("^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
    public string Name { get; set; } = "";

    /// <summary>What it holds. Default <c>text</c>.</summary>
    public FieldType Type { get; set; } = FieldType.Text;

    /// <summary>The value itself. Default none: it is looked for.</summary>
    [MinLength(1)]
    public string? Value { get; set; }

    /// <summary>Words that stand before the value, on its line or on the line above. Default none.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Regular expression whose group <c>value</c>, or else the whole match, is the value; behind a label where there are labels. Default none.</summary>
    [MinLength(1)]
    public string? Regex { get; set; }

    /// <summary>Whether capital and small letters differ in <c>regex</c>. Default false.</summary>
    public bool MatchCase { get; set; }

    /// <summary>Check digit that an identifier must have. Default <c>none</c>.</summary>
    public CheckDigitRule CheckDigit { get; set; } = CheckDigitRule.None;

    /// <summary>Name of the list whose codes are recognised; of a code field.</summary>
    [MinLength(1)]
    public string? CodeList { get; set; }
}

/// <summary>What a field holds.</summary>
public enum FieldType
{
    /// <summary>Any text, on one line.</summary>
    Text,

    /// <summary>A day, kept as <c>yyyy-MM-dd</c>.</summary>
    Date,

    /// <summary>A number, kept with a point before its decimals and nothing else between digits.</summary>
    Number,

    /// <summary>Codes of a code list, each with its term and page.</summary>
    Code,

    /// <summary>A number or name that stands for something: letters, digits, <c>-</c>, <c>/</c> and <c>.</c>, without blanks.</summary>
    Identifier,
}
