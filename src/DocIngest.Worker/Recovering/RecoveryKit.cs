using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Assurance.Reports;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Recovering;

/// <summary>What must be known to recover, and is lost with the machine: read while there is one, for a sealed envelope. No secret and nothing of a patient is in it.</summary>
/// <param name="Made">When, UTC.</param>
/// <param name="Machine">Its name.</param>
/// <param name="DataPath">The data folder, as backups name it.</param>
/// <param name="Organisation">Whose it is; empty where nobody said.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Files">Its files, with their SHA-256.</param>
/// <param name="Repositories">Where backups are.</param>
/// <param name="Escrows">Who holds a sealed master key; null where this account may not know.</param>
/// <param name="ReportKey">Fingerprint of the key that signs reports; null for none yet.</param>
/// <param name="AuditKey">Of the one that signs the days of the audit; null for none yet.</param>
internal sealed record RecoveryKit(
    DateTimeOffset Made, string Machine, string DataPath, string Organisation, string Version, IReadOnlyList<KitFile> Files, IReadOnlyList<KitRepository> Repositories,
    IReadOnlyList<EscrowRecord>? Escrows, string? ReportKey, string? AuditKey)
{
    private const string AuditCertificates = $"{DataFolder.Audit}/signer.pem";

    // The envelope is filled by a person who waits.
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(15);

    /// <summary>Gathers it. What cannot be asked is said, and stays out.</summary>
    public static async Task<RecoveryKit> GatherAsync(Workspace workspace, CancellationToken cancellation)
    {
        var repositories = await new ConfiguredRepositories(workspace.DataPath, workspace.Options) { RetryFor = RetryFor }.ForEachAsync(
            async (repository, access, _) => new KitRepository(access.Location.DisplayName, repository.Config.Id, await KeysOf(repository, cancellation), null) { IsInDataFolder = access.IsInDataFolder }, cancellation);
        return new RecoveryKit(
            workspace.Time.GetUtcNow(), Environment.MachineName, workspace.DataPath, workspace.Options.Assurance.Organisation, ThisProgram.Version, FilesOfProgram(),
            [.. repositories.Where(outcome => outcome.Reach != RepositoryReach.NotMade).Select(outcome => outcome.Value ?? new KitRepository(outcome.Repository, null, [], outcome.Problem))],
            EscrowsOf(workspace), ReportKeyOf(workspace), AuditKeyOf(workspace));
    }

    private static async Task<IReadOnlyList<string>> KeysOf(Repository repository, CancellationToken cancellation) =>
        await new KeyRing(repository.Store).ListAsync(cancellation).Select(key => key.File is { } file
            ? string.Create(CultureInfo.InvariantCulture, $"{key.Id.ToString()[..8]}  made {file.Created} by {file.UserName}@{file.HostName}") : $"{key.Id.ToString()[..8]}  cannot be read").ToListAsync(cancellation);

    // One that is published as one file is all there is; else the libraries beside it are the program.
    private static IReadOnlyList<KitFile> FilesOfProgram() =>
    [
        .. new[] { ThisProgram.Executable, Path.Combine(AppContext.BaseDirectory, "DocIngest.Worker.dll"), Path.Combine(AppContext.BaseDirectory, "docingest.dll") }
            .Distinct(StringComparer.Ordinal).Where(File.Exists).Select(file => new KitFile(file, HashOf(file))),
    ];

    private static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static IReadOnlyList<EscrowRecord>? EscrowsOf(Workspace workspace)
    {
        using var volumes = new LocalVolumes();
        try
        {
            return EscrowRecords.Read(volumes, workspace.DataPath);
        }
        catch (StorageException)
        {
            return null;   // said on the page
        }
    }

    private static string? ReportKeyOf(Workspace workspace) => workspace.Archive.TryOpen() is { } archive
        && new ReportKey(workspace.SystemObjectsOf(archive), workspace.Data, workspace.OpenKeys, workspace.Audit, workspace.Locks, workspace.Time).Statements() is [.., var last] ? last.Sha256 : null;

    // The last is the one in force.
    private static string? AuditKeyOf(Workspace workspace)
    {
        if (workspace.Data.Find(AuditCertificates) is null)
        {
            return null;
        }

        using var file = new StreamReader(workspace.Data.OpenRead(AuditCertificates));
        X509Certificate2Collection known = [];
        known.ImportFromPem(file.ReadToEnd());
        return known.Count == 0 ? null : SignedReport.FingerprintOf(known[^1].ExportCertificatePem());
    }
}

/// <summary>A file of the program.</summary>
internal sealed record KitFile(string Path, string Sha256);

/// <summary>A repository of backups.</summary>
/// <param name="Location">Its name, without secrets.</param>
/// <param name="Id">Its own id; null where it could not be opened.</param>
/// <param name="Keys">Its passwords, by the ids of their key files.</param>
/// <param name="Problem">Why it could not be opened.</param>
internal sealed record KitRepository(string Location, string? Id, IReadOnlyList<string> Keys, string? Problem)
{
    /// <summary>Whether it is lost with the machine.</summary>
    public bool IsInDataFolder { get; init; }
}
