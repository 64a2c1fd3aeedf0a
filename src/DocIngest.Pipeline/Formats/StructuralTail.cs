using System.Buffers.Binary;

namespace DocIngest.Pipeline.Formats;

/// <summary>Whether a file looks whole.</summary>
internal enum TailVerdict
{
    /// <summary>It ends as its format says it must.</summary>
    Complete,

    /// <summary>Something that its format promises is not there (yet).</summary>
    Incomplete,

    /// <summary>The format does not tell, or finding out would take too long.</summary>
    NotJudged,
}

/// <summary>
/// Looks whether a scan has arrived whole. <see cref="TailVerdict.Complete"/> proves nothing alone: a TIFF is complete after
/// every page. Runs in the service itself on hostile files: no recursion, no allocation by sizes the file gives, at most
/// <see cref="ReadBudget"/> reads of 4 KiB.
/// </summary>
internal static class StructuralTail
{
    /// <summary>Reads of 4 KiB one file may cost: 1 MiB.</summary>
    public const int ReadBudget = 256;

    // Readers look for %%EOF in the last 1,024 bytes; some senders add line ends or padding behind it.
    private const int PdfTailBytes = 2048;

    // Cameras append previews and maker data behind the end of the image.
    private const int JpegTailBytes = 64 * 1024;
    private const int PngTailBytes = 4096;
    private const int EndOfCodestreamTailBytes = 64;
    private const int MaxJpegSegments = 4096;
    private const int MaxBoxes = 4096;
    private const int MaxTiffDirectories = 4096;

    private const uint HeicMeta = 0x6D657461;      // "meta"
    private const uint HeicMediaData = 0x6D646174; // "mdat"
    private const uint Jp2Codestream = 0x6A703263; // "jp2c"

    /// <summary>Judges a file of a recognised format.</summary>
    /// <param name="stream">Seekable; its position is not kept.</param>
    /// <param name="format">What recognition found.</param>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public static TailVerdict Judge(Stream stream, FileFormat format)
    {
        var file = new BudgetedFile(stream, ReadBudget);
        return format switch
        {
            FileFormat.Pdf => Tell(file, EndsWithin(file, "%%EOF"u8, PdfTailBytes, from: 0)),
            FileFormat.Png => Tell(file, EndsWithin(file, [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82], PngTailBytes, 0)),
            FileFormat.Jpeg => Tell(file, IsWholeJpeg(file)),
            FileFormat.Bmp => Tell(file, IsWholeBitmap(file)),
            FileFormat.WebP => Tell(file, IsWholeWebP(file)),
            FileFormat.Gif => GifBlocks.Judge(file),
            FileFormat.Tiff => JudgeTiff(file),
            FileFormat.Heic => JudgeHeic(file),
            FileFormat.Jpeg2000 => JudgeJpeg2000(file),
            _ => TailVerdict.NotJudged,
        };
    }

    private static TailVerdict Tell(BudgetedFile file, bool whole) =>
        whole ? TailVerdict.Complete : file.Spent ? TailVerdict.NotJudged : TailVerdict.Incomplete;

    /// <summary>Whether a mark stands within the last bytes of the file, and not before <paramref name="from"/>.</summary>
    private static bool EndsWithin(BudgetedFile file, ReadOnlySpan<byte> mark, int tailBytes, long from)
    {
        const int StepBytes = 4096;
        Span<byte> step = stackalloc byte[StepBytes];
        long start = Math.Max(from, file.Length - tailBytes);
        while (start + mark.Length <= file.Length)
        {
            int length = (int)Math.Min(StepBytes, file.Length - start);
            if (!file.TryRead(start, step[..length]))
            {
                return false;
            }

            if (step[..length].IndexOf(mark) >= 0)
            {
                return true;
            }

            start += length - mark.Length + 1;   // the mark may lie across two steps
        }

        return false;
    }

    /// <summary>
    /// The end-of-image mark behind the first scan: one in front of it belongs to a thumbnail (ITU-T T.81, B.1.1.2 and B.2.1).
    /// </summary>
    private static bool IsWholeJpeg(BudgetedFile file)
    {
        const byte EndOfImage = 0xD9;
        const byte StartOfScan = 0xDA;
        file.BigEndian = true;
        long at = 2;
        for (int segments = 0; segments < MaxJpegSegments; segments++)
        {
            if (!file.TryReadByte(at, out byte prefix) || prefix != 0xFF || !file.TryReadByte(at + 1, out byte marker))
            {
                return false;
            }

            if (marker == 0xFF)   // fill byte
            {
                at++;
                continue;
            }

            if (marker == EndOfImage)
            {
                return false;   // tables without an image
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))   // stand alone
            {
                at += 2;
                continue;
            }

            if (!file.TryReadUInt16(at + 2, out ushort length) || length < 2)
            {
                return false;
            }

            at += 2 + length;
            if (marker == StartOfScan)
            {
                return EndsWithin(file, [0xFF, EndOfImage], JpegTailBytes, at);
            }
        }

