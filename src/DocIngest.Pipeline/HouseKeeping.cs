using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline;

/// <summary>What goes on beside intake: closing days of the audit, ending alarms, telling operators how things stand, tidying the search index.</summary>
/// <param name="environment">What it works with.</param>
/// <param name="alarms">Those of the session.</param>
/// <param name="folders">Drop folders.</param>
/// <param name="feedback">Feedback folders by profile.</param>
internal sealed class HouseKeeping(IngestEnvironment environment, Alarms alarms, IntakeFolders folders, IReadOnlyDictionary<string, FeedbackFolder> feedback)
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StatusRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FeedbackAnswersWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaintenanceSlice = TimeSpan.FromMilliseconds(200);

    // A share may answer slowly, and a folder of a hundred thousand files takes its time; ten looks must not all have been missed.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);
    private const int SilentAfterLooks = 10;
    private const int SilentRounds = 2;   // of this round: after a clock that leapt, the watcher comes to itself as we do

    private long _began;   // only the round
    private readonly Dictionary<string, int> _silentRounds = [];   // by profile; only the round
    private readonly DayClosing _auditDays = new(environment);
    private readonly DamageReports _damage = new(environment.Time, environment.Logger);
    private readonly Dictionary<string, Task> _telling = [];   // by profile; only one of the round and the end of a run

    /// <summary>The service's round, until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _began = environment.Time.GetTimestamp();
        var maintenance = new CatalogMaintenance(environment.Database, environment.Time);
        while (true)
        {
            try
            {
                await CloseAuditDaysAsync(stopping);
                await EndLateBytesAsync(stopping);
                await TellOfOcrAsync(stopping);
                await ListenAsync(stopping);
                await TellStatusAsync(stopping);
                await maintenance.RunAsync(MaintenanceSlice, whole: false, stopping);
            }
            catch (Exception error) when (EnvironmentFailure.Is(error))
            {
                environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            }

            await WaitForAlarmAsync(stopping);
        }
    }

    /// <summary>What is due at the end of a run over named files.</summary>
    public async Task EndRunAsync(CancellationToken cancellation)
    {
        await CloseAuditDaysAsync(cancellation);
        await TellOfOcrAsync(cancellation);
        await TellStatusAsync(cancellation);
    }

    // An alarm that begins or ends is on STATUS.txt within a moment; a flapping one writes it no more often than that.
    private async Task WaitForAlarmAsync(CancellationToken stopping)
    {
        await Task.Delay(StatusRest, environment.Time, stopping);
        using var interval = new CancellationTokenSource(StatusInterval - StatusRest, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, interval.Token);
        try
        {
            await alarms.WaitForChangeAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // A quiet time has passed.
        }
    }

    // Filed they are, and nobody finds what stands in them: weeks can go by before one is missed.
    private async Task TellOfOcrAsync(CancellationToken stopping)
    {
        Dictionary<string, long> waiting;
        using (var connection = environment.Database.OpenReader())
        {
            waiting = WaitingForOcr.Count(connection).ToDictionary(one => one.Profile, one => one.Count, StringComparer.Ordinal);
        }

        foreach (var profile in environment.Options.Profiles)
        {
            long count = waiting.GetValueOrDefault(profile.Name);
            bool isDown = count > 0 && environment.WantsOcr && !await environment.Extractor.HasOcrAsync(profile.Languages, stopping);
            await alarms.SetAsync(
                AlarmKind.OcrUnavailable, profile.Name, isDown,
                $"{count} records wait for OCR: tesseract is not installed, does not start, or has none of the languages of this profile. They are archived, and found by nothing that stands in them. "
                + "Install it and start the service again, or run 'docingest ocr --pending'.",
                stopping);
            var missing = environment.WantsOcr ? await environment.Extractor.MissingLanguagesAsync(profile.Languages, stopping) : [];
            await alarms.SetAsync(
                AlarmKind.OcrLanguageMissing, profile.Name, missing.Count > 0,
                $"Tesseract has no language pack {string.Join(", ", missing)}: pages of this profile are read without, and their words may be wrong. "
                + "Install it (for example tesseract-ocr-deu) and start the service again; records that were read without it wait in 'qc' as language-missing, and are read again then.",
                stopping);
        }
    }

    // Each look leaves a heartbeat: a share that hangs answers neither yes nor no, and nothing else would tell of it.
    private async Task ListenAsync(CancellationToken stopping)
    {
        foreach (var folder in folders.Drop)
        {
            var patience = TimeSpan.FromTicks(Math.Max(SilentAfter.Ticks, SilentAfterLooks * folder.Profile.PollInterval.Ticks));
            bool isSilent = folder.SilentSince is { } since && environment.Time.GetElapsedTime(Math.Max(since, _began)) > patience;
            int rounds = _silentRounds[folder.Profile.Name] = isSilent ? _silentRounds.GetValueOrDefault(folder.Profile.Name) + 1 : 0;
            if (isSilent && rounds < SilentRounds)
            {
                continue;
            }

            await alarms.SetAsync(
                AlarmKind.WatcherSilent, folder.Profile.Name, isSilent,
                $"The drop folder has not been looked at for {patience.TotalMinutes:N0} minutes: it does not answer, neither well nor ill. Scans in it wait.", stopping);
        }
    }

    private async Task TellStatusAsync(CancellationToken stopping)
    {
        var answering = feedback.Where(pair => _telling.GetValueOrDefault(pair.Key) is not { IsCompleted: false }).ToList();
        foreach (var (profile, feedback) in answering)
        {
            _telling[profile] = Task.Run(() => feedback.LookAfterAsync(stopping), stopping);
        }

        try
        {
            await Task.WhenAll(answering.Select(pair => _telling[pair.Key])).WaitAsync(FeedbackAnswersWithin, environment.Time, stopping);
        }
        catch (TimeoutException)
        {
            // A share that hangs must not keep the others from being told: it is left to its task, and told again once that has ended.
        }
    }

    private async Task EndLateBytesAsync(CancellationToken stopping)
    {
        foreach (var folder in folders.Drop)
        {
            bool waits;
            using (var connection = environment.Database.OpenReader())
            {
                waits = ReviewTable.Waits(connection, RecordFlag.LateBytes, folder.Profile.Name);
            }

            if (!waits)
            {
                await alarms.ResolveAsync(AlarmKind.LateBytes, folder.Profile.Name, stopping);
            }
        }
    }

    // A day that stays open is closed another time: intake does not wait for it.
    private async Task CloseAuditDaysAsync(CancellationToken cancellation)
    {
        try
        {
            await _auditDays.CloseAsync(cancellation);
            _damage.Forget();
        }
        catch (DamagedObjectException damage)
        {
            _damage.Tell(damage.Finding.Code, damage.Finding.Path);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error) || error is CryptographicException)
        {
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);   // perhaps this account may not read the key
        }
    }
}
