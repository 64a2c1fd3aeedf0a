using System.Collections.Concurrent;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline;

/// <summary>
/// Counts the scans between being handed over and their end, and holds back new ones while too many of their profile are inside:
/// those of a share that does not answer must leave places for others.
/// </summary>
internal sealed class ScansInside
{
    // Scans in all stages, those that wait for a retry too: 50,000 dropped files must not become 50,000 open claims.
    private const int MaxOfProfile = 8 * IngestOptions.GroupSize;

    private readonly Action _whenNoneIsLeft;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _places = new(StringComparer.Ordinal);   // by profile
    private readonly ConcurrentDictionary<string, byte> _sources = new(StringComparer.Ordinal);   // claimed here, not ended
    private int _inside;
    private volatile bool _inputComplete;

    /// <param name="whenNoneIsLeft">Called when the input is complete and the last scan has left; safe to be called twice.</param>
    public ScansInside(Action whenNoneIsLeft) => _whenNoneIsLeft = whenNoneIsLeft;

    /// <summary>Takes a place of a profile. Waits while there is none.</summary>
    public async Task EnterAsync(string profile, CancellationToken cancellation)
    {
        await PlacesOf(profile).WaitAsync(cancellation);
        Interlocked.Increment(ref _inside);
    }

    /// <summary>Lets in an open claim of a process that died. It needs no place: younger claims inside may be waiting for it.</summary>
    public void EnterWithoutPlace(ScanInHand scan)
    {
        Interlocked.Increment(ref _inside);
        scan.HasNoPlace = true;
        NoteClaimed(scan);
    }

    public void NoteClaimed(ScanInHand scan) => _sources[scan.Claim.SourcePath] = 0;

    /// <summary>Whether a scan inside was claimed from this path.</summary>
    public bool HoldsClaimOn(string sourcePath) => _sources.ContainsKey(sourcePath);

    /// <summary>A claimed scan has ended.</summary>
    public void Leave(ScanInHand scan)
    {
        _sources.TryRemove(scan.Claim.SourcePath, out _);
        Leave(scan.HasNoPlace ? null : scan.Claim.Profile);
    }

    /// <summary>A settled file of a profile has ended that was never claimed here.</summary>
    public void LeaveUnclaimed(string profile) => Leave(profile);

    /// <summary>Nothing more comes in.</summary>
    public void CompleteInput()
    {
        _inputComplete = true;
        TellIfNoneIsLeft();
    }

    private SemaphoreSlim PlacesOf(string profile) => _places.GetOrAdd(profile, static _ => new SemaphoreSlim(MaxOfProfile, MaxOfProfile));

    private void Leave(string? placeOf)
    {
        if (placeOf is not null)
        {
            PlacesOf(placeOf).Release();
        }

        if (Interlocked.Decrement(ref _inside) == 0)
        {
            TellIfNoneIsLeft();
        }
    }

    private void TellIfNoneIsLeft()
    {
        if (_inputComplete && Volatile.Read(ref _inside) == 0)
        {
            _whenNoneIsLeft();
        }
    }
}
