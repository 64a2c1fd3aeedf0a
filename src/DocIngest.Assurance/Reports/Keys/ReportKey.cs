using System.Globalization;
using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Signatures;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Assurance.Reports;

/// <summary>The key that signs reports, and how another takes its place: never unseen.</summary>
/// <remarks>
/// <para>Rotating, under the lock <c>report-key</c>, and what a crash after each step leaves: 1 the new key stands in <c>keys/</c> under another name (the next rotation uses it);
/// 2 an entry of the audit (without 3 it says that one was tried); 3 its statement is in the archive, signed by the key in force: from here on the new one is, and whoever needs a key
/// does the rest first; 4 it has its name, and the former is gone.</para>
/// <para>A key that has no statement was drawn because the former is gone: that is announced likewise, but for the signature of the former.</para>
/// </remarks>
/// <param name="objects">The archive's objects that are no records.</param>
/// <param name="data">The data folder, which holds the chain.</param>
/// <param name="openKeys">Opens the folder of the service's keys.</param>
/// <param name="audit">The chain.</param>
/// <param name="locks">Locks of the data folder.</param>
/// <param name="time">The clock.</param>
public sealed class ReportKey(SystemObjectStore objects, IDurableFolder data, Func<IDurableFolder> openKeys, AuditTrail audit, INamedLocks locks, TimeProvider time)
{
    private const string LockName = "report-key";
    private const string Message = "Key of reports changed";
    private const int LargestStatementBytes = 64 * 1024;

    private static readonly SystemObjectName Name = new("report-signer");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);   // whoever has it writes a few small files

    /// <summary>The object that has the statements.</summary>
    public static string ObjectId => Name.ObjectId;

    /// <summary>Opens the key in force; draws the first.</summary>
    /// <exception cref="StorageException">It cannot be read or written; this account may not. A retry goes on.</exception>
    /// <exception cref="CryptographicException">What stands in its place is no key.</exception>
    /// <exception cref="DamagedObjectException">The statements cannot be read. Do not retry.</exception>
    public async Task<ServiceReportSigner> OpenAsync(CancellationToken cancellation)
    {
        using var held = await locks.AcquireAsync(LockName, Patience, cancellation);
        return await OpenHeldAsync(openKeys(), cancellation);
    }

    /// <summary>Puts another key in the place of this one, by its signature. What a crash has stopped before is only brought to its end.</summary>
    /// <returns>The statement of the key in force now.</returns>
    /// <inheritdoc cref="OpenAsync" path="/exception" />
    public async Task<KeyStatement> RotateAsync(CancellationToken cancellation)
    {
        using var held = await locks.AcquireAsync(LockName, Patience, cancellation);
        var keys = openKeys();
        bool wasBegun = await FinishAsync(keys, cancellation);
        using var current = await OpenHeldAsync(keys, cancellation);
        if (wasBegun)
        {
            return Statements()[^1];
        }

        using var next = await ServiceReportSigner.OpenOrCreateAsync(keys, ServiceKey.NextReports, time, cancellation);   // 1
        var statement = await StateAsync(KeyStatement.Rotated, next.CertificatePem, current, cancellation);               // 2, 3
        await InstallAsync(keys);                                                                                         // 4
        return statement;
    }

    /// <summary>All statements, oldest first.</summary>
    /// <inheritdoc cref="OpenAsync" path="/exception" />
    public IReadOnlyList<KeyStatement> Statements()
    {
        var statements = new List<KeyStatement>();
        var found = objects.Find(Name);
        for (int number = 1; found?.FindFile(found.Head, FileOf(number)) is not null; number++)
        {
            statements.Add(Read(found, number));
        }

        return statements;
    }

    /// <summary>The bytes of a statement and their signature, as an auditor verifies them; null where there is none of this number.</summary>
    public (byte[] Statement, byte[] Signature)? FilesOf(int number)
    {
        if (objects.Find(Name) is not { } found || found.FindFile(found.Head, FileOf(number)) is null)
        {
            return null;
        }

        return (ReadAll(found, FileOf(number)), ReadAll(found, SignatureOf(number)));
    }

    private async Task<ServiceReportSigner> OpenHeldAsync(IDurableFolder keys, CancellationToken cancellation)
    {
        await FinishAsync(keys, cancellation);
        var signer = await ServiceReportSigner.OpenOrCreateAsync(keys, ServiceKey.Reports, time, cancellation);
        try
        {
            var known = Statements();
            if (known.Count == 0 || known[^1].Sha256 != SignedReport.FingerprintOf(signer.CertificatePem))
            {
                await StateAsync(known.Count == 0 && !HadOne() ? KeyStatement.First : KeyStatement.Announced, signer.CertificatePem, signer, cancellation);
            }

            return signer;
        }
        catch
        {
            signer.Dispose();
            throw;
        }
    }

    // The statements may be what was lost.
    private bool HadOne() => AuditLog.Last(data, static entry => entry.Json.GetProperty("type").ValueEquals(AuditType.ReportKey)) is not null;

    // Where its statement is in the archive, the new key is in force.
    private async Task<bool> FinishAsync(IDurableFolder keys, CancellationToken cancellation)
    {
        if (keys.Find(ServiceKey.NextReports.File) is null)
        {
            return false;
        }

        using var next = await ServiceReportSigner.OpenOrCreateAsync(keys, ServiceKey.NextReports, time, cancellation);
        if (Statements() is not [.., var last] || last.Sha256 != SignedReport.FingerprintOf(next.CertificatePem))
        {
            return false;
        }

        await InstallAsync(keys);
        return true;
    }

    private static async Task InstallAsync(IDurableFolder keys)
    {
        keys.Replace(ServiceKey.NextReports.File, ServiceKey.Reports.File);
        await keys.FlushAsync(CancellationToken.None);
    }

    private async Task<KeyStatement> StateAsync(string way, string certificate, ServiceReportSigner by, CancellationToken cancellation)
    {
        var known = Statements();
        var statement = new KeyStatement(
            known.Count + 1, way, certificate, SignedReport.FingerprintOf(certificate), known.Count == 0 ? null : known[^1].Sha256, time.GetUtcNow());
        byte[] bytes = statement.ToBytes();
        await audit.AppendAsync(
            [audit.Origin.Event(AuditType.ReportKey, way, AuditAction.Update) with { Digest = Convert.ToHexStringLower(SHA256.HashData(bytes)) }], cancellation);
        await objects.ChangeAsync(
            Name,
            _ => new SystemObjectChange(
                Message,
                new Dictionary<string, ReadOnlyMemory<byte>>
                {
                    [FileOf(statement.Number)] = bytes, [SignatureOf(statement.Number)] = by.Sign(bytes, statement.Time),
                }),
            cancellation);
        return statement;
    }

    private KeyStatement Read(OcflObject found, int number) => objects.ReadJson(
        found, FileOf(number), KeyStatementJson.Instance.KeyStatement, LargestStatementBytes, static read => read.Format == KeyStatement.CurrentFormat);

    private byte[] ReadAll(OcflObject found, string path)
    {
        using var file = objects.Open(found, path);
        using var bytes = new MemoryStream();
        if (file is { Length: <= LargestStatementBytes })
        {
            file.CopyTo(bytes);
        }

        return bytes.ToArray();
    }

    private static string FileOf(int number) => string.Create(CultureInfo.InvariantCulture, $"key-{number}.json");

    private static string SignatureOf(int number) => FileOf(number) + ".p7s";
}
