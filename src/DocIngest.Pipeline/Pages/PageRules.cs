using System.Text.RegularExpressions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Pages;

/// <summary>The page options of a profile, ready for use.</summary>
public sealed class PageRules
{
    /// <summary>The kinds of bar code there are, as zbarimg names them.</summary>
    public static IReadOnlyList<string> Symbologies { get; } =
    [
        "CODE-39", "CODE-93", "CODE-128", "Codabar", "I2/5", "EAN-8", "EAN-13", "UPC-A", "UPC-E", "ISBN-10", "ISBN-13", "EAN-2", "EAN-5",
        "COMPOSITE", "DataBar", "DataBar-Exp", "PDF417", "QR-Code", "SQ-Code",
    ];

    // Real patterns take microseconds; a bar code may hold 8,000 characters made to keep one busy.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(200);

    private readonly bool _hasPatchT;
    private readonly IReadOnlyList<(Regex Pattern, string? Symbology, SeparatorPage Page)> _barCodes;

    /// <summary>Compiles the patterns.</summary>
    /// <exception cref="ArgumentException">One is no regular expression.</exception>
    public PageRules(PageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Blank = options.Blank;
        HasSeparators = options.Separators is not null;
        DropsBlankBack = options.Separators is { BlankBack: true };
        _hasPatchT = options.Separators is { PatchT: true };
        _barCodes = [.. (options.Separators?.BarCodes ?? []).Select(code => (Compile(code.Pattern), code.Symbology, code.Page))];
    }

    /// <summary>What becomes of blank pages.</summary>
    public BlankPages Blank { get; }

    /// <summary>Whether scans may be divided.</summary>
    public bool HasSeparators { get; }

    /// <summary>Whether the blank back of a separator sheet goes with it.</summary>
    public bool DropsBlankBack { get; }

    /// <summary>Compiles the pattern of a separator.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant, MatchLimit);

    /// <summary>The bar code that makes a page a separator.</summary>
    /// <returns>Null where none does.</returns>
    /// <exception cref="RegexMatchTimeoutException">A pattern took too long on one of them.</exception>
    internal (BarCode Code, SeparatorPage Page)? FindSeparator(IReadOnlyList<BarCode> codes)
    {
        if (_hasPatchT && codes.FirstOrDefault(code => code.IsPatchT) is { } sheet)
        {
            return (sheet, SeparatorPage.Discard);
        }

        foreach (var (pattern, symbology, page) in _barCodes)
        {
            var found = codes.FirstOrDefault(code =>
                (symbology is null || symbology.Equals(code.Symbology, StringComparison.OrdinalIgnoreCase)) && pattern.IsMatch(code.Value));
            if (found is not null)
            {
                return (found, page);
            }
        }

        return null;
    }
}
