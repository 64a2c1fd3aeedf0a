using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Checks;

/// <summary>Looks at all key files, not only the one that opened the repository: one bad one locks everybody out of restic.</summary>
internal sealed class KeyCheck(Repository repository, FindingList findings)
{
    /// <summary>Key files; sound is one that its password opens, as far as can be told without it.</summary>
    internal Tally Files { get; private set; }

    internal async Task RunAsync(CancellationToken cancellation)
    {
        var faults = new FileFaults(repository, findings);
        long sound = 0, damaged = 0;
        await foreach (var listed in new KeyRing(repository.Store).ListAsync(cancellation))
        {
            if (listed.Fault is not { } fault)
                sound++;
            else if (await faults.TellAsync(FileKind.Key, listed.Id, FindingRules.KeyUnreadable, fault, cancellation))
                damaged++;
        }

        Files = new Tally(sound, damaged);
        if (Files.Total == 0)
            findings.Add(new CheckFinding(FindingRules.NoKey, "The folder keys is empty.") { Kind = FileKind.Key });
        if (Files.Total > KeyRing.MostKeys)
            findings.Add(new CheckFinding(FindingRules.TooManyKeys, $"There are {Files.Total}; restic tries {KeyRing.MostKeys}.") { Kind = FileKind.Key });
    }
}
