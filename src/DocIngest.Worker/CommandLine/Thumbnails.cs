using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary>
/// Small pictures of first pages. Made by an extraction worker when one is asked for, and kept outside the archive by the digest of
/// the original: the folder may be deleted at any time.
/// </summary>
internal static class Thumbnails
{
    public const string Form = "thumbnail";

    private const int LongerSide = 320;

    /// <summary>The picture of a version.</summary>
    /// <exception cref="CommandException">No picture of it can be made (exit 5), or not now (exit 6).</exception>
    public static async Task<byte[]> GetAsync(
        Workspace workspace, IArchive archive, OcflObject found, VersionNumber version, RecordId id, CancellationToken cancellation)
    {
        if (ArchivedOriginal.Of(found, version) is not { } original
            || FileFormats.OfExtension(Path.GetExtension(original.LogicalPath).TrimStart('.')) is not { } format)
        {
            throw new CommandException(ExitCode.NotFound, $"{version} of the record has no thumbnail: its original is no document that can be shown.");
        }

        string place = DataFolder.ThumbnailOf(original.Digest);
        if (TryRead(workspace.Data, place) is { } kept)
        {
            return kept;
        }

        byte[] made = await MakeAsync(workspace, id, format, version, async target =>
        {
            using var content = archive.OpenContent(found, version, original.LogicalPath);
            await content.CopyToAsync(target, cancellation);
        }, cancellation);
        Keep(workspace.Data, place, made);
        return made;
    }

    private static async Task<byte[]> MakeAsync(
        Workspace workspace, RecordId id, FileFormat format, VersionNumber version, Func<Stream, Task> copyOriginal, CancellationToken cancellation)
    {
        var options = IngestHost.ExtractionOptionsOf(workspace) with { WorkerCount = 1 };
        if (options.Ocr is not { Programs: var programs } || (format == FileFormat.Pdf && programs.PdfToPpm is null))
        {
            throw new CommandException(
                ExitCode.EnvironmentFailed, "Thumbnails are made with the programs of OCR: install tesseract-ocr and poppler-utils, and leave extraction.ocr on.");
        }

        await using var pool = new ExtractionWorkerPool(options, workspace.Time, NullLogger<ExtractionWorkerPool>.Instance);
        var picture = new MemoryStream();   // its bytes can be had after it was closed
        try
        {
            return await pool.MakeThumbnailAsync(new ThumbnailRequest(id, format, copyOriginal, LongerSide), () => picture = new MemoryStream(), cancellation)
                ? picture.ToArray()
                : throw new CommandException(
                    ExitCode.NotFound, $"{version} of the record has no thumbnail: its first page cannot be shown. 'show {id}' says what is known of it.");
        }
        catch (ExtractionUnavailableException error)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, error.Message);
        }
    }

    private static byte[]? TryRead(IDurableFolder data, string place)
    {
        try
        {
            using var file = data.OpenRead(place);
            using var whole = new MemoryStream();
            file.CopyTo(whole);
            return whole.Length > 0 ? whole.ToArray() : null;
        }
        catch (StorageException)
        {
            return null;   // it is made again
        }
    }

    private static void Keep(IDurableFolder data, string place, byte[] picture)
    {
        string folder = place[..place.LastIndexOf('/')];
        string part = $"{folder}/.{Guid.NewGuid():N}.part";
        try
        {
            data.CreateFolder(DataFolder.Thumbnails);
            data.CreateFolder(folder);
            using (var file = data.Create(part))
            {
                file.Write(picture);
            }

            data.Move(part, place);
        }
        catch (StorageException)
        {
            // Not kept: another process was first, the disk is full, or this account may only read. The next who asks has it made again.
            TryDelete(data, part);
        }
    }

    private static void TryDelete(IDurableFolder data, string path)
    {
        try
        {
            data.Delete(path);
        }
        catch (StorageException)
        {
            // As above.
        }
    }
}
