using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit.Signing;

/// <summary>Lets another key sign the days of the audit, handed over by the one before it.</summary>
/// <param name="environment">What it works with.</param>
public sealed class AuditKeyRotation(IngestEnvironment environment)
{
    /// <summary>Rotates. What a crash has stopped before is only brought to its end.</summary>
    /// <returns>The SHA-256 of the certificate that is in force now; whether it had been begun before.</returns>
    /// <exception cref="LockHeldException">Another process is closing days. Nothing changed.</exception>
    /// <exception cref="StorageException">The surroundings fail, or this account may not read the key. The same call goes on.</exception>
    /// <exception cref="CryptographicException">What stands in the place of the key is none. Nothing changed.</exception>
    public Task<(string Fingerprint, bool WasBegun)> RunAsync(CancellationToken cancellation) => new DayClosing(environment).RotateAsync(cancellation);
}
