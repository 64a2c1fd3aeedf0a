using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Cuts;

/// <summary>Puts the pages of a stack of fronts and a stack of backs together into one PDF: front and back of the first sheet, then of the second, and so on.</summary>
internal sealed class CollationMaker(ScratchFolder scratch)
{
    /// <summary>Makes it.</summary>
    /// <param name="fronts">The file of the request.</param>
    /// <param name="request">Its format is that of the fronts.</param>
    /// <param name="task">The backs.</param>
    /// <returns>How it ended, and how many pages the file has where it is there and whole.</returns>
    public (ReadingFate Fate, int? Pages) Make(FileStream fronts, WorkerRequest request, CollationTask task)
    {
        string first = scratch.NewName("pdf");
        string second = scratch.NewName("pdf");
        string output = Path.Combine(scratch.FullPath, task.OutputName);
        var end = (Fate: ReadingFate.Damaged, Pages: (int?)null);
        try
        {
            using var backs = new FileStream(task.BacksPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            end = Make(fronts, request, first, backs, second, task, output);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            end = (ReadingFate.Unwritten, null);   // no room, or staging is gone: nothing is said of the stacks
        }
        finally
        {
            ScratchFolder.Remove(first);
            ScratchFolder.Remove(second);
            if (end.Fate != ReadingFate.Read)
            {
                ScratchFolder.Remove(output);
            }
        }

        return end;
    }

    private (ReadingFate, int?) Make(FileStream fronts, WorkerRequest request, string first, FileStream backs, string second, CollationTask task, string output)
    {
        var fate = ToPdf(fronts, request, first, task);
        fate = fate == ReadingFate.Read ? ToPdf(backs, request with { Path = task.BacksPath, Format = task.BacksFormat }, second, task) : fate;
        if (fate != ReadingFate.Read)
        {
            return (fate, null);
        }

        int code = QpdfCalls.Run(
            task.Qpdf,
            [.. QpdfCalls.FromNothing, "--collate", "--pages", first, "1-z", second, task.BackOrder == BackOrder.Reversed ? "z-1" : "1-z", "--", output]);
        if (code is not (0 or QpdfCalls.Warnings) || !QpdfCalls.IsClean(task.Qpdf, output))
        {
            return (scratch.IsFull() ? ReadingFate.Unwritten : ReadingFate.Damaged, null);
        }

        return new FileInfo(output).Length > task.MaxBytes ? (ReadingFate.TooManyBytes, null)
            : QpdfCalls.CountPages(task.Qpdf, output) is var pages && pages == 2 * task.Sheets ? (ReadingFate.Read, pages)
            : (ReadingFate.Damaged, null);
    }

    // All its pages, and no other number of them than was read before.
    private ReadingFate ToPdf(FileStream stack, WorkerRequest request, string path, CollationTask task) =>
        new CutMaker(scratch).Make(
            stack, request, new CutTask([.. Enumerable.Range(1, task.Sheets)], task.Qpdf, Path.GetFileName(path), task.MaxBytes)).Fate;
}
