using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;

namespace DocIngest.Pipeline.Tests;

/// <summary>As <see cref="PlainReader"/>, with a searchable rendition of each document, as OCR leaves one in the staging folder.</summary>
internal sealed class RenditionReader : IExtractor
{
    private readonly PlainReader _plain = new();

    /// <summary>Documents that get none from now on.</summary>
    public bool IsOff { get; set; }

    public static byte[] Rendition(string id) => Encoding.UTF8.GetBytes($"%PDF-1.5\nrendition of {id}\n%%EOF\n");

    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        var result = await _plain.ExtractAsync(request, cancellation);
        if (IsOff || request.Rendition is not { } place)
        {
            return result;
        }

        byte[] content = Rendition(request.Id.ToString());
        place.Folder.Delete(place.Path);
        await using (var file = place.Folder.Create(place.Path))
        {
            await file.WriteAsync(content, cancellation);
        }

        return result with
        {
            Rendition = new RenditionFile(place.Path, new Sha512Digest(Convert.ToHexStringLower(SHA512.HashData(content))), content.Length),
        };
    }
}
