using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What came of reading a record again. The words are a promise: <c>ocr</c> prints them.</summary>
/// <param name="Id">The record.</param>
/// <param name="Outcome">One of the constants.</param>
/// <param name="Version">Its new version; null where there is none.</param>
/// <param name="TextStatus">As it is now; null where that is not known.</param>
/// <param name="Pages">Pages with text now; null where that is not known.</param>
/// <param name="Reason">Why it was not read, in plain words.</param>
public sealed record LaterReadingReport(RecordId Id, string Outcome, int? Version, TextStatus? TextStatus, int? Pages, string? Reason)
{
    /// <summary>It has a new version with more text.</summary>
    public const string Read = "read";

    /// <summary>Reading it again would change nothing.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>It waits on: OCR cannot read it here and now.</summary>
    public const string Waiting = "waiting";

    /// <summary>Its object is damaged, or reading it failed.</summary>
    public const string Failed = "failed";

    /// <summary>Another version of it is being made. Try again.</summary>
    public const string Busy = "busy";

    /// <summary>There is no such record.</summary>
    public const string Absent = "absent";
}

/// <summary>
/// Reads archived records again: those that waited for OCR, and those a person names. What is gained becomes a new version, with a new
/// rendition, and is classified again; what people decided stays.
/// </summary>
public sealed class LaterReading(IngestEnvironment environment)
{
    // What gained nothing is tried again now and then: another program may be installed meanwhile.
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromHours(6);
    private const int AtOnce = 200;

    // Of a page's letters: a better reading may drop specks that were read as letters, and no more.
    private const double LeastShare = 0.8;

    private readonly RecordReviser _reviser = new(environment);
    private readonly Dictionary<RecordId, DateTimeOffset> _inVain = [];   // only the background task

    /// <summary>Reads everything that waits for OCR, oldest first, while intake goes on beside it.</summary>
    /// <returns>How many records got a new version.</returns>
    /// <exception cref="OperationCanceledException">Stopped; what was in hand waits on.</exception>
    /// <exception cref="DocIngest.Storage.StorageException">As other failures of the surroundings: what was in hand waits on.</exception>
    public async Task<int> ReadInBackgroundAsync(CancellationToken stopping)
    {
        int count = 0;
        foreach (var record in await WaitingAsync(stopping))
        {
            if (environment.Data.FreeBytes() < environment.Options.FreeSpaceReserveBytes)
            {
                break;   // the alarm of intake says so; originals are not copied on top of that
            }

            var now = environment.Time.GetUtcNow();
            if (_inVain.TryGetValue(record, out var tried) && now - tried < TryAgainAfter)
            {
                continue;
            }

            var report = await ReadOneAsync(record, stopping);
            if (report.Outcome == LaterReadingReport.Read)
            {
                _inVain.Remove(record);
                count++;
                continue;
            }

            _inVain[record] = now;
            environment.Logger.ReadingLaterFailed(record, report.Reason ?? report.Outcome);
        }

        return count;
    }

    // One record that cannot be read must not keep the others waiting.
    private async Task<LaterReadingReport> ReadOneAsync(RecordId record, CancellationToken stopping)
    {
        try
        {
            return await ReadAsync(record, isNamed: false, leavesRoom: true, stopping);
        }
        catch (Exception error) when (ScanEndings.IsOfOneScan(error, stopping))
        {
            return new LaterReadingReport(record, LaterReadingReport.Failed, null, null, null, EnvironmentFailure.Explain(error));
        }
    }

    /// <summary>Reads everything that waits for OCR, oldest first.</summary>
    /// <param name="report">Told what came of each.</param>
    /// <param name="cancellation">Ends it; what was in hand waits on.</param>
    /// <returns>Profiles that have waiting records and none of whose languages can be read here.</returns>
    public async Task<IReadOnlyList<string>> ReadWaitingAsync(Action<LaterReadingReport> report, CancellationToken cancellation)
    {
        var unreadable = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var record in await WaitingAsync(cancellation, unreadable))
        {
            report(await ReportAsync(record, isNamed: false, cancellation));
        }

