using System.Text;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Pipeline.Tests.Intake;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Disposition;

/// <summary>
/// Records with a mark in every name, word and value, taken in among others; and a search for that mark, and for digests of their files, through every file of
/// the data folder but the archive, and of the feedback folder.
/// </summary>
internal sealed class MarkedRecords : IDisposable
{
    public const string Mark = "zqxmark";
    private const string Feedback = "/volume/feedback";
    private const string Sidecar = $$"""{ "documentKey": "{{Mark}}-key", "fields": { "patientName": "{{Mark}} Doe", "case": "{{Mark}}-4711" } }""";

    private static readonly byte[] Pdf = A.Pdf().WithTextLayer($"{Mark} text").ToBytes();
    private static readonly byte[] Image = A.Png().ToBytes();

    public IngestWorld World { get; } = new();

    public MarkedRecords()
    {
        World.Volume.FolderAt("feedback");
        World.Profile.FeedbackFolder = Feedback;
        World.Profile.Sidecar = SidecarMode.Optional;
        World.Reader = new MarkedReader(World);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => World.Dispose();

    /// <summary>Takes them in: a PDF with a sidecar, a picture in a subfolder, a file accepted out of quarantine, and the PDF once more; and others.</summary>
    public async Task<IReadOnlyList<RecordId>> FileAllAsync(int others = 30)
    {
        PutOthers(0, others / 2);
        await World.RunAsync();
        PutMarked();
        World.Put($"{Mark} refused.dat", Encoding.UTF8.GetBytes($"{Mark} no document"));
        await World.RunAsync();
        List<RecordId> due = [.. World.Reports.Where(report => report.Outcome == "filed").Select(report => RecordId.Parse(report.Id ?? ""))];
        await World.ResumeQuarantinedAsync(World.Ask(connection => QuarantineTable.List(connection).Single().ScanId), accept: true);
        due.Add(RecordId.Parse(Assert.Single(World.Reports).Id ?? ""));
        World.Put($"{Mark} again.pdf", Pdf);
        World.Put($"{Mark} again.pdf.json", Encoding.UTF8.GetBytes(Sidecar));
        PutOthers(others / 2, others);
        await World.RunAsync();
        Assert.Contains(World.Reports, report => report.Outcome == "duplicate");
        PutThumbnail(Pdf);
        return due;
    }

    public void PutMarked()
    {
        World.Put($"{Mark} Müller.pdf", Pdf);
        World.Put($"{Mark} Müller.pdf.json", Encoding.UTF8.GetBytes(Sidecar));
        World.Drop.CreateFolder($"{Mark} ward");
        World.Put($"{Mark} ward/{Mark}.png", Image);
    }

    private void PutOthers(int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            World.Put($"other {number}.pdf", IngestWorld.Document($"other {number}"));
            World.Put($"other {number}.pdf.json", Encoding.UTF8.GetBytes($$"""{ "documentKey": "key-{{number}}", "fields": { "patientName": "Other {{number}}" } }"""));
        }
    }

    private void PutThumbnail(byte[] original)
    {
        string path = DataFolder.ThumbnailOf(Sha512Digest.Of(original));
        World.Data.CreateFolder(path[..path.LastIndexOf('/')]);
        using var file = World.Data.Create(path);
        file.Write(Encoding.UTF8.GetBytes(Mark));
    }

    /// <summary>Destroys, forgets and scours in a process of its own.</summary>
    public async Task<ForgettingResult> DestroyAndForgetAsync(IReadOnlyList<RecordId> due, FaultPlan? plan = null)
    {
        ForgettingResult? result = null;
        await World.RunWithEnvironmentAsync(
            async (environment, _) =>
            {
                result = await ForgetAsync(environment, due);
                Assert.Equal(ScouringResult.Clean, await new RecordForgetting(environment).ScourAsync(Cancellation));
            },
            plan);
        return Assert.IsType<ForgettingResult>(result);
    }

