using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Formats;
using MetadataExtractor;
using MetadataExtractor.Formats.Bmp;
using MetadataExtractor.Formats.Exif;
using MetadataExtractor.Formats.Gif;
using MetadataExtractor.Formats.Heif;
using MetadataExtractor.Formats.Icc;
using MetadataExtractor.Formats.Iptc;
using MetadataExtractor.Formats.Jfif;
using MetadataExtractor.Formats.Jpeg;
using MetadataExtractor.Formats.Png;
using MetadataExtractor.Formats.Tiff;
using MetadataExtractor.Formats.WebP;
using MetadataExtractor.Formats.Xmp;
using MetadataExtractor.IO;
using ExifDirectory = MetadataExtractor.Directory;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>EXIF, IPTC, XMP and header fields of an image, and its size where a header states it.</summary>
internal static class ImageMetadata
{
    /// <summary>Reads what there is.</summary>
    /// <param name="stream">Seekable.</param>
    /// <param name="format">What recognition found.</param>
    /// <param name="into">Gets the entries.</param>
    /// <returns>Width and height, or null: the header is not readable, or not one of the formats whose header is read here.</returns>
    public static (long Width, long Height)? Read(Stream stream, FileFormat format, MetadataEntries into)
    {
        if (format == FileFormat.Jpeg2000)
        {
            return null;   // unknown to the library
        }

        IReadOnlyList<ExifDirectory> directories;
        try
        {
            stream.Position = 0;
            directories = ReadDirectories(stream, format);
        }
#pragma warning disable CA1031 // The library throws many kinds for damage; the callers' own readers decide what is left.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
#pragma warning restore CA1031

        foreach (var directory in directories)
        {
            Add(directory, into);
        }

        return Size(directories);
    }

    private static IReadOnlyList<ExifDirectory> ReadDirectories(Stream stream, FileFormat format) => format switch
    {
        FileFormat.Tiff => ReadTiff(stream),
        FileFormat.Jpeg => JpegMetadataReader.ReadMetadata(stream),
        FileFormat.Png => PngMetadataReader.ReadMetadata(stream),
        FileFormat.Bmp => BmpMetadataReader.ReadMetadata(stream),
        FileFormat.Gif => GifMetadataReader.ReadMetadata(stream),
        FileFormat.WebP => WebPMetadataReader.ReadMetadata(stream),
        FileFormat.Heic => HeifMetadataReader.ReadMetadata(stream),
        _ => [],
    };

    private static List<ExifDirectory> ReadTiff(Stream stream)
    {
        var directories = new List<ExifDirectory>();
        TiffReader.ProcessTiff(new IndexedCapturingReader(stream), new FirstPages(directories));
        return directories;
    }

    /// <summary>The library goes from page to page by calling itself: its stack ends after some ten thousand. What a scanner says of itself is in the first.</summary>
    private sealed class FirstPages(List<ExifDirectory> directories) : ExifTiffHandler(directories)
    {
        private const int MostPages = 16;
        private int _pages = 1;

        public override bool HasFollowerIfd() => _pages++ < MostPages && base.HasFollowerIfd();
    }

    private static void Add(ExifDirectory directory, MetadataEntries into)
    {
        if (directory is XmpDirectory xmp)
        {
            XmpProperties.Add(xmp, into);
            return;
        }

        if (Prefix(directory) is not { } prefix)
        {
            return;
        }

        foreach (var tag in directory.Tags)
        {
            if (tag.HasName && Value(directory, tag.Type) is { } value)
            {
                into.Add($"{prefix}:{CamelCase(tag.Name)}", value);
            }
        }
    }

    /// <summary>Null for what only the camera's maker understands, and for tables of the codec.</summary>
    private static string? Prefix(ExifDirectory directory) => directory switch
    {
        ExifThumbnailDirectory => null,
        GpsDirectory => "gps",
        ExifIfd0Directory or ExifSubIfdDirectory or ExifImageDirectory or ExifInteropDirectory => "exif",
        IptcDirectory => "iptc",
        IccDirectory => "icc",
        JpegCommentDirectory or GifCommentDirectory => "image",
        JfifDirectory => "jfif",
        PngDirectory => "png",
        _ => null,
    };

    /// <summary>As written: numbers and text, no words for codes; blobs are left out.</summary>
    private static string? Value(ExifDirectory directory, int tag) => directory.GetObject(tag) switch
    {
        null or byte[] { Length: > 16 } or sbyte[] { Length: > 16 } => null,
        Array { Length: > 256 } => null,
        IReadOnlyList<MetadataExtractor.KeyValuePair> pairs => string.Join('\n', pairs.Select(pair => $"{pair.Key}: {pair.Value}")),
        _ => directory.GetString(tag),
    };

    private static (long, long)? Size(IReadOnlyList<ExifDirectory> directories)
    {
        foreach (var directory in directories)
        {
            var (widthTag, heightTag) = directory switch
            {
                JpegDirectory => (JpegDirectory.TagImageWidth, JpegDirectory.TagImageHeight),
                PngDirectory => (PngDirectory.TagImageWidth, PngDirectory.TagImageHeight),
                BmpHeaderDirectory => (BmpHeaderDirectory.TagImageWidth, BmpHeaderDirectory.TagImageHeight),
                GifHeaderDirectory => (GifHeaderDirectory.TagImageWidth, GifHeaderDirectory.TagImageHeight),
                WebPDirectory => (WebPDirectory.TagImageWidth, WebPDirectory.TagImageHeight),
                HeicImagePropertiesDirectory => (HeicImagePropertiesDirectory.TagImageWidth, HeicImagePropertiesDirectory.TagImageHeight),
                _ => (0, 0),
            };
            if (widthTag != heightTag && directory.TryGetInt64(widthTag, out long width) && directory.TryGetInt64(heightTag, out long height)
                && width != 0 && height != 0)
            {
                return (Math.Abs(width), Math.Abs(height));   // a bitmap's height is negative where its rows run downwards
            }
        }

        return null;
    }

    /// <summary>"Date/Time Original" becomes dateTimeOriginal.</summary>
    private static string CamelCase(string name)
    {
        var words = new System.Text.StringBuilder(name.Length);
        bool starts = false;
        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                starts = words.Length > 0;
                continue;
            }

            words.Append(words.Length == 0 ? char.ToLowerInvariant(character) : starts ? char.ToUpperInvariant(character) : character);
            starts = false;
        }

        return words.ToString();
    }
}
