using System.Text.Json;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Makes the searchable rendition of a document out of the document and the words that OCR read on it.</summary>
internal sealed class RenditionMaker(ScratchFolder scratch)
{
    // Each is tried where the one before is too large; black and white, and what PDF takes as it is, are the same in all.
    private static readonly (ImageCoding Coding, int Quality)[] ImageTries =
        [(ImageCoding.Untouched, 90), (ImageCoding.Lossy, 85), (ImageCoding.Lossy, 70), (ImageCoding.Lossy, 50)];

    /// <summary>Makes it.</summary>
    /// <returns>Read: it is there, and whole. TooManyBytes: it would be larger than allowed. Damaged: it cannot be made.</returns>
    public ReadingFate Make(FileStream file, WorkerRequest request, RenditionTask task)
    {
        var text = ReadText(task.TextPath);
        string output = Path.Combine(scratch.FullPath, task.OutputName);
        var fate = request.Format == FileFormat.Pdf ? FromPdf(file, request, task, text, output) : FromImage(file, request, task, text, output);
        if (fate != ReadingFate.Read)
        {
            ScratchFolder.Remove(output);
        }

        return fate;
    }

    private ReadingFate FromPdf(FileStream file, WorkerRequest request, RenditionTask task, DocumentText text, string output)
    {
        if (task.Qpdf is not { } qpdf || !new PdfRendition(qpdf, scratch).TryMake(file, request.Path, text, task.Shown, output) || !IsClean(task, output))
        {
            return ReadingFate.Damaged;
        }

        return new FileInfo(output).Length <= task.MaxBytes ? ReadingFate.Read : ReadingFate.TooManyBytes;
    }

    private static ReadingFate FromImage(FileStream file, WorkerRequest request, RenditionTask task, DocumentText text, string output)
    {
        using var rendition = new ImageRendition(file, request, text, task.Shown);
        foreach (var (coding, quality) in ImageTries)
        {
            rendition.Write(output, coding, quality, task.MaxBytes);
            if (coding == ImageCoding.Untouched && !IsClean(task, output))
            {
                ScratchFolder.Remove(output);
                rendition.Write(output, ImageCoding.Lossless, quality, task.MaxBytes);
                return !IsClean(task, output) ? ReadingFate.Damaged : Length(output) <= task.MaxBytes ? ReadingFate.Read : ReadingFate.TooManyBytes;
            }

            if (Length(output) <= task.MaxBytes)
            {
                return ReadingFate.Read;
            }

            ScratchFolder.Remove(output);
        }

        return ReadingFate.TooManyBytes;
    }

    private static long Length(string file) => new FileInfo(file).Length;

    // Without qpdf nobody can say; what we write ourselves is whole then unless the image in it is not.
    private static bool IsClean(RenditionTask task, string output) => task.Qpdf is not { } qpdf || QpdfTool.IsClean(qpdf, output);

    private static DocumentText ReadText(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return JsonSerializer.Deserialize(file, RecordJson.Instance.DocumentText) ?? DocumentText.Empty;
    }
}
