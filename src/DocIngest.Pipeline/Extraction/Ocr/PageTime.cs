namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>How long a page takes here, learnt from the pages read so far.</summary>
internal sealed class PageTime
{
    // Until the first page has been read. A dense page of 300 DPI takes two seconds on a core of 2020.
    private static readonly TimeSpan Assumed = TimeSpan.FromSeconds(2.5);
    private const double WeightOfNew = 0.1;
    private const double LongestSample = 4;   // one hostile document must not make all others seem long

    private readonly Lock _gate = new();
    private double _seconds = Assumed.TotalSeconds;   // under _gate

    /// <summary>Learns from a group of pages that one worker has read.</summary>
    public void Note(TimeSpan elapsed, int pages)
    {
        lock (_gate)
        {
            _seconds += WeightOfNew * (Math.Min(elapsed.TotalSeconds / pages, LongestSample * Assumed.TotalSeconds) - _seconds);
        }
    }

    /// <summary>How long a document takes when it has all workers.</summary>
    public TimeSpan Estimate(int pages, int workers)
    {
        lock (_gate)
        {
            return TimeSpan.FromSeconds(pages * _seconds / workers);
        }
    }
}
