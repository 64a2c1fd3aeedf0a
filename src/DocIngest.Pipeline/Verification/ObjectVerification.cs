namespace DocIngest.Pipeline.Verification;

/// <summary>An object of the archive was read whole.</summary>
/// <param name="Object">Its id.</param>
/// <param name="Time">When; <see cref="DateTimeOffset.UnixEpoch"/> for one that is known, and was never read.</param>
/// <param name="Head">Its highest version then.</param>
/// <param name="IsSound">Whether everything in it was as it must be.</param>
public sealed record ObjectVerification(string Object, DateTimeOffset Time, int Head, bool IsSound);
