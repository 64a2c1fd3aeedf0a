using System.Globalization;
using DocIngest.Backup;
using DocIngest.Backup.Backups;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Backups;

/// <summary>Heads of the audit in a backup repository: snapshots tagged <see cref="AuditHeads.Tag"/>, which say in further tags whose head it is and which.</summary>
/// <remarks>
/// A head is of this data folder where it is of the same chain, or where host and path are the same: so a chain that was replaced is told too. Two data folders that back up into one
/// repository differ in their chains, and in host or path.
/// </remarks>
/// <param name="dataPath">The data folder, absolute.</param>
internal sealed class AuditHeadCopies(string dataPath)
{
    private const string ChainTag = "audit-chain:";
    private const string SeqTag = "audit-seq:";
    private const string HashTag = "audit-hash:";

    private readonly string _file = Path.Combine(dataPath, OwnChain.HeadFile.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Reads what is kept of a chain. Takes no lock and changes nothing.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="access">The same.</param>
    /// <param name="chain">Which chain; null where there is none here, and only host and path tell.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DamagedRepositoryException">A snapshot cannot be read, and may be one.</exception>
    public async Task<KeptHeads> ReadAsync(Repository repository, RepositoryAccess access, AuditHash? chain, CancellationToken cancellation)
    {
        var own = new List<(UnixTime Time, KeptHead Head)>();
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is not { } snapshot)
            {
                throw listed.Fault ?? new DamagedRepositoryException(FileKind.Snapshot, listed.Id, "it cannot be read.");
            }

            if (HeadOf(snapshot.Tags) is { } head && (head.Chain == chain || (snapshot.HostName == access.HostName && snapshot.Paths.SequenceEqual(Source.Paths))))
            {
                own.Add((snapshot.Time.Instant, head));
            }
        }

        // The newest is how far the chain had come. The highest, of a clock that was behind, or of what was never accepted.
        KeptHead[] wanted = own.Count == 0 ? [] : [own.MaxBy(one => one.Time).Head, own.MaxBy(one => one.Head.Seq).Head];
        return new KeptHeads(access.Location.DisplayName, [.. wanted.Distinct()]);
    }

    /// <summary>Leaves a head, which <see cref="OwnChain.NoteHeadAsync"/> has just written. The caller has compared before: what speaks against this machine stays the newest.</summary>
    public async Task LeaveAsync(Repository repository, RepositoryAccess access, LockTerms terms, KeptHead head, CancellationToken cancellation)
    {
        var account = ProcessAccount.OfThisProcess();
        var options = new BackupOptions
        {
            HostName = access.HostName,
            UserName = account.UserName,
            UserId = account.UserId,
            GroupId = account.GroupId,
            ProgramVersion = $"docingest {ThisProgram.Version}",
            Tags = [AuditHeads.Tag, ChainTag + head.Chain, string.Create(CultureInfo.InvariantCulture, $"{SeqTag}{head.Seq}"), HashTag + head.Hash],
            ReadsAll = true,
            MostShrinkPercent = 100,
        };
        var result = await BackupRun.RunAsync(repository, Source, options, terms, null, cancellation);
        if (result.Problems is [var problem, ..])
        {
            throw new StorageUnavailableException($"{access.Location.DisplayName}: the head of the audit could not be read: {problem.Message}");
        }
    }

    private LocalFolderSource Source => new([_file]);

    private static KeptHead? HeadOf(IReadOnlyList<string> tags) =>
        AuditHeads.IsTagged(tags) && AuditHash.TryParse(Value(tags, ChainTag), out var chain) && AuditHash.TryParse(Value(tags, HashTag), out var hash)
            && long.TryParse(Value(tags, SeqTag), NumberStyles.None, CultureInfo.InvariantCulture, out long seq)
            ? new KeptHead(chain, seq, hash)
            : null;

    private static string? Value(IReadOnlyList<string> tags, string start) => tags.FirstOrDefault(tag => tag.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
}
