namespace DocIngest.Backup.Checks;

/// <summary>Says how far the packs of a repository are verified, and which were found damaged and not looked at since.</summary>
internal static class VerificationAge
{
    /// <summary>A reading from further ahead is one of a clock that was wrong: it says nothing.</summary>
    internal static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(10);

    /// <summary>Adds up, and tells what is too old.</summary>
    internal static VerificationCoverage? Tell(
        VerificationTerms? terms, CheckedIndex index, VerificationRecorder recorder, DateTimeOffset now, FindingList findings)
    {
        if (terms is null)
            return null;
        var readNow = recorder.Added.ToDictionary(verification => verification.Pack);
        long inTime = 0, tooOld = 0;
        DateTimeOffset? oldest = null;
        for (int number = 0; number < index.PackCount; number++)
        {
            var pack = index.Blobs.Pack(number);
            if (!readNow.TryGetValue(pack, out var last) && !recorder.Known.TryGetValue(pack, out last))
                continue;
            if (!last.IsSound)
            {
                if (!readNow.ContainsKey(pack))
                    TellDamaged(last, findings);
                continue;
            }

            if (last.Time > now + ClocksDiffer)
                continue;
            if (now - last.Time <= terms.MaxAge)
                inTime++;
            else
                tooOld++;
            oldest = oldest < last.Time ? oldest : last.Time;
        }

        var coverage = new VerificationCoverage(inTime, tooOld, index.PackCount - inTime - tooOld, oldest);
        TellAge(coverage, terms.MaxAge, findings);
        return coverage;
    }

    private static void TellDamaged(PackVerification last, FindingList findings) => findings.Add(
        new CheckFinding(FindingRules.FoundDamaged, $"Pack {last.Pack}: it was read {last.Time:yyyy-MM-dd}.") { Kind = FileKind.Pack, File = last.Pack });

    private static void TellAge(VerificationCoverage coverage, TimeSpan maxAge, FindingList findings)
    {
        if (coverage.TooOld + coverage.Never == 0)
            return;
        string oldest = coverage.Oldest is { } time ? $" The oldest of the others was read {time:yyyy-MM-dd}." : "";
        findings.Add(new CheckFinding(
            FindingRules.NotVerifiedInTime,
            $"Of {coverage.Packs} packs {coverage.Never} were never read and found sound, {coverage.TooOld} more than {maxAge.TotalDays:0.#} days ago.{oldest}"));
    }
}
