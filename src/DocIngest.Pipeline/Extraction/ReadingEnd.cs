namespace DocIngest.Pipeline.Extraction;

/// <summary>How one try at one document ended. Closed: only the cases below exist.</summary>
internal abstract record ReadingEnd
{
    private ReadingEnd()
    {
    }

    /// <summary>Whether a fresh worker may do better.</summary>
    public virtual bool DeservesRetry => false;

    /// <summary>How an end that deserves a retry is put in a log.</summary>
    public string ToWords() => this switch
    {
        TimedOut timedOut => timedOut.Grant.ToString(),
        Crashed crashed => crashed.Cause,
        Excess => "it sent more than it was allowed to",
        Answered { Result.Fate: ReadingFate.Unopened } => "the worker could not open it",
        Answered => "out of memory",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The worker answered to the end.</summary>
    internal sealed record Answered(WorkerResult Result) : ReadingEnd
    {
        // A worker that has read thousands of documents has less room than a fresh one, and may have been captured by one.
        public override bool DeservesRetry => Result.Fate is ReadingFate.OutOfMemory or ReadingFate.Unopened;
    }

    /// <summary>The worker died, or said what no worker of ours says.</summary>
    /// <param name="Cause">In plain words, made by us.</param>
    internal sealed record Crashed(string Cause) : ReadingEnd
    {
        public override bool DeservesRetry => true;
    }

    /// <summary>A time limit was reached.</summary>
    internal sealed record TimedOut(TimeGrant Grant) : ReadingEnd
    {
        public override bool DeservesRetry => true;
    }

    /// <summary>The worker sent more pages or text than it was allowed to.</summary>
    internal sealed record Excess(ReadingFate Fate) : ReadingEnd;
}
