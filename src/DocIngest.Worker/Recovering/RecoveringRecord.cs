using DocIngest.Archive;
using DocIngest.Assurance.Recovery;
using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Recovering;

/// <summary>A record that is asked for while its archive is still being restored: fetched out of the backup into a folder of its own, which goes with this object.</summary>
/// <remarks>
/// Never out of the archive in the making, where it may be half there, and never into it: whoever restores has that alone. A process that dies leaves the folder to the
/// next call of <c>recover</c>.
/// </remarks>
internal sealed class RecoveringRecord : IDisposable
{
    private const string Fetched = "fetched";

    private readonly IDurableFolder _data;
    private readonly string _path;

    private readonly LocalVolumes _volumes;

    private RecoveringRecord(IDurableFolder data, string path, LocalVolumes volumes, IArchive archive) => (_data, _path, _volumes, Archive) = (data, path, volumes, archive);

    /// <summary>An archive of this one record.</summary>
    public IArchive Archive { get; }

    /// <summary>Fetches it.</summary>
    /// <returns>Null where no recovery is going on: the archive has it, if anything does.</returns>
    /// <exception cref="CommandException">It was destroyed, or is not in the backup (exit 5); two people must first accept that no ledger is there (exit 4).</exception>
    /// <exception cref="BackupException">The repository cannot be opened, or is damaged.</exception>
    public static async Task<RecoveringRecord?> FetchAsync(Workspace workspace, RecordId id, CancellationToken cancellation)
    {
        if (RecoveryState.Open(workspace.Data) is not { IsRestoring: true } state)
        {
            return null;
        }

        if (state.Stage < RecoveryStage.Restoring)
        {
            throw new CommandException(ExitCode.Busy, "Which records were destroyed is not known yet: run 'docingest recover' until it says that single records can be fetched.");
        }

        if (RecoveredRecords.Destroyed(workspace.Data).Contains(id))
        {
            throw new CommandException(ExitCode.NotFound, $"The record {id} was destroyed, as the destruction ledger says.");
        }

        string path = $"{DataFolder.Recovery}/{Fetched}/{Guid.NewGuid():N}";
        var volumes = new LocalVolumes();
        try
        {
            string absolute = Path.Combine(workspace.DataPath, path);
            var folder = volumes.OpenOrCreate(absolute, EntryPermissions.Private);
            using var access = new RepositoryAccess(ChoiceOf(state), workspace.DataPath, workspace.Options);
            using var opened = await access.OpenAsync(cancellation);
            return await FetchAsync(opened, access, state, folder, absolute, id, cancellation) is { } archive
                ? new RecoveringRecord(workspace.Data, path, volumes, archive)
                : throw new CommandException(ExitCode.NotFound, $"There is no record {id} in the backup of {state.BackedUpAt:yyyy-MM-dd HH:mm}Z.");
        }
        catch
        {
            volumes.Dispose();
            workspace.Data.DeleteTree(path);
            throw;
        }
    }

    /// <summary>Removes what processes that died have left.</summary>
    public static void RemoveLeft(IDurableFolder data) => data.DeleteTree($"{DataFolder.Recovery}/{Fetched}");

    public void Dispose()
    {
        _volumes.Dispose();
        _data.DeleteTree(_path);
    }

    private static async Task<IArchive?> FetchAsync(
        Repository opened, RepositoryAccess access, RecoveryState state, IDurableFolder folder, string absolute, RecordId id, CancellationToken cancellation)
    {
        if (opened.Config.Id != state.RepositoryId)
        {
            throw new CommandException(ExitCode.Usage, $"{access.Location} is another repository than the one that this folder is recovered from.");
        }

        if (!FileId.TryParse(state.Snapshot, out var snapshot))
        {
            throw new CommandException(ExitCode.Usage, "recovery/state.json names no snapshot.");
        }

        var source = new RecoverySource(snapshot, await opened.LoadSnapshotAsync(snapshot, cancellation), state.Source, 0);
        return await new RecoveryRestore(opened, terms: null, source, folder, absolute).FetchAsync(id, cancellation);   // it reads, and deletes nothing: who recovers holds the lock
    }

    // What was given otherwise is asked of the environment.
    private static RepositoryChoice ChoiceOf(RecoveryState state) => new(
        state.Repository, state.PasswordFile is { } file ? new PasswordReference.InFile(file) : null, state.EscrowKeyFile);
}
