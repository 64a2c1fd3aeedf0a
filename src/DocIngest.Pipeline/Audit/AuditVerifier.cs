using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit.Signing;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Verifies the chain of a data folder against itself, its checkpoints, the archive, and what is known of it outside. Changes nothing.</summary>
/// <param name="data">The data folder; a copy will do.</param>
/// <param name="locks">Its locks. Where this account may not take them, the chain is verified all the same: an append just going on may show as torn then.</param>
/// <param name="archive">Its archive; null where there is none.</param>
/// <param name="time">The clock.</param>
public sealed class AuditVerifier(IDurableFolder data, INamedLocks locks, IArchive? archive, TimeProvider time)
{
    private const int LargestCheckpointBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly AuditArchive _archive = archive is null ? new AuditArchive(_ => null, (_, _) => null) : AuditArchive.In(archive);
    private readonly List<AuditFinding> _findings = [];
    private readonly Dictionary<DateOnly, OcflObject> _archived = [];
    private X509Certificate2Collection _trusted = [];
    private readonly List<(DateOnly Day, string Name, byte[] Checkpoint, byte[]? Signature)> _signed = [];   // judged once the whole chain has told of its keys
    private int _checkpoints;
    private AuditHash _prior;
    private long _closedUpTo;

    /// <summary>Why the archive was not asked although there is one: a finding says so, with what was not compared. Null where it was, or there is none.</summary>
    public string? ArchiveNotAsked { get; init; }

    /// <summary>Verifies all of it.</summary>
    /// <param name="expected">What must be met on the way.</param>
    /// <param name="trusted">Certificates to trust, as PEM; null for the first one beside the chain, which who forges the chain may have forged too. Those that it handed over to are trusted with it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<AuditVerification> VerifyAsync(AuditExpectation expected, string? trusted, CancellationToken cancellation)
    {
        var sizes = await SnapshotAsync(cancellation);
        if (ArchiveNotAsked is { } why)
        {
            _findings.Add(new AuditFinding(
                "A024", false, DataFolder.Archive,
                $"The archive was not asked: {why} NOT compared: the archived copies of closed days, their checkpoints and statements of keys. Entries, checkpoints and signatures beside the chain were checked. "
                + "Whoever may read the archive verifies the rest."));
        }

        FindArchived();
        Trust(trusted);
        var chain = new ChainCheck(expected, _findings.Add);
        var days = sizes.Keys.Union(AuditFiles.Checkpoints(data)).Union(_archived.Keys).Order().ToList();
        foreach (var day in days)
        {
            cancellation.ThrowIfCancellationRequested();
            var facts = sizes.TryGetValue(day, out long size)
                ? chain.Read(day, () => data.OpenRead(AuditFiles.SegmentPath(day)), size)
                : ReadArchived(chain, day);
            CheckCheckpoint(day, facts, isNewest: day == days[^1]);
        }

        chain.Complete();
        var keys = CheckSignatures(chain);
        if (_closedUpTo > chain.Seq)
        {
            Add("A013", DataFolder.Audit, $"The chain ends at {chain.Seq}, and a checkpoint was signed for {_closedUpTo}: its end was cut off.");
        }

        return new AuditVerification(
            chain.Entries, sizes.Count, _checkpoints, chain.Seq, chain.Hash,
            [.. keys.All.Select(SignerStatement.FingerprintOf)], _findings);
    }

    // So long as nobody appends: behind these sizes lines may come while we read.
    private async Task<SortedDictionary<DateOnly, long>> SnapshotAsync(CancellationToken cancellation)
    {
        IDisposable? held = null;
        try
        {
            held = await locks.AcquireAsync(AuditTrail.LockName, Patience, cancellation);
        }
        catch (Exception error) when (error is StorageUnavailableException or EntryNotFoundException)
        {
            // An account that may only read, or a copy without locks.
        }

        using (held)
        {
            var sizes = new SortedDictionary<DateOnly, long>();
            foreach (var day in AuditFiles.Segments(data))
            {
                sizes[day] = data.Find(AuditFiles.SegmentPath(day))?.Stamp.SizeBytes ?? 0;
            }

            return sizes;
        }
    }

    private void FindArchived()
    {
        try
        {
            foreach (var year in _archive.Years(time.GetUtcNow().Year))
            {
                foreach (var day in AuditArchive.Days(year))
                {
                    _archived[day] = year;
                }
            }
        }
        catch (DamagedObjectException damage)
        {
            Add("A015", damage.Finding.Path, $"The archived days of a year cannot be read: {damage.Finding.Message}");
        }
    }

    private void Trust(string? pem)
    {
        _trusted = [];
        bool isOwn = pem is null;
        string text = pem ?? (SmallFile.Read(data, AuditFiles.CertificatePath, int.MaxValue) is { } bytes ? Encoding.ASCII.GetString(bytes) : "");
        try
        {
            _trusted.ImportFromPem(text);
            if (isOwn && _trusted.Count > 1)
            {
                _trusted = [_trusted[0]];   // the others only as far as the chain tells of them
            }
        }
        catch (CryptographicException)
        {
            Add("A011", AuditFiles.CertificatePath, "The certificates cannot be read.");
        }
    }

    private SegmentFacts? ReadArchived(ChainCheck chain, DateOnly day)
    {
        Add("A009", AuditFiles.SegmentName(day), "The segment of a closed day is missing.");
        if (!_archived.TryGetValue(day, out var year) || year.FindFile(year.Head, AuditFiles.SegmentName(day)) is null)
        {
            return null;
        }

        try
        {
            // Its digest is checked where the stream ends; to look at torn bytes again it is opened again.
            return chain.Read(day, () => _archive.Open(year, AuditFiles.SegmentName(day)) ?? Stream.Null, long.MaxValue);
        }
        catch (ArchiveException)
        {
            Add("A015", AuditFiles.SegmentName(day), "The archived segment is damaged.");
            return null;
        }
    }

