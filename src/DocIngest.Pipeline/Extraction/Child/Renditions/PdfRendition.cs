using System.Globalization;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Pdf;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Lays the words of pages that OCR read over the pages of a PDF. Its own content stays as it is; other pages get nothing.</summary>
internal sealed class PdfRendition(string qpdf, ScratchFolder scratch)
{
    private const int Warnings = 3;   // of qpdf: it wrote the file

    /// <summary>Makes it.</summary>
    /// <param name="file">The original, at its begin.</param>
    /// <param name="path">Its path.</param>
    /// <param name="text">Whose pages with a layout are laid over it.</param>
    /// <param name="shown">The pages that are shown, ascending; null: all.</param>
    /// <param name="output">A new file.</param>
    /// <returns>False where qpdf cannot, or only at the price of a part of a page.</returns>
    public bool TryMake(FileStream file, string path, DocumentText text, IReadOnlyList<int>? shown, string output)
    {
        var pages = text.Pages.Where(page => page.Layout is { Words.Count: > 0 }).ToList();
        string layer = scratch.NewName("pdf");
        try
        {
            var rotations = new List<string>();
            var places = shown?.Select((number, at) => (number, at)).ToDictionary(page => page.number, page => page.at + 1);
            int PlaceOf(int number) => places is null ? number : places[number];   // of what is shown, which is what qpdf counts once it has chosen pages
            if (!TryWriteLayer(file, pages, layer, rotations, PlaceOf))
            {
                return false;
            }

            string[] choice = shown is null ? [] : ["--pages", ".", PageRanges.Of(shown), "--"];
            string over = PageRanges.Of(pages.Select(page => PlaceOf(page.Number)));
            int code = ProgramCall.Run(
                qpdf,
                [
                    "--no-warn", "--decode-level=none", "--object-streams=generate", path, .. choice, .. rotations,
                    "--overlay", layer, $"--to={over}", "--from=1-z", "--", output,
                ],
                static _ => { });
            return code is 0 or Warnings;
        }
        finally
        {
            ScratchFolder.Remove(layer);
        }
    }

    private static bool TryWriteLayer(FileStream file, List<Records.PageText> pages, string layer, List<string> rotations, Func<int, int> placeOf)
    {
        using var mapped = MappedFile.Map(file);
        using var document = PdfReader.Open(mapped);
        using var pdf = new PdfFileWriter(new FileStream(layer, FileMode.CreateNew, FileAccess.Write));
        var font = new TextLayerFont(pdf);
        int tree = pdf.Reserve();
        var kids = new List<int>();
        foreach (var page in pages)
        {
            if (page.Layout is not { } layout || PageBoxes.Of(document, page.Number, layout.Width) is not { } boxes)
            {
                return false;
            }

            if (boxes.RotationToState is { } degrees)
            {
                rotations.Add(string.Create(CultureInfo.InvariantCulture, $"--rotate={degrees}:{placeOf(page.Number)}"));
            }

            var laid = page.Layer is null ? page : page with { Layout = OwnWords.LeftOut(layout, document.GetPage(page.Number)) };
            int content = pdf.AddCompressed("", TextLayer.Write(laid, font, boxes.Place));
            kids.Add(pdf.Add(
                $"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 {PdfFileWriter.Number(boxes.Width, 4)} {PdfFileWriter.Number(boxes.Height, 4)}]"
                + $"/Contents {content} 0 R/Resources<</Font<</F {font.Number} 0 R>>>>>>"));
        }

        font.Finish();
        pdf.Write(tree, $"<</Type/Pages/Count {kids.Count}/Kids[{string.Join(' ', kids.Select(kid => $"{kid} 0 R"))}]>>");
        pdf.Finish(pdf.Add($"<</Type/Catalog/Pages {tree} 0 R>>"));
        return true;
    }
}
