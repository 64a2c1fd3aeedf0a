using System.CommandLine;
using System.Security.Cryptography;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>run</c></summary>
internal static class RunCommand
{
    internal const string ServiceLock = "service";

    // 'status' holds this lock for a moment to see whether a service runs: wait that long.
    private static readonly TimeSpan StatusHoldsFor = TimeSpan.FromSeconds(1);

    public static Command Create(CommandFactory commands) => commands.Create(
        "run", "Run the service in the foreground: watch the drop folders until stopped.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        try
        {
            await ServeAsync(context);
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            // Being stopped is how a service ends well, while it starts too.
        }

        return ExitCode.Done;
    }

    private static async Task ServeAsync(CommandContext context)
    {
        var options = context.LoadConfig();
        var classifier = context.LoadClassifier(options);   // faulty ones: nothing is started or made
        var schedule = context.ScheduleForIntake(options);
        using var workspace = Workspace.OpenOrCreate(context.DataPath, options);
        using var held = await AcquireAsync(workspace, context.Cancellation);
        workspace.MakeKeysFolder();
        await using var host = await IngestHost.StartAsync(workspace, classifier, schedule, context.Output.IsQuiet ? LogLevel.Error : LogLevel.Trace, context.Cancellation, isService: true);
        var origin = host.Audit.Origin;
        await host.Audit.AppendAsync(
            [
                origin.Event(AuditType.Service, "start", AuditAction.Execute),
                origin.Event(AuditType.Config, "load", AuditAction.Execute) with { Digest = DigestOf(context.ConfigPath) },
            ],
            context.Cancellation);
        host.Logger.ServiceStarted(ThisProgram.Version, workspace.DataPath, workspace.Options.Intake.Profiles.Count);
        foreach (var profile in workspace.Options.Intake.Profiles)
        {
            string folder = Path.GetFullPath(profile.Folder, workspace.DataPath);
            host.Logger.DropFolderWatched(profile.Name, folder);
        }

        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation, workspace.Archive.Lost);
            await host.Session.WatchAsync(stop.Token);
        }
        catch (OperationCanceledException) when (workspace.Archive.Lost.IsCancellationRequested)
        {
            host.Logger.ServiceFailed("another installation has taken over the archive");
            throw new CommandException(ExitCode.Busy, $"Another installation has taken over the archive {workspace.Archive.Location}. This service has stopped; what it had not filed lies in its drop folders still.");
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            await host.Audit.AppendAsync([origin.Event(AuditType.Service, "stop", AuditAction.Execute)], CancellationToken.None);
            host.Logger.ServiceStopped();
        }
        catch (Exception error)
        {
            string errorTrace = ErrorTrace.Of(error);
            host.Logger.ServiceFailed(errorTrace);
            throw;
        }
    }

    // Which configuration it was; null for the built-in defaults.
    private static string? DigestOf(string configPath) =>
        File.Exists(configPath) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(configPath))) : null;

    private static async Task<IDisposable> AcquireAsync(Workspace workspace, CancellationToken cancellation)
    {
        try
        {
            return await workspace.Locks.AcquireAsync(ServiceLock, StatusHoldsFor, cancellation);
        }
        catch (LockHeldException)
        {
            throw new CommandException(ExitCode.Busy, $"Another service is running on {workspace.DataPath}.");
        }
    }
}
