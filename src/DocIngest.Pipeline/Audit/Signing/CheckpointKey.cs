using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit.Signing;

/// <summary>The key that signs the days of the chain, and how another takes its place. The caller holds the lock of the closing.</summary>
/// <remarks>
/// Rotating, and what a crash after each step leaves:
/// 1 the new key stands in <c>keys/</c> under another name (the next rotation uses it);
/// 2 the statement, signed by the key in force (without an entry it says nothing, and is written anew);
/// 3 an entry of the chain with its digest: from here on the new key is in force, and whoever needs a key does the rest first;
/// 4 the certificate is published; 5 the new key has its name, and the former is gone.
/// A key that is not known, and that no rotation brought, was drawn because the former is gone: it is announced in the same way, but for the signature of the former.
/// </remarks>
/// <param name="environment">What it works with.</param>
internal sealed class CheckpointKey(IngestEnvironment environment)
{
    private readonly IDurableFolder _data = environment.Data;

    /// <summary>The key in force, and whether a rotation that a crash had stopped was brought to its end.</summary>
    /// <param name="fromDay">The first day that is not signed yet.</param>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <exception cref="StorageException">The surroundings fail, or the account may not read the key. A retry goes on.</exception>
    /// <exception cref="CryptographicException">What stands in the place of the key is none.</exception>
    public async Task<(ServiceSigner Signer, bool Finished)> OpenAsync(DateOnly fromDay, CancellationToken cancellation)
    {
        var keys = environment.OpenKeys();
        bool finished = await FinishAsync(keys, cancellation);
        var signer = await ServiceSigner.OpenOrCreateAsync(keys, ServiceKey.Audit, environment.Time, cancellation);
        var known = Known();
        if (known.Count == 0)
        {
            await PublishAsync(signer.CertificatePem, cancellation);   // the first
        }
        else if (!known.Any(one => one.RawDataMemory.Span.SequenceEqual(signer.Certificate.RawDataMemory.Span)))
        {
            await AnnounceAsync(signer, known, fromDay, cancellation);
        }

        return (signer, finished);
    }

    /// <summary>Puts another key in the place of this one.</summary>
    /// <param name="current">The one in force.</param>
    /// <param name="fromDay">The first day that the new one signs: all before it are signed.</param>
    /// <param name="cancellation">Gives up before 3.</param>
    /// <returns>The fingerprint of the new one.</returns>
    /// <inheritdoc cref="OpenAsync" path="/exception" />
    public async Task<string> RotateAsync(ServiceSigner current, DateOnly fromDay, CancellationToken cancellation)
    {
        var keys = environment.OpenKeys();
        using var next = await ServiceSigner.OpenOrCreateAsync(keys, ServiceKey.NextAudit, environment.Time, cancellation);   // 1
        var statement = StatementOf(next, Known(), SignerStatement.Rotated, fromDay);
        await RecordAsync(statement, current, "rotate", cancellation);   // 2, 3
        await InstallAsync(keys, next, CancellationToken.None);   // 4, 5
        environment.Logger.AuditKeyRotated(statement.FormerSha256, statement.Sha256, statement.FromDay);
        return statement.Sha256;
    }

    // Where the entry is in the chain, the new key is in force.
    private async Task<bool> FinishAsync(IDurableFolder keys, CancellationToken cancellation)
    {
        if (keys.Find(ServiceKey.NextAudit.File) is null)
        {
            return false;
        }

        using var next = await ServiceSigner.OpenOrCreateAsync(keys, ServiceKey.NextAudit, environment.Time, cancellation);
        string fingerprint = SignerStatement.FingerprintOf(next.Certificate);
        int count = Known().Count;
        foreach (int number in new[] { count, count + 1 })   // published already, or not yet
        {
            if (SignerStatement.Read(_data, number) is var (statement, bytes, _) && statement.Sha256 == fingerprint && IsRecorded(bytes))
            {
                await InstallAsync(keys, next, cancellation);
                environment.Logger.AuditKeyRotated(statement.FormerSha256, statement.Sha256, statement.FromDay);
                return true;
            }
        }

        return false;
    }

