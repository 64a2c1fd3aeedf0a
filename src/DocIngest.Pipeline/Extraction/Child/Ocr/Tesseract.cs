using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Reads images with tesseract, many in one run of the program, so that its models are loaded once.</summary>
internal sealed class Tesseract(OcrTask task, ScratchFolder scratch)
{
    /// <summary>Reads images.</summary>
    /// <param name="images">Files it can open.</param>
    /// <param name="turn">Told which (from 0) it turns to.</param>
    /// <returns>The words of each image; null for one on which the program died.</returns>
    /// <exception cref="TesseractFailedException">It read none, and no image is to blame.</exception>
    public IReadOnlyList<TesseractWord>?[] Read(IReadOnlyList<string> images, Action<int> turn)
    {
        var pages = new IReadOnlyList<TesseractWord>?[images.Count];
        List<int> left = [.. Enumerable.Range(0, images.Count)];
        while (left.Count > 0)
        {
            int blamed = ReadSome(images, left, pages, turn);
            left = [.. left.Where(place => place != blamed && pages[place] is null)];   // what it had read and not yet printed is read again
        }

        return pages;
    }

    /// <summary>How far an image is turned clockwise from upright: 0, 90, 180 or 270; null where tesseract cannot tell.</summary>
    public int? FindTurn(string image)
    {
        string found = "";
        int code = ProgramCall.Run(task.Tesseract, [image, "-", "--psm", "0"], output =>
        {
            using var reader = new StreamReader(output, leaveOpen: true);
            char[] start = new char[4096];   // it prints six short lines
            found = new string(start, 0, reader.ReadBlock(start));
        });
        return code == 0 && Value("Rotate: ") is { } turn && Value("Orientation confidence: ") is > 1.0 ? (int)turn : null;

        double? Value(string name) => found.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            && double.TryParse(line[name.Length..], CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    /// <returns>The place of the image it died on; -1 where it ended well.</returns>
    private int ReadSome(IReadOnlyList<string> images, List<int> places, IReadOnlyList<TesseractWord>?[] pages, Action<int> turn)
    {
        string list = scratch.WriteLines(places.Select(place => images[place]));
        try
        {
            int current = -1;   // in the list
            (int Page, List<TesseractWord> Words) last = (-1, []);
            turn(places[0]);
            int code = Run(
                [list, "-", "-l", task.Languages, "--psm", "3", "-c", "tessedit_create_tsv=1"],
                output => last = TesseractTable.Read(output, (page, words) =>
                {
                    if (page < places.Count)
                    {
                        pages[places[page]] = words;
                    }
                }),
                line =>
                {
                    if (TryReadTurn(line.Span, out int page) && page < places.Count)
                    {
                        current = page;
                        turn(places[page]);
                    }
                });
            if (code == 0 && last.Page == places.Count - 1)
            {
                pages[places[last.Page]] = last.Words;
                return -1;
            }

            return current >= 0 ? places[current] : throw new TesseractFailedException();
        }
        finally
        {
            ScratchFolder.Remove(list);
        }
    }

    private int Run(IEnumerable<string> arguments, Action<Stream> readOutput, Action<ReadOnlyMemory<byte>> readErrorLine)
    {
        try
        {
            return ProgramCall.Run(task.Tesseract, arguments, readOutput, readErrorLine);
        }
        catch (Win32Exception)
        {
            throw new TesseractFailedException();
        }
        catch (InvalidDataException)
        {
            return -1;   // no table: it died in the middle of one, or is no tesseract
        }
    }

    // "Page 3 : name": it says so as it begins.
    private static bool TryReadTurn(ReadOnlySpan<byte> line, out int page)
    {
        page = 0;
        return line.StartsWith("Page "u8) && Utf8Parser.TryParse(line["Page ".Length..], out page, out _) && page >= 0;
    }
}

/// <summary>Tesseract does not start, or ends before it looks at an image: it, its models or its libraries are at fault.</summary>
internal sealed class TesseractFailedException() : Exception("Tesseract does not work.");
