using System.CommandLine;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>run</c></summary>
internal static class RunCommand
{
    private const string ServiceLock = "service";

    public static Command Create(CommandFactory commands) => commands.Create(
        "run", "Run the service in the foreground: watch the drop folders until stopped.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        using var workspace = context.OpenOrCreate();
        using var held = workspace.Locks.TryAcquire(ServiceLock)
            ?? throw new CommandException(ExitCode.Busy, $"Another service is running on {workspace.DataPath}.");
        await using var host = await IngestHost.StartAsync(workspace, logsToConsole: true, context.Cancellation);
        host.Logger.ServiceStarted(ThisProgram.Version, workspace.Options.Intake.Profiles.Count);
        try
        {
            await host.Session.WatchAsync(context.Cancellation);
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            host.Logger.ServiceStopped();   // being stopped is how a service ends well
        }
        catch (Exception error)
        {
            host.Logger.ServiceFailed(error.GetType().Name, error);
            throw;
        }

        return ExitCode.Done;
    }
}
