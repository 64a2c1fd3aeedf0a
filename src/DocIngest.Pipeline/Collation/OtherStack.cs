using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Collation;

/// <summary>The archived stack that a scan is put together with.</summary>
/// <param name="Record">Its record.</param>
/// <param name="Version">The record's head: the scan is filed only if it still is.</param>
/// <param name="Stack">The stack.</param>
/// <param name="SidecarJson">Its sidecar as it came; null where there is none.</param>
/// <param name="KeyFromName">The document key in its file name; null where there is none.</param>
internal sealed record OtherStack(RecordDocument Record, int Version, DuplexStack Stack, string? SidecarJson, string? KeyFromName)
{
    /// <summary>What its sidecar says.</summary>
    public Sidecar? Sidecar { get; } = SidecarJson is null ? null : Sidecar.Read(SidecarJson).Sidecar;

    /// <summary>The digest that stands for it and the scan.</summary>
    public Sha512Digest With(StackSide side, Sha512Digest digest) =>
        side == StackSide.Fronts ? DuplexAccount.Both(digest, new(Stack.Sha512)) : DuplexAccount.Both(new(Stack.Sha512), digest);
}