    private async Task InstallAsync(IDurableFolder keys, ServiceSigner next, CancellationToken cancellation)
    {
        await PublishAsync(next.CertificatePem, cancellation);   // 4
        keys.Replace(ServiceKey.NextAudit.File, ServiceKey.Audit.File);   // 5
        await keys.FlushAsync(cancellation);
    }

    // Never silent: who stole the place of the key has to say so, and has no signature of the former.
    private async Task AnnounceAsync(ServiceSigner signer, X509Certificate2Collection known, DateOnly fromDay, CancellationToken cancellation)
    {
        int number = known.Count + 1;
        if (SignerStatement.Read(_data, number) is not var (there, bytes, _) || there.Sha256 != SignerStatement.FingerprintOf(signer.Certificate) || !IsRecorded(bytes))
        {
            var statement = StatementOf(signer, known, SignerStatement.Announced, fromDay);
            await RecordAsync(statement, signer, "announce", cancellation);
            environment.Logger.AuditKeyReplaced(statement.FormerSha256, statement.Sha256, statement.FromDay);
        }

        await PublishAsync(signer.CertificatePem, cancellation);
    }

    private SignerStatement StatementOf(ServiceSigner of, X509Certificate2Collection known, string way, DateOnly fromDay) => new(
        known.Count + 1, way, AuditFiles.Word(fromDay), of.CertificatePem, SignerStatement.FingerprintOf(of.Certificate), SignerStatement.FingerprintOf(known[^1]),
        AuditLine.InWords(environment.Time.GetUtcNow()));

    private async Task RecordAsync(SignerStatement statement, ServiceSigner by, string subtype, CancellationToken cancellation)
    {
        byte[] bytes = statement.ToBytes();
        await SmallFile.PutAsync(_data, SignerStatement.SignaturePathOf(statement.Number), by.Sign(bytes, environment.Time.GetUtcNow()), cancellation);
        await SmallFile.PutAsync(_data, SignerStatement.PathOf(statement.Number), bytes, cancellation);
        await environment.Audit.AppendAsync(
            [environment.Audit.Origin.Event(AuditType.Key, subtype, AuditAction.Update) with { Digest = Convert.ToHexStringLower(SHA256.HashData(bytes)) }], cancellation);
    }

    private bool IsRecorded(byte[] statement)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(statement));
        return AuditLog.Read(_data, new AuditQuery()).Any(entry =>
            entry.Json.GetProperty("type").ValueEquals(AuditType.Key) && entry.Json.TryGetProperty("digest", out var found) && found.ValueEquals(digest));
    }

    // Those of former keys first. Of a folder that lost them, as the archive has them.
    private X509Certificate2Collection Known()
    {
        byte[]? pem = SmallFile.Read(_data, AuditFiles.CertificatePath, int.MaxValue);
        if (pem is null)
        {
            var archive = AuditArchive.In(environment.SystemObjects);
            pem = archive.Years(environment.Time.GetUtcNow().Year).LastOrDefault() is { } year ? archive.Read(year, AuditFiles.CertificateName) : null;
        }

        X509Certificate2Collection known = [];
        known.ImportFromPem(pem is null ? "" : Encoding.ASCII.GetString(pem));
        return known;
    }

    // Certificates of earlier keys stay: their signatures are to be verified too.
    private async Task PublishAsync(string certificate, CancellationToken cancellation)
    {
        string known = string.Concat(Known().Select(one => one.ExportCertificatePem() + "\n"));
        if (!known.Contains(certificate, StringComparison.Ordinal) || _data.Find(AuditFiles.CertificatePath) is null)
        {
            await SmallFile.PutAsync(
                _data, AuditFiles.CertificatePath, Encoding.ASCII.GetBytes(known.Contains(certificate, StringComparison.Ordinal) ? known : known + certificate), cancellation);
        }
    }
}
