using System.Security.Cryptography;

namespace DocIngest.Archive.Validation;

/// <summary>A digest over bytes that come block by block.</summary>
internal abstract class RunningDigest : IDisposable
{
    public abstract void Append(ReadOnlySpan<byte> block);

    /// <summary>The digest, in lower-case hexadecimal (<c>size</c>: decimal digits). Nothing may follow.</summary>
    public abstract string Finish();

    public abstract void Dispose();
}

/// <summary>What the framework computes.</summary>
internal sealed class FrameworkDigest(HashAlgorithmName name) : RunningDigest
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(name);

    public override void Append(ReadOnlySpan<byte> block) => _hash.AppendData(block);

    public override string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public override void Dispose() => _hash.Dispose();
}

/// <summary>The length of the content, which extension 0009 counts among the digests.</summary>
internal sealed class SizeDigest : RunningDigest
{
    private long _sizeBytes;

    public override void Append(ReadOnlySpan<byte> block) => _sizeBytes += block.Length;

    public override string Finish() => _sizeBytes.ToString();

    public override void Dispose()
    {
        // Nothing is held.
    }
}
