using System.CommandLine;
using DocIngest.Archive;
using DocIngest.Backup;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Archives;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>archive copy</c></summary>
internal static class ArchiveCopyCommand
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromDays(1);   // as in the configuration

    public static Command Create(CommandFactory commands)
    {
        var to = new Option<string>("--to")
        {
            Description = "The archive to copy into: a path, or azure:CONTAINER:/PREFIX. Made where there is nothing.", HelpName = "STORE", Required = true,
        };
        var from = new Option<string?>("--from")
        {
            Description = "The archive to copy, likewise; that of the data folder where none is named.", HelpName = "STORE",
        };
        var retryFor = new Option<TimeSpan?>("--retry-for")
        {
            Description = "How long a store that does not answer is asked again, each time that it happens (as configured for backups; else 15m). 0: not at all.",
            HelpName = "DURATION",
            CustomParser = result => TypedValue.Parse<TimeSpan>(
                result, text => DurationText.Parse(text) is { } span && span <= LongestRetry ? span : null, "a duration of at most a day, as 90s, 15m or 1h30m"),
        };
        return commands.Create(
            "copy",
            "Copy every object with all its versions into another store, comparing digests. Run again, it goes on where it was.",
            context => RunAsync(context, context.Get(from), context.Get(to) ?? "", context.Get(retryFor)),
            to, from, retryFor);
    }

    private static async Task<int> RunAsync(CommandContext context, string? from, string to, TimeSpan? retryFor)
    {
        var configuration = context.LoadConfig();
        RepositoryLocation source = from is not null ? ArchiveStores.Parse(from, "--from")
            : ConfiguredArchive.LocationOf(configuration.Archive) ?? (RepositoryLocation)new RepositoryLocation.Folder(Path.Combine(context.DataPath, DataFolder.Archive));
        var target = ArchiveStores.Parse(to, "--to");
        DemandApart(source, target);
        var retries = ArchiveStores.RetriesOf(context, configuration, retryFor);
        using var kept = await ArchiveWriting.KeepOthersOutAsync(context, configuration, target);
        using var stores = new ArchiveStores(configuration.Storage.Durability, retries);
        var opened = await stores.OpenAsync(source, context.Cancellation);   // first: where there is nothing to copy, nothing is made
        if (from is null)
        {
            using var volumes = new LocalVolumes(configuration.Storage.Durability);
            RecoveryGate.DemandRestored(volumes.Open(context.DataPath));
            await AuditedActs.RecordAsync(context.DataPath, volumes, static origin => origin.Event(AuditType.Export, "archive-copy", AuditAction.Read), context.Cancellation);
        }
        else
        {
            await AuditedActs.NoteAsync(context, static origin => origin.Event(AuditType.Archive, "copy", AuditAction.Create));   // nothing of this data folder goes out
        }

        var made = await stores.OpenOrCreateAsync(target, context.Cancellation);
        var options = new ArchiveCopyOptions { Attempt = retries.RunAsync };
        var report = await ProgressBar.RunAsync(
            context.Output.ShowsProgress,
            "Copying",
            progress => ArchiveCopy.RunAsync(opened, made, options, progress is null ? null : new Objects(progress), context.Cancellation));
        context.Output.Result(AsJson(source, target, report), words => Write(words, target, report));
        return report.IsComplete ? ExitCode.Done : ExitCode.Findings;
    }

    private static void DemandApart(RepositoryLocation source, RepositoryLocation target)
    {
        bool overlap = (source, target) switch
        {
            (RepositoryLocation.Folder one, RepositoryLocation.Folder other) => RealPath.Holds(one.Path, other.Path) || RealPath.Holds(other.Path, one.Path),
            (RepositoryLocation.Container one, RepositoryLocation.Container other) => one.Name == other.Name && (Lies(one.Prefix, other.Prefix) || Lies(other.Prefix, one.Prefix)),
            _ => false,
        };
        if (overlap)
        {
            throw new CommandException(ExitCode.Usage, "One of the two archives would lie in the other. Nothing was copied.");
        }
    }

    private static bool Lies(string outer, string inner) => outer.Length == 0 || $"{inner}/".StartsWith($"{outer}/", StringComparison.Ordinal);

    private static object AsJson(RepositoryLocation source, RepositoryLocation target, ArchiveCopyReport report) => new
    {
        From = RawName.ToDisplay(source.DisplayName),
        To = RawName.ToDisplay(target.DisplayName),
        report.Objects,
        report.Copied,
        report.Present,
        report.Bytes,
        Findings = report.Findings.Select(found => new
        {
            found.Finding.Code,
            Store = RawName.ToDisplay(found.Store),
            Path = RawName.ToDisplay(found.Finding.Path),
            found.Finding.Message,
        }),
    };

    private static void Write(TextWriter words, RepositoryLocation target, ArchiveCopyReport report)
    {
        foreach (var found in report.Findings)
        {
            words.WriteLine(TerminalText.OneLine(RawName.ToDisplay($"{found.Finding.Code} {found.Store}: {found.Finding.Path}: {found.Finding.Message}")));
        }

        words.WriteLine($"{report.Objects:N0} objects: {report.Copied:N0} copied ({report.Bytes:N0} bytes of content), {report.Present:N0} were there.");
        words.WriteLine(TerminalText.OneLine(RawName.ToDisplay(
            report.IsComplete ? $"{target}: complete." : $"{target}: NOT COMPLETE. Look at what is named above, and copy again.")));
    }

    private sealed class Objects(IProgress<WorkProgress> bar) : IProgress<ArchiveCopyProgress>
    {
        public void Report(ArchiveCopyProgress value) => bar.Report(new WorkProgress(value.Objects, value.AllObjects, value.Bytes, AllBytes: null));
    }
}
