namespace DocIngest.Pipeline.Disposition.Forgetting;

/// <summary>What forgetting some records came to.</summary>
/// <param name="Scans">Scans of the ledger that tell nothing of them any more.</param>
/// <param name="UntoldProfiles">Profiles whose feedback folder did not answer: its receipts name the files still. Repeat once it is back.</param>
public sealed record ForgettingResult(int Scans, IReadOnlyList<string> UntoldProfiles)
{
    /// <summary>Whether nothing is left to repeat.</summary>
    public bool IsComplete => UntoldProfiles.Count == 0;
}

/// <summary>What scouring the database came to.</summary>
public enum ScouringResult
{
    /// <summary>Nothing that was forgotten stands in the database's files any more.</summary>
    Clean,

    /// <summary>A catalog rebuild runs, or is being swept away: its former tables may hold what was forgotten. Nothing was done; scour again after it.</summary>
    RebuildRuns,

    /// <summary>The database is clean; somebody reads for so long that its log could not be emptied. Scour again.</summary>
    LogInUse,
}
