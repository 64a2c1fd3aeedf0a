using DocIngest.Pipeline.Extraction.Cleaning;
using MetadataExtractor.Formats.Xmp;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>The properties of an XMP packet as <c>xmp:PREFIX:NAME</c>; structure is kept in the key as XMP writes it.</summary>
internal static class XmpProperties
{
    // Packets with embedded thumbnails are larger; they are no loss.
    private const int MaxPacketBytes = 1 << 20;

    /// <summary>Adds the properties of a packet as found in a file.</summary>
    public static void Add(ReadOnlyMemory<byte> packet, MetadataEntries into)
    {
        if (packet.Length is > 0 and <= MaxPacketBytes)
        {
            Add(new XmpReader().Extract(packet.ToArray()), into);
        }
    }

    /// <summary>Adds the properties of a packet that was read with an image.</summary>
    public static void Add(XmpDirectory directory, MetadataEntries into)
    {
        foreach (var (path, value) in directory.GetXmpProperties())
        {
            // Qualifiers such as the language of a title say nothing on their own.
            if (!path.Contains("/xml:lang", StringComparison.Ordinal))
            {
                into.Add($"xmp:{path}", value);
            }
        }
    }
}
