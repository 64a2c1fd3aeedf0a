using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>The volumes one folder object has written to: its own, and any mounted below it.</summary>
/// <param name="volumeOf">The volume of that number, which this open folder is on.</param>
internal sealed class ChangedVolumes(Func<VolumeId, SafeFileHandle, LocalVolume> volumeOf)
{
    private ImmutableDictionary<VolumeId, Known> _known = ImmutableDictionary<VolumeId, Known>.Empty;
    private long _reported;

    /// <summary>The volume a folder is on. To be called before a change is made there.</summary>
    internal LocalVolume Before(VolumeId id, SafeFileHandle folder)
    {
        if (_known.TryGetValue(id, out var known))
            return known.Volume;
        var volume = volumeOf(id, folder);
        return ImmutableInterlocked.GetOrAdd(ref _known, id, new Known(volume, volume.Flusher.FailedFlushes)).Volume;
    }

    internal FlushMark Mark() => new(_known.Values.Sum(known => known.Volume.Flusher.FailedFlushes - known.FailedBefore));

    /// <summary>Flushes all of them; fails if any flush failed since the last failure this object reported.</summary>
    internal async Task FlushAsync(CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(new FlushMark(Volatile.Read(ref _reported)), cancellation);
        }
        catch (FlushFailedException)
        {
            Volatile.Write(ref _reported, Mark().FailedFlushes);
            throw;
        }
    }

    internal async Task FlushAsync(FlushMark since, CancellationToken cancellation)
    {
        var known = _known.Values.ToArray();
        if (known.Length == 1)
            await known[0].Volume.Flusher.FlushAsync(cancellation);
        else
            await Task.WhenAll(known.Select(one => one.Volume.Flusher.FlushAsync(cancellation)));

        if (Mark() != since)
            throw known[0].Volume.Flusher.Failure();
    }

    private sealed record Known(LocalVolume Volume, long FailedBefore);
}