    public static async Task<ForgettingResult> ForgetAsync(IngestEnvironment environment, IReadOnlyList<RecordId> due)
    {
        var forgetting = new RecordForgetting(environment);
        foreach (string id in due.Select(record => record.ToString()))
        {
            var outcome = await environment.Archive.DestroyAsync(id, environment.Archive.Measure(id)?.InventoryDigest ?? default, cancellation: Cancellation);
            Assert.True(outcome is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone);
        }

        return await forgetting.ForgetAsync(due, Cancellation);
    }

    /// <summary>Lines of the receipt files.</summary>
    public List<string> Lines() =>
        [.. World.Data.List(DataFolder.Receipts).SelectMany(file => IngestWorld.ReadText(World.Data, $"{DataFolder.Receipts}/{file.Name}").Split('\n', StringSplitOptions.RemoveEmptyEntries))];

    public void AssertNothingTells(string when) => Assert.True(Marked().Count == 0, $"{when}: {string.Join(", ", Marked())}");

    public void AssertMarked(params string[] beginnings) =>
        Assert.All(beginnings, beginning => Assert.Contains(Marked(), name => name.StartsWith(beginning, StringComparison.Ordinal)));

    /// <summary>The files that tell of the marked records, by name or content.</summary>
    public List<string> Marked() =>
        [.. Files().Where(file => TellsOf(Encoding.UTF8.GetBytes(file.Name)) || TellsOf(file.Content)).Select(file => file.Name)];

    private IEnumerable<(string Name, byte[] Content)> Files() =>
        Below(World.Data, "").Where(file => !file.Name.StartsWith($"{DataFolder.Archive}/", StringComparison.Ordinal))
            .Concat(Below(World.Volume.FolderAt("feedback"), "").Select(file => ($"feedback/{file.Name}", file.Content)))
            .Concat(World.DatabaseFiles().Select(file => ($"{DataFolder.Catalog}/{file.Name}", file.Content)));

    private static IEnumerable<(string Name, byte[] Content)> Below(IDurableFolder folder, string path)
    {
        foreach (var entry in folder.List(path).ToList())
        {
            string child = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.Kind == EntryKind.Folder)
            {
                foreach (var below in Below(folder, child))
                {
                    yield return below;
                }
            }
            else
            {
                using var file = folder.OpenRead(child);
                using var whole = new MemoryStream();
                file.CopyTo(whole);
                yield return (child, whole.ToArray());
            }
        }
    }

    // In any case, in UTF-8 and in UTF-16 of either order, digests as text and as bytes.
    private static bool TellsOf(byte[] content)
    {
        byte[] lower = [.. content.Select(one => one is >= (byte)'A' and <= (byte)'Z' ? (byte)(one | 0x20) : one)];
        return Traces().Any(trace => lower.AsSpan().IndexOf(trace) >= 0) || DigestBytes().Any(digest => content.AsSpan().IndexOf(digest) >= 0);
    }

    private static IEnumerable<byte[]> Traces() =>
    [
        Encoding.UTF8.GetBytes(Mark), Encoding.Unicode.GetBytes(Mark), Encoding.BigEndianUnicode.GetBytes(Mark),
        .. new[] { Pdf, Image }.Select(bytes => Encoding.UTF8.GetBytes(Sha512Digest.Of(bytes).Hex)),
    ];

    private static IEnumerable<byte[]> DigestBytes() => new[] { Pdf, Image }.Select(bytes => Convert.FromHexString(Sha512Digest.Of(bytes).Hex));

    /// <summary>Finds the mark in every document that is marked.</summary>
    private sealed class MarkedReader(IngestWorld world) : IExtractor
    {
        public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            var plain = await new PlainReader().ExtractAsync(request, cancellation);
            long sizeBytes = world.Data.Find(request.FilePath[(IngestWorld.DataPath.Length + 1)..])?.Stamp.SizeBytes ?? 0;
            return sizeBytes == Pdf.Length || sizeBytes == Image.Length
                ? plain with
                {
                    Text = new DocumentText([new PageText(1, $"words of {Mark}word and {Mark}", TextSource.Layer)]),
                    Metadata = new Dictionary<string, string> { ["pdf:title"] = $"{Mark} title", ["pdf:author"] = $"{Mark}author" },
                }
                : plain;
        }
    }
}
