namespace DocIngest.Assurance.Reports;

/// <summary>The files of a report, in its object of the archive and in its zip.</summary>
public static class ReportFileNames
{
    /// <summary>What was found. All that is believed stands here.</summary>
    public const string Report = "report.json";

    /// <summary>Signature of <see cref="Report"/>.</summary>
    public const string ReportSignature = "report.json.p7s";

    /// <summary>The same for a person.</summary>
    public const string Page = "report.html";

    /// <summary>Signature of <see cref="Page"/>.</summary>
    public const string PageSignature = "report.html.p7s";

    /// <summary>Single results.</summary>
    public const string Items = "items.jsonl";

    /// <summary>Ids that the sample was drawn from; only where there is a sample.</summary>
    public const string Population = "population.txt";

    /// <summary>Draws the sample again; only where there is one.</summary>
    public const string DrawScript = "draw-sample.py";

    /// <summary>The certificate of the signer.</summary>
    public const string Signer = "signer.pem";

    /// <summary>How to check all this without this program.</summary>
    public const string Verify = "VERIFY.txt";

    /// <summary>All of them, in the order in which they stand in a zip.</summary>
    public static IReadOnlyList<string> All { get; } = [Verify, Page, PageSignature, Report, ReportSignature, Signer, Items, Population, DrawScript];

    /// <summary>Those that every report has.</summary>
    public static IReadOnlyList<string> Always { get; } = [.. All.Except([Population, DrawScript])];
}
