namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>An image as a PDF takes it: bytes in one of its filters, and what they mean.</summary>
internal sealed record PageImageData
{
    /// <summary>Pixels across, as stored.</summary>
    public required long Width { get; init; }

    /// <summary>Pixels down, as stored.</summary>
    public required long Height { get; init; }

    /// <summary>Entries of the image's dictionary beside its size: filter, its parameters, colours.</summary>
    public required string Entries { get; init; }

    /// <summary>Bytes of the stream.</summary>
    public required long Length { get; init; }

    /// <summary>Writes these bytes.</summary>
    public required Action<Stream> Copy { get; init; }

    /// <summary>Writes it into a PDF.</summary>
    public int WriteTo(PdfFileWriter file) => file.AddStream(
        $"/Type/XObject/Subtype/Image/Width {PdfFileWriter.Number(Width)}/Height {PdfFileWriter.Number(Height)}{Entries}", Length, Copy);

    /// <summary>Copies a range of a file.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static void CopyRange(Stream source, long from, long length, Stream target)
    {
        byte[] buffer = new byte[64 * 1024];
        source.Position = from;
        while (length > 0)
        {
            int count = (int)Math.Min(buffer.Length, length);
            source.ReadExactly(buffer, 0, count);
            target.Write(buffer, 0, count);
            length -= count;
        }
    }
}
