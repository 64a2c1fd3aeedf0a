using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Pipeline.Audit.Signing;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Closes the days of the chain that are over: a signed checkpoint beside the segment, and all of it archived.</summary>
/// <remarks>
/// A day is over when a later one has a durable line: from then on no line goes to its segment. Order, and what a crash after each step leaves:
/// 1 the signature, 2 the checkpoint (a checkpoint without signature is signed anew), 3 a version of <c>audit:YYYY</c> (a day that is not in it is put there by the next
/// closing). Safe to repeat, and by several processes: one does it, the others go on.
/// </remarks>
internal sealed class DayClosing(IngestEnvironment environment)
{
    private const string LockName = "audit-closing";
    private const string Message = "Audit days closed";
    private const int LargestCheckpointBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly IDurableFolder _data = environment.Data;
    private readonly CheckpointKey _key = new(environment);
    private DateOnly _done = DateOnly.MinValue;   // up to here all is archived

    /// <summary>Closes what is over.</summary>
    /// <exception cref="StorageException">The surroundings fail. What was closed stays so; a retry does the rest.</exception>
    /// <exception cref="ArchiveException">The object of a year is damaged. Its days stay beside the chain.</exception>
    public async Task CloseAsync(CancellationToken cancellation)
    {
        if (AuditHead.ReadAll(_data) is not [var head, ..] || AuditFiles.Day(head.Segment) is not { } open)
        {
            return;
        }

        var over = AuditFiles.Segments(_data).Where(day => day < open && day > _done).ToList();
        if (over.Count == 0)
        {
            return;
        }

        using var held = environment.Locks.TryAcquire(LockName);
        if (held is null)
        {
            return;
        }

        var (signer, _) = await _key.OpenAsync(FirstUnsigned(over), cancellation);
        using (signer)
        {
            await CloseAsync(over, signer, cancellation);
        }
    }

    /// <summary>Closes what is over, and puts another key in the place of the one that signed it.</summary>
    /// <returns>The fingerprint of the key in force now, and whether this only brought a rotation to its end that had been begun before.</returns>
    /// <exception cref="LockHeldException">Another process is closing days. Nothing changed.</exception>
    /// <exception cref="StorageException">The surroundings fail. The same call goes on.</exception>
    /// <exception cref="CryptographicException">What stands in the place of the key is none. Nothing changed.</exception>
    public async Task<(string Fingerprint, bool WasBegun)> RotateAsync(CancellationToken cancellation)
    {
        using var held = await environment.Locks.AcquireAsync(LockName, Patience, cancellation);
        if (AuditHead.ReadAll(_data) is not [var head, ..] || AuditFiles.Day(head.Segment) is not { } open)
        {
            throw new EntryNotFoundException("There is no entry in the audit yet, and no key.");
        }

        var over = AuditFiles.Segments(_data).Where(day => day < open).ToList();
        var (signer, finished) = await _key.OpenAsync(FirstUnsigned([.. over, open]), cancellation);
        using (signer)
        {
            await CloseAsync(over, signer, cancellation);
            return finished
                ? (SignerStatement.FingerprintOf(signer.Certificate), true)
                : (await _key.RotateAsync(signer, open, cancellation), false);
        }
    }

    private DateOnly FirstUnsigned(IReadOnlyList<DateOnly> days) => days.FirstOrDefault(day => !IsSigned(day), days[^1].AddDays(1));

    private async Task CloseAsync(IReadOnlyList<DateOnly> over, ServiceSigner signer, CancellationToken cancellation)
    {
        foreach (var day in over)
        {
            await CheckpointAsync(day, signer, cancellation);
        }

        foreach (var year in over.GroupBy(day => day.Year))
        {
            await ArchiveAsync(year.Key, [.. year], cancellation);
        }

        _done = over.Count > 0 ? over[^1] : _done;
    }

    private bool IsSigned(DateOnly day) =>
        SmallFile.Read(_data, AuditFiles.CheckpointPath(day), LargestCheckpointBytes) is { } there && AuditCheckpoint.Parse(there) is not null
        && _data.Find(AuditFiles.SignaturePath(day)) is { Stamp.SizeBytes: > 0 };

    private async Task CheckpointAsync(DateOnly day, ServiceSigner signer, CancellationToken cancellation)
    {
        if (IsSigned(day))
        {
            return;
        }

        var checkpoint = Measure(day);
        byte[] bytes = checkpoint.ToBytes();
        await SmallFile.PutAsync(_data, AuditFiles.SignaturePath(day), signer.Sign(bytes, environment.Time.GetUtcNow()), cancellation);   // 1
        await SmallFile.PutAsync(_data, AuditFiles.CheckpointPath(day), bytes, cancellation);                                             // 2
        environment.Logger.AuditDayClosed(checkpoint.Day, checkpoint.LastSeq, checkpoint.Lines);
    }

    private AuditCheckpoint Measure(DateOnly day)
    {
        using var file = _data.OpenRead(AuditFiles.SegmentPath(day));
        using var measured = new MeasuredStream(file);
        AuditLine? first = null;
        AuditLine? last = null;
        long lines = 0;
        foreach (var stretch in SegmentReader.Read(measured, 0, long.MaxValue))
        {
            if (AuditLine.TryRead(stretch.Content) is { } line)
            {
                first ??= line;
                last = line;
                lines++;
            }
        }

        var prior = AuditFiles.Checkpoints(_data).LastOrDefault(earlier => earlier < day);
        byte[]? priorBytes = SmallFile.Read(_data, AuditFiles.CheckpointPath(prior), LargestCheckpointBytes);
        return new AuditCheckpoint(
            AuditFiles.Word(day), first?.Seq ?? 0, last?.Seq ?? 0, (last?.Hash ?? AuditHash.Genesis).Hex, lines, measured.Bytes, measured.Sha256,
            (priorBytes is null ? AuditHash.Genesis : AuditHash.Of(priorBytes.AsSpan())).Hex);
    }

    // Of former keys too: each object is to be verified by itself.
    private IEnumerable<string> Statements()
    {
        for (int number = 2; SignerStatement.Read(_data, number) is not null; number++)
        {
            yield return SignerStatement.NameOf(number);
            yield return SignerStatement.SignatureNameOf(number);
        }
    }

    // 3
    private async Task ArchiveAsync(int year, IReadOnlyList<DateOnly> days, CancellationToken cancellation)
    {
        if (environment.SystemObjects.Find(AuditArchive.NameOf(year)) is { } known && days.All(AuditArchive.Days(known).Contains))
        {
            return;
        }

        await environment.SystemObjects.ChangeAsync(
            AuditArchive.NameOf(year),
            found => days.Except(found is null ? [] : AuditArchive.Days(found)).ToList() is { Count: > 0 } missing ? Change(missing) : null,
            cancellation);
    }

    private SystemObjectChange Change(IReadOnlyList<DateOnly> days)
    {
        string[] small = [.. days.SelectMany(day => new[] { AuditFiles.CheckpointName(day), AuditFiles.SignatureName(day) }), AuditFiles.CertificateName, .. Statements()];
        return new SystemObjectChange(
            Message,
            small.ToDictionary(name => name, name => (ReadOnlyMemory<byte>)(SmallFile.Read(_data, $"{DataFolder.Audit}/{name}", int.MaxValue)
                ?? throw new EntryNotFoundException($"{DataFolder.Audit}/{name} is not there any more."))))
        {
            Streams = days.ToDictionary(AuditFiles.SegmentName, day => (Func<Stream>)(() => _data.OpenRead(AuditFiles.SegmentPath(day)))),
        };
    }
}
