using DocIngest.Assurance.Population;
using DocIngest.Pipeline.Verification;

namespace DocIngest.Assurance.Verifications;

/// <summary>An object that must be in the archive.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Expected">What the audit says of a record; null for an object that is none.</param>
/// <param name="Last">When it was read last; null where it never was.</param>
internal sealed record KnownObject(string Id, ExpectedRecord? Expected, ObjectVerification? Last)
{
    /// <summary>When it was read whole last, as it is now; null where it never was, has a version since, or was damaged.</summary>
    public DateTimeOffset? ReadAt => Last is { IsSound: true } last && last.Head >= (Expected?.Version ?? 0) && last.Time > DateTimeOffset.UnixEpoch ? last.Time : null;

    /// <summary>Whether its last reading found damage.</summary>
    public bool WasDamaged => Last is { IsSound: false } last && last.Time > DateTimeOffset.UnixEpoch;

    /// <summary>From when on its time counts: the last reading, or the making of what was never read.</summary>
    public DateTimeOffset? Since => ReadAt ?? Expected?.Since;

    /// <summary>Whether it was read in time, or is younger than that.</summary>
    public bool IsInTime(DateTimeOffset now, TimeSpan within) => Since is { } since && now - since <= within;
}
