using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.CommandLine;

/// <summary>What commands that drill and verify have in common: what they work with, and how they end.</summary>
internal static class AssuredRuns
{
    /// <summary>What a run works with. The repository is opened when it is needed.</summary>
    public static AssuranceScene SceneOf(Workspace workspace, Archive.IArchive archive, RepositoryAccess access) => new()
    {
        Data = workspace.Data,
        DataPath = workspace.DataPath,
        Locks = workspace.Locks,
        Audit = workspace.Audit,
        Database = workspace.Database,
        Archive = archive,
        SystemObjects = workspace.SystemObjectsOf(archive),
        OpenKeys = workspace.OpenKeys,
        OpenFolder = workspace.MakePrivateFolder,
        OpenBackup = async cancellation =>
        {
            var repository = await OpenAsync(access, cancellation);
            return new OpenedBackup(
                repository, access.LockTerms, access.Location.DisplayName, access.HostName, KindOf(access.Location), access.IsByEscrow ? "escrow" : "configuration",
                access.IsInDataFolder ? "on the same disk as the archive: no backup" : "")
            {
                VerificationLog = access.VerificationLogOf(repository),
            };
        },
        Time = workspace.Time,
        Program = $"DocIngest {ThisProgram.Version}",
    };

    /// <summary>Adds to an order what the configuration says of every run.</summary>
    public static T Describe<T>(T order, Workspace workspace, string job)
        where T : RunOrder
    {
        var options = workspace.Options.Assurance;
        return (T)(order with
        {
            Run = JobProcess.RunOfThisProcess,
            ReserveBytes = workspace.Options.Intake.FreeSpaceReserveBytes,
            NextDue = NextOf(workspace, job),
            Organisation = options.Organisation,
            Policy = new ReportedPolicy(options.Policy.Id, options.Policy.Version, options.Policy.Title, [.. options.Policy.Frameworks]),
        });
    }

    /// <summary>One that was not green needs a person: findings are no success.</summary>
    public static int ExitCodeOf(ReportResult result, Exception? error) => result switch
    {
        ReportResult.Aborted when error is BackupException backup => CommandErrors.ExitCodeOf(backup),
        ReportResult.Aborted when error is RunRefusedException { InnerException: CommandException refused } => refused.ExitCode,
        ReportResult.Pass => ExitCode.Done,
        ReportResult.PassWithFindings or ReportResult.Fail => ExitCode.Findings,
        ReportResult.Aborted => ExitCode.EnvironmentFailed,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // The first of the jobs that do the same.
    private static DateTimeOffset? NextOf(Workspace workspace, string job) =>
        workspace.Options.Jobs.Where(one => JobCommand.JobOf(one.Run) == job).Select(one => JobState.ScheduleOf(one).Next(workspace.Time.GetUtcNow())).Min();

    /// <summary>Says what came of it.</summary>
    public static void Tell(CommandOutput output, SignedReport signed)
    {
        var report = signed.Report;
        output.Result(
            new
            {
                report.ReportId, Run = report.Run.Number, Kind = ReportWords.WordOf(report.Kind), Result = ReportWords.WordOf(report.Result), report.Run.Aborted,
                Bound = report.Bound?.Text, report.Rpo, report.Rto, report.Coverage, report.Findings,
            },
            words => ReportText.Write(words, report));
    }

    private static async Task<Repository> OpenAsync(RepositoryAccess access, CancellationToken cancellation)
    {
        try
        {
            return await access.OpenAsync(cancellation);
        }
        catch (CommandException refused)
        {
            throw new RunRefusedException(refused.Message, refused);
        }
    }

    private static string KindOf(RepositoryLocation location) => location switch
    {
        RepositoryLocation.Folder => "local",
        RepositoryLocation.Container => "azure",
        RepositoryLocation.Server => "rest",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
