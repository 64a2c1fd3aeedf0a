using System.Globalization;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Verification;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Alarms.Checks;

/// <summary>What the service looks at from time to time since no act of its own would show it.</summary>
/// <param name="database">The catalog.</param>
/// <param name="book">Raises and ends alarms.</param>
/// <param name="options">The configuration.</param>
/// <param name="freeBytes">Free space on the disk of the data folder.</param>
/// <param name="expiries">What runs out; a place that cannot be reached throws.</param>
/// <param name="time">The clock.</param>
internal sealed class AlarmChecks(
    SqliteDatabase database, AlarmBook book, DocIngestOptions options, Func<long> freeBytes, IReadOnlyDictionary<AlarmKind, Func<IReadOnlyList<Expiry>>> expiries, TimeProvider time)
{
    private const string Data = "data";
    private const string Quarantine = "quarantine";
    private const int ReservesOfWarning = 3;

    // An alarm that ends at the same mark at which it begins comes and goes.
    private const double EndsAbove = 1.1;

    private static readonly AlarmKind[] OfProfiles =
        [AlarmKind.FolderMissing, AlarmKind.WatcherSilent, AlarmKind.RefusedEntry, AlarmKind.FeedbackFailing, AlarmKind.OcrUnavailable, AlarmKind.OcrLanguageMissing];

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Looks at what changes fast.</summary>
    public async Task LookAsync(CancellationToken stopping)
    {
        await LookAtSpaceAsync(stopping);
        await LookAtQuarantineAsync(stopping);
        foreach (var kind in OfProfiles)
        {
            await book.EndOthersAsync(kind, [.. options.Intake.Profiles.Select(profile => profile.Name)], stopping);   // nobody looks at a folder that is configured no more
        }
    }

    /// <summary>Looks at what changes within days: what runs out, and what was not read again in its time.</summary>
    public async Task LookAtExpiriesAsync(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        foreach (var (kind, find) in expiries)
        {
            var found = find();
            foreach (var expiry in found)
            {
                await book.SetAsync(kind, expiry.Subject, expiry.At - now <= TimeSpan.FromDays(options.Alarms.ExpiryDays), expiry.Message(now), stopping);
            }

            await book.EndOthersAsync(kind, [.. found.Select(expiry => expiry.Subject)], stopping);
        }

        await LookAtVerificationAsync(stopping);
    }

    private async Task LookAtSpaceAsync(CancellationToken stopping)
    {
        long reserve = options.Intake.FreeSpaceReserveBytes;
        long mark = options.Alarms.LowSpaceBytes ?? (reserve > long.MaxValue / ReservesOfWarning ? long.MaxValue : reserve * ReservesOfWarning);
        long free = freeBytes();
        bool stood;
        using (var connection = database.OpenReader())
        {
            stood = AlarmTable.Stands(connection, AlarmKind.DiskLow, Data);
        }

        bool isLow = free < (stood ? mark * EndsAbove : mark);
        await book.SetAsync(
            AlarmKind.DiskLow, Data, isLow, string.Create(CultureInfo.InvariantCulture, $"{InGiB(free)} GiB are free on the disk of the data folder; at {InGiB(reserve)} GiB nothing more is taken in."), stopping);
    }

    private async Task LookAtQuarantineAsync(CancellationToken stopping)
    {
        long count;
        using (var connection = database.OpenReader())
        {
            count = QuarantineTable.CountSince(connection, time.GetUtcNow() - Day);
        }

        int many = options.Alarms.QuarantinedADay;
        await book.SetAsync(
            AlarmKind.QuarantineGrowing, Quarantine, many > 0 && count >= many,
            string.Create(CultureInfo.InvariantCulture, $"{count} files came into quarantine within 24 hours and wait there for a decision."), stopping);
    }

    // Verifications end it, and raise it themselves where they do not get through: this one is for where there are none.
    private async Task LookAtVerificationAsync(CancellationToken stopping)
    {
        if (new VerificationRegister(database).IsNeglected(options.Assurance.ArchiveVerifiedWithin, time.GetUtcNow()))
        {
            await book.SetAsync(
                AlarmKind.VerificationOverdue, ArchiveVerifyCommand.Subject, stands: true,
                "Not all of the archive was read again in its time, or none of it ever. Make 'docingest archive verify' a daily job; 'docingest report list' has its reports.", stopping);
        }
    }

    private static string InGiB(long bytes) => (bytes / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture);
}
