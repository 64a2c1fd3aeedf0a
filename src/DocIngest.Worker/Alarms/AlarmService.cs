using DocIngest.Archive;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;
using DocIngest.Worker.Alarms.Checks;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Alarms;

/// <summary>What the service does about alarms, beside intake and never in its way: looks, sends, and calls the dead man's switch. Each goes on whatever becomes of the others.</summary>
internal sealed class AlarmService(Workspace workspace, ILogger logger)
{
    // Commands of other processes raise alarms too; nobody waits longer for their mail than that.
    private static readonly TimeSpan PostEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ExpiriesEvery = TimeSpan.FromHours(6);
    private static readonly TimeSpan TidyEvery = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);   // or the round's own time, where that is longer

    private readonly AlarmOptions _options = workspace.Options.Alarms;
    private readonly HashSet<string> _failing = [];   // each logged once, until it works again; under itself

    /// <summary>Goes on until stopped.</summary>
    public Task RunAsync(CancellationToken stopping)
    {
        var checks = ChecksOf();
        List<Task> loops =
        [
            RoundAsync("checks", checks.LookAsync, CheckEvery, stopping),
            RoundAsync("expiries", checks.LookAtExpiriesAsync, ExpiriesEvery, stopping),
            PostAsync(stopping),
        ];
        if (_options.Ping is { } ping)
        {
            var life = new LifePing(ping, workspace.DataPath, workspace.Time, logger);
            loops.Add(RoundAsync("life", token => life.BeatAsync(workspace.Database, token), ping.Every, stopping));
        }

        return Task.WhenAll(loops);
    }

    private async Task PostAsync(CancellationToken stopping)
    {
        var book = new AlarmAddressBook(_options, workspace.DataPath, workspace.Time);
        var post = new AlarmPost(
            workspace.Database, book.Recipients.ToDictionary(recipient => recipient, book.WayTo, StringComparer.Ordinal), book.Wants,
            new AlarmPace(_options.MaxMessagesAnHour, _options.RemindAfter), Environment.MachineName, workspace.Time, logger);
        long? tidied = null;
        await RoundAsync(
            "messages",
            async token =>
            {
                if (tidied is not { } before || workspace.Time.GetElapsedTime(before) >= TidyEvery)
                {
                    await post.ForgetOthersAsync(token);
                    tidied = workspace.Time.GetTimestamp();
                }

                await post.RunOnceAsync(token);
            },
            PostEvery, stopping);
    }

    private AlarmChecks ChecksOf() => new(
        workspace.Database, new AlarmBook(workspace.Database, workspace.Time, logger), workspace.Options, workspace.Data.FreeBytes,
        new Dictionary<AlarmKind, Func<IReadOnlyList<Expiry>>>
        {
            [AlarmKind.AccessExpiring] = () => [.. SharedAccess.Of(workspace.Options, Environment.GetEnvironmentVariable)],
            [AlarmKind.CertificateExpiring] = () => Certificates.Of(workspace),
        },
        workspace.Time);

    private async Task RoundAsync(string what, Func<CancellationToken, Task> once, TimeSpan every, CancellationToken stopping)
    {
        await Task.Yield();   // a disk or an archive that hangs holds up nobody who starts
        while (true)
        {
            var rest = every;
            try
            {
                await once(stopping);
                Works(what);
            }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): the next round tries again, and intake is not disturbed.
            catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
            {
                rest = every > AfterFailure ? every : AfterFailure;
                Fails(what, error is StorageException or ArchiveException ? error.Message : error is SqliteException ? "the catalog does not answer" : error.GetType().Name);
            }

            await Task.Delay(rest, workspace.Time, stopping);
        }
    }

    private void Works(string what)
    {
        lock (_failing)
        {
            _failing.Remove(what);
        }
    }

    private void Fails(string what, string reason)
    {
        lock (_failing)
        {
            if (_failing.Add(what))
            {
                logger.AlarmRoundFailed(what, reason);
            }
        }
    }
}
