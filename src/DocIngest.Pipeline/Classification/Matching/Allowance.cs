namespace DocIngest.Pipeline.Classification;

/// <summary>A rule took longer than it may. It is left out for the document at hand.</summary>
internal sealed class OutOfTimeException() : Exception("A rule took longer than it may.");

/// <summary>The time one rule has for one document.</summary>
internal sealed class Allowance(TimeProvider time, TimeSpan limit)
{
    private readonly long _started = time.GetTimestamp();

    /// <exception cref="OutOfTimeException">The time is used up.</exception>
    public void Check()
    {
        if (time.GetElapsedTime(_started) >= limit)
        {
            throw new OutOfTimeException();
        }
    }
}
