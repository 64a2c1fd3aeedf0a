using DocIngest.Pipeline.Formats;
using ImageMagick;
using ImageMagick.Configuration;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>
/// The one place where pixels are decoded. Each image is decoded as the format that recognition found, never as what the library
/// takes it for; all other coders, and every delegate, are switched off; memory is bounded, and nothing spills to disk.
/// </summary>
internal static class ImageDecoder
{
    // What one decoded page and its copy may take; the process' own limit is above it.
    private const ulong MaxMemoryBytes = 640UL << 20;
    private const ulong MaxSide = 65_535;
    private const ulong MaxFrames = 10_000;

    private const string AllowedCoders = """
        <policymap>
          <policy domain="delegate" rights="none" pattern="*" />
          <policy domain="filter" rights="none" pattern="*" />
          <policy domain="path" rights="none" pattern="@*" />
          <policy domain="coder" rights="none" pattern="*" />
          <policy domain="coder" rights="read | write" pattern="{TIFF,TIFF64,JPEG,JPG,PNG,BMP,BMP2,BMP3,GIF,GIF87,WEBP,HEIC,JP2,J2K,PBM,PGM,PPM,PNM,GRAY,RGB,GROUP4}" />
        </policymap>
        """;

    /// <summary>Sets the library's limits; once in the life of the process, before anything is decoded.</summary>
    /// <param name="scratchFolder">The library keeps its configuration there.</param>
    public static void Confine(string scratchFolder)
    {
        var configuration = ConfigurationFiles.Default;
        configuration.Policy.Data = AllowedCoders;
        MagickNET.Initialize(configuration, scratchFolder);
        ResourceLimits.Thread = 1;
        ResourceLimits.Memory = MaxMemoryBytes;
        ResourceLimits.MaxMemoryRequest = MaxMemoryBytes;
        ResourceLimits.Disk = 0;
        ResourceLimits.Width = MaxSide;
        ResourceLimits.Height = MaxSide;
        ResourceLimits.ListLength = MaxFrames;
    }

    /// <summary>Decodes one frame of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What it was recognised as.</param>
    /// <param name="frame">From 0.</param>
    /// <param name="maxPixels">More are not decoded; of a later frame of a TIFF the caller must know it.</param>
    /// <param name="isDamaged">Whether a part of it is not there or makes no sense: what could not be decoded is white or grey.</param>
    /// <exception cref="MagickException">It cannot be decoded, or not within the limits.</exception>
    /// <exception cref="TooManyPixelsException">It has more than <paramref name="maxPixels"/>.</exception>
    public static MagickImage Decode(string path, FileFormat format, int frame, long maxPixels, out bool isDamaged)
    {
        if (format == FileFormat.Gif && frame > 0)
        {
            return DecodeFrames(path, frame, maxPixels, out isDamaged);
        }

        var settings = Settings(Coder(format), frame);
        if (frame == 0)   // Magick.NET 15.1 finds no size for later frames: their caller knows it
        {
            using var ping = new MagickImage();
            ping.Ping(path, settings);
            Check(ping, maxPixels);
        }

        return Read(image => image.Read(path, settings), out isDamaged);
    }

    /// <summary>Decodes an image held in memory.</summary>
    /// <exception cref="MagickException">It cannot be decoded, or not within the limits.</exception>
    /// <exception cref="TooManyPixelsException">It has more than <paramref name="maxPixels"/>.</exception>
    public static MagickImage Decode(byte[] content, MagickFormat coder, long maxPixels, out bool isDamaged)
    {
        var settings = Settings(coder, frame: 0);
        using (var ping = new MagickImage())
        {
            ping.Ping(content, settings);
            Check(ping, maxPixels);
        }

        return Read(image => image.Read(content, settings), out isDamaged);
    }

    /// <summary>Looks at the header of one frame; nothing is decoded.</summary>
    /// <exception cref="MagickException">It makes no sense.</exception>
    /// <exception cref="TooManyPixelsException">It has more than <paramref name="maxPixels"/>.</exception>
    public static MagickImage Ping(string path, FileFormat format, int frame, long maxPixels)
    {
        // Asked for the header of a later frame alone, the library finds an image without a size.
        using var headers = new MagickImageCollection();
        headers.Ping(path, new MagickReadSettings { Format = Coder(format), FrameIndex = 0, FrameCount = (uint)frame + 1 });
        Check(headers[frame], maxPixels);
        return new MagickImage(headers[frame]);
    }

    // A frame of an animation changes what those before it left.
    private static MagickImage DecodeFrames(string path, int last, long maxPixels, out bool isDamaged)
    {
        var settings = new MagickReadSettings { Format = MagickFormat.Gif, FrameIndex = 0, FrameCount = (uint)last + 1 };
        using var frames = new MagickImageCollection();
        frames.Ping(path, settings);
        Check(frames[0], maxPixels / (last + 1));
        frames.Clear();
        bool damaged = false;
        frames.Warning += (_, warning) => damaged |= IsDamage(warning.Exception);
        frames.Read(path, settings);
        isDamaged = damaged;
        frames.Coalesce();
        return Finish(new MagickImage(frames[last]));
    }

    private static MagickImage Read(Action<MagickImage> read, out bool isDamaged)
    {
        var image = new MagickImage();
        bool damaged = false;
        image.Warning += (_, warning) => damaged |= IsDamage(warning.Exception);
        try
        {
            read(image);
        }
        catch
        {
            image.Dispose();
            throw;
        }

        isDamaged = damaged;
        return Finish(image);
    }

    // The library goes on behind what it cannot decode and only warns. It warns of odd tags as well, which harm nothing.
    private static bool IsDamage(MagickException warning) => warning is MagickCorruptImageWarningException
        || WordsOfDamage.Any(word => warning.Message.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] WordsOfDamage = ["premature", "corrupt", "bad code", "bad huffman", "truncat", "incomplete", "short data", "not enough data", "fill scanline", "decod"];

    private static MagickImage Finish(MagickImage image)
    {
        image.AutoOrient();
        if (image.HasAlpha)
        {
            image.BackgroundColor = MagickColors.White;
            image.Alpha(AlphaAction.Remove);
            image.Alpha(AlphaAction.Off);
        }

        if (image.ColorSpace is not (ColorSpace.Gray or ColorSpace.LinearGray or ColorSpace.sRGB))
        {
            image.ColorSpace = ColorSpace.sRGB;
        }

        image.ResetPage();
        image.Strip();
        return image;
    }

    private static void Check(IMagickImage<byte> image, long maxPixels)
    {
        if ((long)image.Width * image.Height > maxPixels)
        {
            throw new TooManyPixelsException();
        }
    }

    private static MagickReadSettings Settings(MagickFormat coder, int frame) =>
        new() { Format = coder, FrameIndex = (uint)frame, FrameCount = 1 };

    private static MagickFormat Coder(FileFormat format) => format switch
    {
        FileFormat.Tiff => MagickFormat.Tiff,
        FileFormat.Jpeg => MagickFormat.Jpeg,
        FileFormat.Png => MagickFormat.Png,
        FileFormat.Bmp => MagickFormat.Bmp,
        FileFormat.Gif => MagickFormat.Gif,
        FileFormat.WebP => MagickFormat.WebP,
        FileFormat.Heic => MagickFormat.Heic,
        FileFormat.Jpeg2000 => MagickFormat.Jp2,
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}

/// <summary>An image has more pixels than may be decoded.</summary>
internal sealed class TooManyPixelsException() : Exception("More pixels than the limit allows.");