    private void CheckCheckpoint(DateOnly day, SegmentFacts? facts, bool isNewest)
    {
        string name = AuditFiles.CheckpointName(day);
        byte[]? beside = SmallFile.Read(data, AuditFiles.CheckpointPath(day), LargestCheckpointBytes);
        byte[]? archived = ReadArchived(day, name);
        if (beside is not null && archived is not null && !beside.AsSpan().SequenceEqual(archived))
        {
            Add("A015", name, "The checkpoint is not the one that was archived.");
        }

        if ((archived ?? beside) is not { } bytes)
        {
            if (!isNewest)
            {
                _findings.Add(new AuditFinding("A017", false, AuditFiles.SegmentName(day), "The day is over and not closed: the next start of the service, or 'ingest', does it."));
            }

            return;
        }

        if (AuditCheckpoint.Parse(bytes) is not { } checkpoint || checkpoint.Day != AuditFiles.Word(day))
        {
            Add("A012", name, "The checkpoint cannot be read, or is of another day.");
            return;
        }

        _signed.Add((day, name, bytes, archived is not null ? ReadArchived(day, AuditFiles.SignatureName(day)) : SmallFile.Read(data, AuditFiles.SignaturePath(day), LargestCheckpointBytes)));
        if (checkpoint.PriorSha256 != _prior.Hex)
        {
            Add("A012", name, "The checkpoint does not name the one before it.");
        }

        _prior = AuditHash.Of(bytes);
        _closedUpTo = Math.Max(_closedUpTo, checkpoint.LastSeq);
        if (facts is not null && (facts.Sha256 != checkpoint.SegmentSha256 || facts.Bytes != checkpoint.SegmentBytes))
        {
            Add("A010", AuditFiles.SegmentName(day), "The segment is not the one whose day was closed: it was changed or replaced.");
        }
        else if (facts is not null && (facts.Lines != checkpoint.Lines || facts.LastSeq != checkpoint.LastSeq || facts.Head.Hex != checkpoint.Head))
        {
            Add("A010", name, "The checkpoint counts other entries than the segment has.");
        }
    }

    private SigningKeys CheckSignatures(ChainCheck chain)
    {
        var keys = SigningKeys.Follow(_trusted, chain.KeyEntries, chain.KeyEntries.Count == 0 ? new Dictionary<string, (byte[], byte[])>() : Statements(), _findings.Add);
        foreach (var (day, name, checkpoint, signature) in _signed)
        {
            if (signature is not null && DetachedSignature.IsBy(checkpoint, signature, keys.On(day)))
            {
                _checkpoints++;
            }
            else if (signature is not null && chain.KeyEntries.Count == 0 && Beside().FirstOrDefault(one => DetachedSignature.IsBy(checkpoint, signature, [one])) is { } untold)
            {
                Add(
                    "A023", name,
                    $"The checkpoint is signed by a certificate that stands beside the chain, and of which no entry of the chain tells: SHA-256 {SignerStatement.FingerprintOf(untold)}. Before keys were changed by statements, this program "
                    + "put another certificate there when its key was lost; so does who forges. Ask whoever ran the service on that day; give that certificate with --cert, beside the first, once you believe in it.");
            }
            else
            {
                Add("A011", name, "The checkpoint has no signature by the certificate that is trusted for that day.");
            }
        }

        return keys;
    }

    // All that stand beside the chain, trusted or not.
    private X509Certificate2Collection Beside()
    {
        X509Certificate2Collection beside = [];
        try
        {
            beside.ImportFromPem(SmallFile.Read(data, AuditFiles.CertificatePath, int.MaxValue) is { } bytes ? Encoding.ASCII.GetString(bytes) : "");
        }
        catch (CryptographicException)
        {
            return [];   // told where it was to be trusted
        }

        return beside;
    }

    // Beside the chain, and those that the archive has.
    private Dictionary<string, (byte[] Bytes, byte[] Signature)> Statements()
    {
        var all = new Dictionary<string, (byte[] Bytes, byte[] Signature)>();
        for (int number = 2; SignerStatement.Read(data, number) is var (_, bytes, signature); number++)
        {
            all.TryAdd(Convert.ToHexStringLower(SHA256.HashData(bytes)), (bytes, signature));
        }

        foreach (var year in _archived.Values.Distinct())
        {
            for (int number = 2; Archived(year, SignerStatement.NameOf(number)) is { } bytes && Archived(year, SignerStatement.SignatureNameOf(number)) is { } signature; number++)
            {
                all.TryAdd(Convert.ToHexStringLower(SHA256.HashData(bytes)), (bytes, signature));
            }
        }

        return all;
    }

    private byte[]? Archived(OcflObject year, string name)
    {
        try
        {
            return _archive.Read(year, name);
        }
        catch (Exception error) when (error is ArchiveException)
        {
            Add("A015", name, "Its archived copy is damaged.");
            return null;
        }
    }

    private byte[]? ReadArchived(DateOnly day, string name)
    {
        try
        {
            return _archived.TryGetValue(day, out var year) ? _archive.Read(year, name) : null;
        }
        catch (Exception error) when (error is ArchiveException)
        {
            Add("A015", name, "Its archived copy is damaged.");
            return null;
        }
    }

    private void Add(string code, string place, string message) => _findings.Add(new AuditFinding(code, true, place, message));
}
