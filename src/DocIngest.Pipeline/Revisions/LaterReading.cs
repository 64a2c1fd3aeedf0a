using System.Data.Common;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Collation;
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
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitAfterGain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(8);
    private const int AtOnce = 200;

    // Of a page's letters: a better reading may drop specks that were read as letters, and no more.
    private const double LeastShare = 0.8;

    private readonly RecordReviser _reviser = new(environment);
    private readonly LaterFindings _findings = new(environment);
    private readonly Dictionary<RecordId, DateTimeOffset> _inVain = [];   // only the background task

    /// <summary>The service's reading, while intake goes on beside it: looks for what waits soon after the start, and less and less often while nothing comes.</summary>
    public async Task RunInBackgroundAsync(CancellationToken stopping)
    {
        for (var wait = FirstLook; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            await Task.Delay(wait, environment.Time, stopping);
            try
            {
                wait = await ReadInBackgroundAsync(stopping) > 0 ? WaitAfterGain / 2 : wait;
            }
            catch (Exception error) when (EnvironmentFailure.Is(error))
            {
                environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            }
        }
    }

    // Everything that waits, oldest first. How many records got a new version.
    private async Task<int> ReadInBackgroundAsync(CancellationToken stopping)
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
                return [.. found, .. await ReadableAtLastAsync(connection, cancellation)];
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

    // Read they are, but without a language: worth another reading once tesseract has all languages of their profile.
    private async Task<List<RecordId>> ReadableAtLastAsync(DbConnection connection, CancellationToken cancellation)
    {
        var found = new List<RecordId>();
        foreach (var profile in ReviewTable.WaitingFor(connection, RecordFlag.LanguageMissing).GroupBy(record => record.Profile, StringComparer.Ordinal))
        {
            var languages = ProfileNamed(profile.Key).Languages;
            if (await environment.Extractor.HasOcrAsync(languages, cancellation) && (await environment.Extractor.MissingLanguagesAsync(languages, cancellation)).Count == 0)
            {
                found.AddRange(profile.Select(record => record.Id));
            }
        }

        return found;
    }

    private async Task<LaterReadingReport> ReadAsync(RecordId id, bool isNamed, bool leavesRoom, CancellationToken cancellation)
    {
        ExtractionResult? read = null;
        string? of = null;
        bool isOver = false;
        try
        {
            var outcome = await _reviser.ReadAndReviseAsync(
                id,
                async (record, token) =>
                {
                    isOver = !isNamed && record.Entry.Record.Withdrawn is not null;
                    if (record.Entry.Record.Batch is not null || isOver)
                    {
                        return null;
                    }

                    string original = record.Entry.Record.OriginalsDigest.Hex;
                    if (of is not null && of != original)
                    {
                        environment.Archive.Discard(record.Id.ToBareString());   // another scan came: what was read is of the former
                    }

                    read = of == original ? read : await ExtractAsync(record, leavesRoom, token);
                    of = original;
                    return read is not null && Gains(record.Entry, read, isNamed) ? _findings.Change(record, read) : null;
                },
                cancellation);
            return outcome switch
            {
                RevisionOutcome.Made made => new LaterReadingReport(
                    id, LaterReadingReport.Read, made.Version, made.Record.TextStatus, made.Record.Pages.WithText, made.Record.Note),
                RevisionOutcome.NotNeeded when isOver => new LaterReadingReport(id, LaterReadingReport.Unchanged, null, null, null, "It was withdrawn meanwhile."),
                RevisionOutcome.NotNeeded => NotRead(id, read, isNamed),   // of a divided scan nothing is read: its documents have the text
                RevisionOutcome.Busy => new LaterReadingReport(
                    id, LaterReadingReport.Busy, null, null, null, "Another version of it is being made just now."),
                RevisionOutcome.KeyTaken => new LaterReadingReport(
                    id, LaterReadingReport.Busy, null, null, null, "Another record got its document key just now."),
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
        environment.Data.CreateFolder(record.StagingPath);
        var collated = record.Entry.Record.Duplex is { HasBoth: true } duplex
            ? await new StackCollator(environment).CollateArchivedAsync(record.Archived, record.Archived.Head, duplex, record.Entry.Record.Id, record.StagingPath, cancellation)
            : null;
        string copy = collated?.Path ?? $"{record.StagingPath}/{DataFolder.PrivateCopyName}";
        if (collated is null)
        {
            await ArchivedOriginal.CopyOutAsync(environment, record.Archived, record.Archived.Head, copy, cancellation);
        }

        Formats.FileFormat? format;
        using (var content = environment.Data.OpenRead(copy))
        {
            format = Recognizer.Recognize(content);
        }

        var profile = ProfileNamed(record.Entry.Record.Profile);
        if (format is not { } known)
        {
            return null;
        }

        var read = await environment.Extractor.ExtractAsync(
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
        return collated is null ? read : read with
        {
            Rendition = read.Rendition ?? collated,
            Metadata = record.Entry.Record.Metadata,   // that of both stacks; what was put together has none
        };
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
            || read.MissingLanguages.Count < former.Record.MissingLanguages.Count
            || (isNamed && (read.Text.ToPlainText() != former.Text.ToPlainText() || former.Record.TextStatus != read.TextStatus));
    }

    private static int Letters(string text) => text.Count(char.IsLetterOrDigit);

    // A profile that is no longer in the configuration says nothing any more.
    private ProfileOptions ProfileNamed(string name) =>
        environment.Options.Profiles.FirstOrDefault(profile => profile.Name == name) ?? new ProfileOptions { Name = name, OnExistingKey = ExistingKeyPolicy.Review };
}
