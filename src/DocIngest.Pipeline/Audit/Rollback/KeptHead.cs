namespace DocIngest.Pipeline.Audit.Rollback;

/// <summary>How far a chain had come, as it is kept where a rollback of the machine does not reach: from then on the chain must have this line.</summary>
/// <param name="Chain">Which chain: the hash of its first line.</param>
/// <param name="Seq">The number of the line.</param>
/// <param name="Hash">Its hash.</param>
public sealed record KeptHead(AuditHash Chain, long Seq, AuditHash Hash);

/// <summary>What is kept of a data folder's chain in one place.</summary>
/// <param name="Place">Its name for people, without secrets.</param>
/// <param name="Heads">The newest, and the one of the highest number; none where nothing was ever kept there.</param>
public sealed record KeptHeads(string Place, IReadOnlyList<KeptHead> Heads);
