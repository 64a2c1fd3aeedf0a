namespace DocIngest.Pipeline.Formats;

/// <summary>The kinds of document that are archived. Everything else is quarantined.</summary>
public enum FileFormat
{
    /// <summary>Portable Document Format.</summary>
    Pdf,

    /// <summary>Tagged Image File Format, classic or BigTIFF.</summary>
    Tiff,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>Portable Network Graphics.</summary>
    Png,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>GIF 87a or 89a.</summary>
    Gif,

    /// <summary>WebP.</summary>
    WebP,

    /// <summary>High Efficiency Image File with HEVC content.</summary>
    Heic,

    /// <summary>JPEG 2000, file format or bare code stream.</summary>
    Jpeg2000,
}

/// <summary>What goes with a format: its media type and the extension its original gets in the archive.</summary>
public static class FileFormats
{
    /// <summary>The IANA media type.</summary>
    public static string MediaType(this FileFormat format) => format switch
    {
        FileFormat.Pdf => "application/pdf",
        FileFormat.Tiff => "image/tiff",
        FileFormat.Jpeg => "image/jpeg",
        FileFormat.Png => "image/png",
        FileFormat.Bmp => "image/bmp",
        FileFormat.Gif => "image/gif",
        FileFormat.WebP => "image/webp",
        FileFormat.Heic => "image/heic",
        FileFormat.Jpeg2000 => "image/jp2",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>The format that an original in the archive has, told by its extension; null for what is no document.</summary>
    public static FileFormat? OfExtension(string extension) =>
        Enum.GetValues<FileFormat>().Cast<FileFormat?>().FirstOrDefault(format => format?.Extension() == extension);

    /// <summary>The format of a media type; null for what is no document.</summary>
    public static FileFormat? OfMediaType(string mediaType) =>
        Enum.GetValues<FileFormat>().Cast<FileFormat?>().FirstOrDefault(format => format?.MediaType() == mediaType);

    /// <summary>The extension, without dot.</summary>
    public static string Extension(this FileFormat format) => format switch
    {
        FileFormat.Pdf => "pdf",
        FileFormat.Tiff => "tif",
        FileFormat.Jpeg => "jpg",
        FileFormat.Png => "png",
        FileFormat.Bmp => "bmp",
        FileFormat.Gif => "gif",
        FileFormat.WebP => "webp",
        FileFormat.Heic => "heic",
        FileFormat.Jpeg2000 => "jp2",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}
