using System.Diagnostics;
using DocIngest.Archive;

namespace DocIngest.Pipeline.Filing;

/// <summary>What filing and revisions ask of a commit.</summary>
internal static class CommitResultExtensions
{
    /// <summary>Why the version is not in the archive, or not surely; null where it is.</summary>
    public static Exception? Error(this CommitResult result) => result switch
    {
        CommitResult.Committed or CommitResult.AlreadyCommitted => null,
        CommitResult.Refused refused => refused.Reason,
        CommitResult.Failed failed => failed.Error,
        _ => throw new UnreachableException(),
    };
}