        return [.. unreadable];
    }

    /// <summary>Reads one record again, whatever its state.</summary>
    public Task<LaterReadingReport> ReadAsync(RecordId id, CancellationToken cancellation) => ReportAsync(id, isNamed: true, cancellation);

    private async Task<LaterReadingReport> ReportAsync(RecordId id, bool isNamed, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(id, isNamed, leavesRoom: false, cancellation);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            return new LaterReadingReport(id, LaterReadingReport.Failed, null, null, null, EnvironmentFailure.Explain(error));
        }
    }

    // All ids first: what is read meanwhile leaves the list.
    private async Task<IReadOnlyList<RecordId>> WaitingAsync(CancellationToken cancellation, ISet<string>? unreadable = null)
    {
        var readable = new Dictionary<string, bool>();
        var found = new List<RecordId>();
        using var connection = environment.Database.OpenReader();
        for (long after = -1; ;)
        {
            var stretch = WaitingForOcr.List(connection, after, AtOnce);
            if (stretch.Count == 0)
            {
                return found;
            }

            after = stretch[^1].Seat;
            foreach (var (_, id, profile) in stretch)
            {
                if (!readable.TryGetValue(profile, out bool can))
                {
                    readable[profile] = can = await environment.Extractor.HasOcrAsync(ProfileNamed(profile).Languages, cancellation);
                }

                if (can)
                {
                    found.Add(id);
                }
                else
                {
                    unreadable?.Add(profile);
                }
            }
        }
    }

    private async Task<LaterReadingReport> ReadAsync(RecordId id, bool isNamed, bool leavesRoom, CancellationToken cancellation)
    {
        ExtractionResult? read = null;
        try
        {
            var outcome = await _reviser.ReviseAsync(
                id,
                async (record, token) =>
                {
                    if (record.Entry.Record.Batch is not null)
                    {
                        return null;
                    }

                    read = await ExtractAsync(record, leavesRoom, token);
                    return read is not null && Gains(record.Entry, read, isNamed) ? Change(record, read) : null;
                },
                cancellation);
            return outcome switch
            {
                RevisionOutcome.Made made => new LaterReadingReport(
                    id, LaterReadingReport.Read, made.Version, made.Record.TextStatus, made.Record.Pages.WithText, made.Record.Note),
                RevisionOutcome.NotNeeded => NotRead(id, read, isNamed),   // of a divided scan nothing is read: its documents have the text
                RevisionOutcome.Busy => new LaterReadingReport(
                    id, LaterReadingReport.Busy, null, null, null, "Another version of it is being made just now."),
                RevisionOutcome.Absent => new LaterReadingReport(id, LaterReadingReport.Absent, null, null, null, "The archive has no such record."),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (ArchiveException error)
        {
            return new LaterReadingReport(id, LaterReadingReport.Failed, null, null, null, EnvironmentFailure.Explain(error));
        }
    }

    private static LaterReadingReport NotRead(RecordId id, ExtractionResult? read, bool isNamed) => read switch
    {
        null => new LaterReadingReport(
            id, LaterReadingReport.Unchanged, null, null, null, "There is nothing to read: it was divided, and its documents have the text, or it is no known kind of document."),
        { TextStatus: TextStatus.PendingOcr } => new LaterReadingReport(
            id, LaterReadingReport.Waiting, null, read.TextStatus, read.Pages.WithText, read.Note),
        _ when isNamed => new LaterReadingReport(
            id, LaterReadingReport.Unchanged, null, read.TextStatus, read.Pages.WithText, "Reading it again gives nothing new."),
        _ => new LaterReadingReport(
            id, LaterReadingReport.Failed, null, read.TextStatus, read.Pages.WithText, read.Note ?? "Less of it could be read than before."),
    };

    private async Task<ExtractionResult?> ExtractAsync(RecordInRevision record, bool leavesRoom, CancellationToken cancellation)
    {
        string copy = $"{record.StagingPath}/{DataFolder.PrivateCopyName}";
        await CopyOutAsync(record, copy, cancellation);
        Formats.FileFormat? format;
        using (var content = environment.Data.OpenRead(copy))
        {
            format = Recognizer.Recognize(content);
        }

        var profile = ProfileNamed(record.Entry.Record.Profile);
        return format is not { } known ? null : await environment.Extractor.ExtractAsync(
            new ExtractionRequest(record.Entry.Record.Id, $"{environment.DataPath}/{copy}", known)
            {
                Languages = profile.Languages,
                ReadsBarCodes = profile.Pages.ReadsBarCodes,
                DropsBlankPages = profile.Pages.Blank == BlankPages.Drop,
                MayTakeLong = true,
                LeavesRoom = leavesRoom,
                Rendition = new RenditionPlace(environment.Data, $"{record.StagingPath}/{DataFolder.StagedRenditionName}"),
            },
            cancellation);
    }

    // Workers must not reach into the archive; and what they read is what its digest says.
    private async Task CopyOutAsync(RecordInRevision record, string copy, CancellationToken cancellation)
    {
        var original = ArchivedOriginal.Of(record.Archived, record.Archived.Head)
            ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, record.Archived.Path, "Its version has no original."));
        environment.Data.CreateFolder(record.StagingPath);
        await using var content = environment.Archive.OpenContent(record.Archived, record.Archived.Head, original.LogicalPath);
        await using var target = environment.Data.Create(copy);
        await content.CopyToAsync(target, cancellation);
    }

    /// <summary>Whether a reading is worth a version. It is never one with less text than before.</summary>
    private static bool Gains(CatalogEntry former, ExtractionResult read, bool isNamed)
    {
        var letters = read.Text.Pages.ToDictionary(page => page.Number, page => Letters(page.Text));
        if (read.Pages.Total < former.Record.Pages.Total
            || former.Text.Pages.Any(page => Letters(page.Text) is > 0 and var before && letters.GetValueOrDefault(page.Number) < LeastShare * before))
        {
            return false;
        }

        return read.Pages.PendingOcr < former.Record.Pages.PendingOcr
            || (isNamed && (read.Text.ToPlainText() != former.Text.ToPlainText() || former.Record.TextStatus != read.TextStatus));
    }

    private static int Letters(string text) => text.Count(char.IsLetterOrDigit);

    private RecordChange Change(RecordInRevision record, ExtractionResult read)
    {
        var former = record.Entry.Record;
        if (environment.Options.Profiles.All(known => known.Name != former.Profile))
        {
            return TextAlone(former, read);
        }

        var profile = ProfileNamed(former.Profile);
        var sidecar = RecordDocuments.ReadSidecar(environment.Archive, record.Archived) is { } json ? Sidecar.Read(json).Sidecar : null;
        var found = environment.Classifier.Classify(Facts(former, read, profile, sidecar));
        string? key = KeyOf(former, found);
        var flags = former.Flags.Where(RecordFlag.OutlastsReading)
            .Concat(ReviewFlags.Of(profile, environment.Classifier.Rules, read, found))
            .Concat(IsAnothers(former, key, profile) ? [RecordFlag.KeyExists] : []);
        return new RecordChange(
            RecordDocuments.WithFindings(former, profile, read, found, flags) with
            {
                DocumentKey = key,
                Identity = ScanIdentity.Of(former.Profile, key, sidecar?.Fields ?? new Dictionary<string, string>(), new Sha512Digest(former.Sha512)),
                Decisions = [.. former.Decisions.Select(decision => decision with { Settles = [.. decision.Settles.Where(RecordFlag.OutlastsReading)] })],
            },
            RevisionReason.ReadLater)
        {
            Text = read.Text,
            Rendition = read.Rendition,
            ReplacesRendition = true,
        };
    }

    // A key that is known stays: others may have been compared with it. A document that is nobody's has none, or the next scan would become a version of it.
    private static string? KeyOf(RecordDocument former, DocumentClass found) =>
        found.IsAssigned ? former.DocumentKey ?? found.DocumentKey : former.Decisions.Select(decision => decision.DocumentKey).LastOrDefault(key => key is not null);

    // Its rules are gone with the profile: what they found then stays.
    private static RecordChange TextAlone(RecordDocument former, ExtractionResult read) => new(
        former with { TextStatus = read.TextStatus, Pages = read.Pages, Tools = read.Tools, Note = read.Note, RenditionPages = read.Rendition is null ? null : read.RenditionPages },
        RevisionReason.ReadLater)
    {
        Text = read.Text,
        Rendition = read.Rendition,
        ReplacesRendition = true,
    };

    private static DocumentFacts Facts(RecordDocument record, ExtractionResult read, ProfileOptions profile, Sidecar? sidecar) => new()
    {
        Profile = profile.Name,
        FileName = record.FileName,
        Subfolder = record.Subfolder,
        Text = read.Text,
        BarCodes = record.PartOf?.WithSheet(read.BarCodes?.Codes ?? []) ?? read.BarCodes?.Codes ?? [],
        Metadata = read.Metadata,
        ReceivedAt = record.ReceivedAt,
        Languages = profile.Languages,
        DateOrder = profile.DateOrder,
        Sidecar = sidecar,
        Person = Decided(record.Decisions),
        KeyFromName = sidecar?.DocumentKey is null && record.PartOf is null   // the name of a stack's file names none of its documents
            ? new DocumentKeyRule(profile.DocumentKeyPattern).Find(record.FileName)
            : null,
    };

    // The latest word counts.
    private static PersonsWord Decided(IReadOnlyList<PersonalDecision> decisions)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in decisions.SelectMany(decision => decision.Fields))
        {
            fields[name] = value;
        }

        return new PersonsWord(
            fields,
            decisions.Select(decision => decision.RecordClass).LastOrDefault(name => name is not null),
            decisions.Select(decision => decision.DocumentKey).LastOrDefault(key => key is not null));
    }

    // A key that is found only now came too late to make it a version of the other record.
    private bool IsAnothers(RecordDocument record, string? key, ProfileOptions profile)
    {
        if (key is null || key == record.DocumentKey || profile.OnExistingKey == ExistingKeyPolicy.NewRecord)
        {
            return false;
        }

        using var connection = environment.Database.OpenReader();
        return HeadTable.HasKey(connection, record.Profile, key, but: record.Id);
    }

    // A profile that is no longer in the configuration says nothing any more.
    private ProfileOptions ProfileNamed(string name) =>
        environment.Options.Profiles.FirstOrDefault(profile => profile.Name == name) ?? new ProfileOptions { Name = name, OnExistingKey = ExistingKeyPolicy.Review };
}