        return false;
    }

    /// <summary>Uncompressed pixels have a known length; otherwise the header's own file length counts.</summary>
    private static bool IsWholeBitmap(BudgetedFile file)
    {
        Span<byte> head = stackalloc byte[34];
        if (!file.TryRead(0, head))
        {
            return file.Length >= 26 && file.TryReadUInt32(2, out uint small) && small >= 26 && small <= file.Length;
        }

        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(head[2..]);
        uint pixels = BinaryPrimitives.ReadUInt32LittleEndian(head[10..]);
        bool core = BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) == 12;
        uint compression = core ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(head[30..]);
        if (compression is not (0 or 3 or 6))   // none, or none with bit masks
        {
            return stated > pixels && stated <= file.Length;
        }

        long width = core ? BinaryPrimitives.ReadUInt16LittleEndian(head[18..]) : BinaryPrimitives.ReadInt32LittleEndian(head[18..]);
        long height = core ? BinaryPrimitives.ReadUInt16LittleEndian(head[20..]) : BinaryPrimitives.ReadInt32LittleEndian(head[22..]);
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(head[(core ? 24 : 28)..]);
        if (width <= 0 || height == 0)
        {
            return false;
        }

        UInt128 rowBytes = (((UInt128)width * (uint)depth) + 31) / 32 * 4;
        return pixels + (rowBytes * (UInt128)Math.Abs(height)) <= (UInt128)file.Length;
    }

    private static bool IsWholeWebP(BudgetedFile file) =>
        file.TryReadUInt32(4, out uint content) && content >= 4 && content + 8L <= file.Length;

    private static TailVerdict JudgeTiff(BudgetedFile file) =>
        TiffDirectories.Walk(file, MaxTiffDirectories, checkData: true, found: null) switch
        {
            TiffChainEnd.Closed => TailVerdict.Complete,
            TiffChainEnd.Torn => TailVerdict.Incomplete,

            // The first directory's offset is still 0 while many writers are at work: it is filled in last.
            TiffChainEnd.Malformed => TailVerdict.Incomplete,
            TiffChainEnd.LimitReached => TailVerdict.NotJudged,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static TailVerdict JudgeHeic(BudgetedFile file)
    {
        var end = WalkBoxes(file, [HeicMeta, HeicMediaData], out bool all, out _);
        return end == TailVerdict.Complete && !all ? TailVerdict.Incomplete : end;
    }

    private static TailVerdict JudgeJpeg2000(BudgetedFile file)
    {
        file.BigEndian = true;
        if (file.TryReadUInt16(0, out ushort start) && start == 0xFF4F)   // bare code stream
        {
            return Tell(file, EndsWithin(file, [0xFF, 0xD9], EndOfCodestreamTailBytes, from: 2));
        }

        var end = WalkBoxes(file, [Jp2Codestream], out bool all, out bool open);
        if (end != TailVerdict.Complete)
        {
            return end;
        }

        return !all ? TailVerdict.Incomplete
            : open ? Tell(file, EndsWithin(file, [0xFF, 0xD9], EndOfCodestreamTailBytes, from: 2))
            : TailVerdict.Complete;
    }

    /// <summary>Whether the boxes at the top fill the file exactly, and those wanted are among them.</summary>
    private static TailVerdict WalkBoxes(BudgetedFile file, ReadOnlySpan<uint> wanted, out bool all, out bool open)
    {
        file.BigEndian = true;
        int found = 0;
        open = false;
        all = false;
        long at = 0;
        for (int count = 0; at < file.Length; count++)
        {
            if (count == MaxBoxes)
            {
                return TailVerdict.NotJudged;
            }

            if (!IsoBox.TryRead(file, at, file.Length, out var box) || box.End > file.Length)
            {
                return Tell(file, whole: false);
            }

            int place = wanted.IndexOf(box.Type);
            found |= place >= 0 ? 1 << place : 0;
            open = box.IsOpen;
            at = box.End;
        }

        all = found == (1 << wanted.Length) - 1;
        return TailVerdict.Complete;
    }
}
