using System.Globalization;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Extraction.Cleaning;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>What a PDF says of itself: information dictionary and XMP packet.</summary>
/// <remarks>ISO 32000-1, 14.3.</remarks>
internal static class PdfMetadata
{
    private const string XmpPrefix = "xmp:";

    /// <summary>Whether a key came out of an XMP packet.</summary>
    public static bool IsXmp(string key) => key.StartsWith(XmpPrefix, StringComparison.Ordinal);

    /// <summary>Adds what there is. Damage in here never costs the document its text.</summary>
    public static void Read(PdfDocument document, MetadataEntries into)
    {
        into.Add("pdf:version", document.Version.ToString("0.0##", CultureInfo.InvariantCulture));
        if (document.IsEncrypted)
        {
            into.Add("pdf:encrypted", "true");
        }

        Guarded(() => ReadInformation(document, into));
        Guarded(() => ReadXmp(document, into));
    }

    private static void ReadInformation(PdfDocument document, MetadataEntries into)
    {
        var information = document.Information;
        into.Add("pdf:title", information.Title);
        into.Add("pdf:author", information.Author);
        into.Add("pdf:subject", information.Subject);
        into.Add("pdf:keywords", information.Keywords);
        into.Add("pdf:creator", information.Creator);
        into.Add("pdf:producer", information.Producer);
        into.Add("pdf:creationDate", information.CreationDate);
        into.Add("pdf:modDate", information.ModifiedDate);
        foreach (var (name, value) in information.DocumentInformationDictionary?.Data ?? new Dictionary<string, IToken>())
        {
            string? text = value switch
            {
                StringToken token => token.Data,
                HexToken token => token.Data,
                NameToken token => token.Data,
                _ => null,
            };
            into.Add($"pdf:{JsonName(name)}", text);   // the first of equal keys stays: those above
        }
    }

    private static void ReadXmp(PdfDocument document, MetadataEntries into)
    {
        if (document.TryGetXmpMetadata(out var packet))
        {
            XmpProperties.Add(packet.GetXmlMemory(), into);
        }
    }

    /// <summary>As the names above: CreationDate becomes creationDate.</summary>
    private static string JsonName(string name) => name.Length == 0 ? "" : char.ToLowerInvariant(name[0]) + name[1..];

    private static void Guarded(Action read)
    {
        try
        {
            read();
        }
#pragma warning disable CA1031 // Metadata is an extra: whatever is wrong with it, the pages are still to be read.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
        }
#pragma warning restore CA1031
    }
}
