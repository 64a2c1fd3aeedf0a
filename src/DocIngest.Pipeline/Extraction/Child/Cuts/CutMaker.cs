using System.ComponentModel;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Child.Renditions;
using DocIngest.Pipeline.Extraction.Pdf;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using UglyToad.PdfPig.Exceptions;

namespace DocIngest.Pipeline.Extraction.Child.Cuts;

/// <summary>
/// Cuts pages out of a document into a PDF of their own, which holds these pages and nothing else of it: no outline, attachment, script or other page, for
/// those may speak of another patient. Page labels and form fields of the pages stay.
/// </summary>
internal sealed class CutMaker(ScratchFolder scratch)
{
    /// <summary>Makes it.</summary>
    /// <returns>How it ended, and how many pages the file has where it is there and whole.</returns>
    public (ReadingFate Fate, int? Pages) Make(FileStream file, WorkerRequest request, CutTask task)
    {
        string output = Path.Combine(scratch.FullPath, task.OutputName);
        var fate = Write(file, request, task, output);
        int? pages = fate == ReadingFate.Read ? QpdfCalls.CountPages(task.Qpdf, output) : null;
        fate = pages is not null && pages != task.Pages.Count ? ReadingFate.Damaged : fate;
        if (fate != ReadingFate.Read)
        {
            ScratchFolder.Remove(output);
            return (fate, null);
        }

        return (fate, pages);
    }

    private ReadingFate Write(FileStream file, WorkerRequest request, CutTask task, string output)
    {
        try
        {
            var fate = request.Format == FileFormat.Pdf ? FromPdf(file, request, task, output) : FromImage(file, request, task, output);
            return fate != ReadingFate.Read || new FileInfo(output).Length <= task.MaxBytes ? fate : ReadingFate.TooManyBytes;
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return scratch.IsFull() ? ReadingFate.Unwritten : ReadingFate.Damaged;
        }
    }

    private static ReadingFate FromPdf(FileStream file, WorkerRequest request, CutTask task, string output)
    {
        if (Examine(file, task) is var fate and not ReadingFate.Read)
        {
            return fate;
        }

        // From nothing: what hangs on the catalog stays behind. Resources that all pages share hold the images of all pages: those too.
        int code = QpdfCalls.Run(
            task.Qpdf,
            [
                .. QpdfCalls.FromNothing, "--pages", request.Path, PageRanges.Of(task.Pages), "--", output,
            ]);
        return code is 0 or QpdfCalls.Warnings && QpdfCalls.IsClean(task.Qpdf, output) ? ReadingFate.Read : ReadingFate.Damaged;
    }

    private static ReadingFate Examine(FileStream file, CutTask task)
    {
        try
        {
            using var mapped = MappedFile.Map(file);
            using var document = PdfReader.Open(mapped);
            return document.IsEncrypted ? ReadingFate.Encrypted
                : Signatures.Any(document) ? ReadingFate.Signed
                : task.Pages[^1] > document.NumberOfPages ? ReadingFate.Damaged
                : ReadingFate.Read;
        }
        catch (PdfDocumentEncryptedException)
        {
            return ReadingFate.Encrypted;
        }
    }

    private static ReadingFate FromImage(FileStream file, WorkerRequest request, CutTask task, string output)
    {
        using var images = new ImageRendition(file, request, DocumentText.Empty, task.Pages);
        if (!images.HasAllPages)
        {
            return ReadingFate.Damaged;
        }

        foreach (var coding in new[] { ImageCoding.Untouched, ImageCoding.Lossless })
        {
            images.Write(output, coding, LosslessOrUntouched, task.MaxBytes);
            if (new FileInfo(output).Length > task.MaxBytes)
            {
                return ReadingFate.TooManyBytes;
            }

            if (QpdfCalls.IsClean(task.Qpdf, output))
            {
                return ReadingFate.Read;
            }

            ScratchFolder.Remove(output);
        }

        return ReadingFate.Damaged;
    }

    private const int LosslessOrUntouched = 90;   // of WebP and HEIC alone, which have one page here: nobody cuts that
}
