using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>Keeps account of a group: every scan leaves filing exactly once.</summary>
internal sealed class GroupInFiling(IReadOnlyList<ScanInHand> scans)
{
    private readonly HashSet<ScanInHand> _open = [.. scans];
    private readonly List<FiledScan> _closed = [];
    private readonly List<ScanInHand> _waiting = [];
    private readonly List<ScanInHand> _toCollate = [];
    private readonly List<(ScanInHand, Exception)> _failed = [];

    /// <exception cref="InvalidOperationException">A scan was forgotten.</exception>
    public FilingResult Result => _open.Count == 0
        ? new FilingResult(_closed, _waiting, _toCollate, _failed)
        : throw new InvalidOperationException($"{_open.Count} scans left filing without an outcome.");

    public void Close(FiledScan filed)
    {
        Leave(filed.Scan);
        _closed.Add(filed);
    }

    public void Wait(ScanInHand scan)
    {
        Leave(scan);
        _waiting.Add(scan);
    }

    public void Collate(ScanInHand scan)
    {
        Leave(scan);
        _toCollate.Add(scan);
    }

    public void Fail(ScanInHand scan, Exception error)
    {
        Leave(scan);
        _failed.Add((scan, error));
    }

    /// <summary>The surroundings failed for all that have no outcome yet.</summary>
    public void FailRest(Exception error)
    {
        foreach (var scan in _open.ToList())
        {
            Fail(scan, error);
        }
    }

    private void Leave(ScanInHand scan)
    {
        if (!_open.Remove(scan))
        {
            throw new InvalidOperationException("A scan left filing twice.");
        }
    }
}
