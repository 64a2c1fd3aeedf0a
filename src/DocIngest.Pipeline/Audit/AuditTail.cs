namespace DocIngest.Pipeline.Audit;

/// <summary>The last line of the chain.</summary>
/// <param name="Day">The segment that it is in; null where there is no line.</param>
/// <param name="End">Where in it the next line belongs.</param>
/// <param name="Seq">Its number; 0 where there is none.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Time">When it was recorded.</param>
/// <param name="Outbox">The last of the ledger's outbox that the chain has.</param>
internal sealed record AuditTail(DateOnly? Day, long End, long Seq, AuditHash Hash, DateTimeOffset Time, long Outbox)
{
    /// <summary>Where no line was ever written.</summary>
    public static AuditTail Genesis { get; } = new(null, 0, 0, AuditHash.Genesis, DateTimeOffset.MinValue, 0);

    /// <summary>With a line behind it.</summary>
    public AuditTail After(AuditLine line, DateOnly day, long end) =>
        new(day, end, line.Seq, line.Hash, line.Time, line.Outbox ?? Outbox);
}

/// <summary>What was found where the chain ends.</summary>
/// <param name="Tail">Its last line.</param>
/// <param name="Newest">The newest segment by name: no line goes to an older one.</param>
/// <param name="Breaks">What must be recorded before anything else.</param>
internal sealed record FoundTail(AuditTail Tail, DateOnly? Newest, IReadOnlyList<AuditBreak> Breaks);
