using System.Text;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline;

/// <summary>What ingest would make of a file, with what each rule did.</summary>
/// <param name="Format">The kind of document; null for none that is archived.</param>
/// <param name="Extraction">What was read; null where nothing could be.</param>
/// <param name="RecordClass">The class, the profile's where neither sidecar nor rules give one.</param>
/// <param name="Class">Everything else that was found.</param>
/// <param name="SidecarFault">Why its sidecar is passed over; null where it is not.</param>
public sealed record TriedDocument(FileFormat? Format, ExtractionResult? Extraction, string RecordClass, DocumentClass Class, string? SidecarFault)
{
    /// <summary>What each page is, by the profile's page options; null where nothing could be read.</summary>
    public PagePlan? Plan { get; init; }

    /// <summary>Which side of its sheets it shows, by its name; null where it is a document of its own.</summary>
    public StackName? Stack { get; init; }
}

/// <summary>Tries the rules on a file without taking it in: nothing is claimed, copied or kept.</summary>
public sealed class RuleTrial(Classifier classifier, IExtractor extractor, TimeProvider time)
{
    /// <summary>Reads a file through the extractor and classifies it as a scan of a profile.</summary>
    /// <param name="file">Absolute; readable by the extractor's workers too.</param>
    /// <param name="profile">Whose settings apply.</param>
    /// <param name="dropFolder">The profile's folder, absolute: below it, a file has a subfolder.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ExtractionUnavailableException">No worker can be started, or it cannot open the file.</exception>
    public async Task<TriedDocument> TryAsync(string file, ProfileOptions profile, string dropFolder, CancellationToken cancellation)
    {
        FileFormat? format;
        await using (var content = File.OpenRead(file))
        {
            format = Recognizer.Recognize(content);
        }

        var extraction = format is { } known
            ? await extractor.ExtractAsync(new ExtractionRequest(new RecordIdSource(time).Draw(), file, known) { Languages = profile.Languages, ReadsBarCodes = profile.Pages.ReadsBarCodes }, cancellation)
            : null;
        var (sidecar, sidecarFault) = ReadSidecar(file, profile);
        string name = Path.GetFileName(file);
        string folder = Path.GetDirectoryName(Path.GetRelativePath(dropFolder, file)) ?? "";
        var found = classifier.Classify(
            new DocumentFacts
            {
                Profile = profile.Name,
                FileName = name,
                Subfolder = folder.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(folder) ? "" : folder.Replace(Path.DirectorySeparatorChar, '/'),
                Text = extraction?.Text ?? DocumentText.Empty,
                BarCodes = extraction?.BarCodes?.Codes ?? [],
                Metadata = extraction?.Metadata ?? new Dictionary<string, string>(),
                ReceivedAt = time.GetUtcNow(),
                Languages = profile.Languages,
                DateOrder = profile.DateOrder,
                Sidecar = sidecar,
                KeyFromName = new DocumentKeyRule(profile.DocumentKeyPattern).Find(name),
            },
            traces: true);
        return new TriedDocument(format, extraction, found.RecordClass ?? profile.RecordClass, found, sidecarFault)
        {
            Plan = extraction is null ? null : PagePlan.Make(extraction.Pages.Total, extraction.PageFacts, new PageRules(profile.Pages)),
            Stack = profile.Pages.Duplex is { } duplex ? new DuplexRule(duplex).Find(name) : null,
        };
    }

    private static (Sidecar? Sidecar, string? Fault) ReadSidecar(string file, ProfileOptions profile)
    {
        string path = DropFolder.SidecarPath(file);
        if (profile.Sidecar == SidecarMode.None || !File.Exists(path))
        {
            return (null, null);
        }

        byte[] bytes = new byte[Sidecar.MaxBytes];
        using var content = File.OpenRead(path);
        int read = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Sidecar.Read(Encoding.UTF8.GetString(bytes.AsSpan(0, read)));
    }
}
